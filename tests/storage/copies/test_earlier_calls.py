"""Calls that came in elsewhere before go to where calls come in now."""

import pytest

from storage.catalogue import Catalogue
from storage.copies.backlog import Backlog
from storage.copies.copier import Copier
from storage.copies.placement import Placement
from storage.targets import MemoryTarget
from tests.storage.copies.centre import Centre, replaced

NEW = "server"
PLACEMENT = Placement((NEW,))


class Moved(Centre):
    """Calls came in at ``centre.HOME`` so far; from now on they do at ``NEW``."""

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__(catalogue, {NEW: MemoryTarget()})

    def fill(self, *names: str) -> None:
        backlog = Backlog(self.catalogue, PLACEMENT, NEW)
        while backlog.fill(NEW, self.now, page=2):
            pass

    def copier(self) -> Copier:
        return Copier(self.catalogue, self.targets, PLACEMENT, NEW, lambda: self.now)

    def waiting(self) -> int:
        self.fill()
        found = self.catalogue.copy_tasks.waiting(self.now).get(NEW)
        return found.calls if found else 0


@pytest.fixture
def moved(catalogue):
    return Moved(catalogue)


def test_the_new_primary_gets_the_older_calls_and_keeps_up(moved):
    moved.archive(*range(5))
    assert moved.waiting() == 5
    first = moved.copy(NEW, limit=2)
    assert len(first.copied) == 2, "and somebody else goes on"
    moved.copy_all(NEW)
    moved.check(NEW)
    assert (moved.waiting(), moved.copy(NEW).taken) == (0, 0)


def test_what_came_in_there_or_moved_off_there_for_want_of_room_is_not_fetched_back(moved):
    moved.archive(*range(3))
    moved.copy_all(NEW)
    (gone, _, _) = moved.catalogue.calls.page(limit=3)
    left = [copy for copy in gone.copies if copy.target == NEW and not copy.name.endswith(".opus")]
    moved.catalogue.calls.revise(gone.call, NEW, left)
    assert moved.waiting() == 0


def test_a_call_of_which_the_new_primary_has_an_earlier_recording_comes_anew(moved):
    ids = moved.archive(0)
    moved.copy_all(NEW)
    replaced(moved, ids[0], b"what was opened later")
    assert moved.waiting() == 1
    moved.copy_all(NEW)
    moved.check(NEW)
