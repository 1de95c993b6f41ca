"""A target that is away for long: another one of its rule stands in for it, by settings and chores."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from earwitness import wiring
from earwitness.archiving import Archiving
from earwitness.keeping.duties import Duties
from earwitness.sources import load
from storage.catalogue import Condition
from storage.copies.placement import LONG
from tests.storage.handoffs import a_call, hand_off

FIRST, SECOND, THIRD = names = ("first", "second", "third")
MINUTE = timedelta(minutes=1)


class Place:
    """Three folders that calls may go to, and one copy of each call."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        targets = "".join(
            f'[[targets]]\nkind = "local"\nname = "{name}"\nfolder = "{folder}/{name}"\n' for name in names
        )
        file = folder / "earwitness.toml"
        file.write_text(
            f'data = "{folder}/data"\n{targets}[[placement]]\nto = ["first", "second", "third"]\ncopies = 1\n'
        )
        self.settings = load(file, {}).settings
        self.settings.folders.make()
        self.catalogue = wiring.catalogue(self.settings)
        self.now = datetime.now(UTC).replace(microsecond=0)
        self.start()

    def start(self) -> None:
        """As `serve` does."""
        targets = wiring.targets(self.settings, self.catalogue)
        self.duties = Duties(self.settings, self.catalogue, targets, lambda: False, lambda: self.now)
        self.chores = {chore.name: chore for chore in self.duties.chores()}

    def record(self, *numbers: int) -> set[str]:
        for number in numbers:
            hand_off(self.settings.folders.handoff, number)
        with Archiving(self.settings) as archiving:
            list(archiving.take())
        return {a_call(number).id for number in numbers}

    def work(self) -> list[str]:
        """Each chore of copies once, where it is wanted; which were."""
        wanted = [*(f"look at {name}" for name in names), "backlog", "stand in"]
        done = [name for name in (*wanted, *(f"copy to {name}" for name in names)) if self._do(name)]
        self._do("alarms")
        return done

    def _do(self, name: str) -> bool:
        chore = self.chores[name]
        if wanted := chore.wanted():
            chore.work()
        return wanted

    def goes(self, name: str) -> None:
        (self.folder / name).rename(self.folder / f"{name} away")

    def comes_back(self, name: str) -> None:
        (self.folder / f"{name} away").rename(self.folder / name)

    def held(self, name: str) -> set[str]:
        return {path.stem for path in (self.folder / name).rglob("*.opus")}

    def backlog(self, name: str) -> int:
        waiting = self.catalogue.copy_tasks.waiting(self.now).get(name)
        return waiting.calls if waiting else 0


@pytest.fixture
def place(tmp_path: Path):
    made = Place(tmp_path)
    yield made
    made.catalogue.close()


def test_the_next_target_gets_what_waits_for_the_first_until_it_is_back(place: Place) -> None:
    before = place.record(1, 2)
    place.work()
    assert (place.held(FIRST), place.held(SECOND)) == (before, set())
    place.goes(FIRST)
    waiting = place.record(3, 4)
    place.work()
    place.now += LONG
    place.work()
    assert place.catalogue.target_states.get(FIRST).state is Condition.ABSENT
    assert (place.held(SECOND), place.backlog(FIRST)) == (set(), 2)
    place.now += MINUTE
    assert "stand in" in place.work()
    assert place.held(SECOND) == waiting
    later = place.record(5)
    assert "stand in" not in place.work()
    assert (place.held(SECOND), place.backlog(FIRST)) == (waiting | later, 3)
    place.comes_back(FIRST)
    place.work()
    assert place.held(FIRST) == before | waiting | later
    assert place.held(SECOND) == waiting | later
    last = place.record(6)
    place.work()
    assert last < place.held(FIRST)
    assert last.isdisjoint(place.held(SECOND))
    assert place.held(THIRD) == set()
    assert [place.backlog(name) for name in names] == [0, 0, 0]


def test_where_the_next_one_is_away_too_it_is_the_one_after_that(place: Place) -> None:
    place.record(1)
    place.work()
    place.goes(FIRST)
    waiting = place.record(2)
    place.work()
    place.now += LONG - MINUTE
    place.goes(SECOND)
    (place.folder / SECOND).write_text("in the way")
    place.start()
    place.work()
    place.now += 2 * MINUTE
    place.work()
    assert (place.held(THIRD), place.backlog(SECOND)) == (set(), 1)
    place.now += LONG
    place.work()
    assert (place.held(THIRD), place.backlog(SECOND)) == (waiting, 0)


def test_what_the_next_one_has_not_got_yet_when_the_first_is_back_it_needs_not(place: Place) -> None:
    place.record(1)
    place.work()
    place.goes(FIRST)
    waiting = place.record(2)
    place.work()
    place.now += LONG + MINUTE
    for name in ("look at first", "backlog", "stand in"):
        place.chores[name].work()
    assert place.backlog(SECOND) == 1
    place.comes_back(FIRST)
    place.chores["look at first"].work()
    assert place.chores["stand in"].wanted()
    place.chores["stand in"].work()
    assert place.backlog(SECOND) == 0
    place.work()
    assert waiting < place.held(FIRST)
    assert (place.held(SECOND), place.backlog(SECOND)) == (set(), 0)


def test_standing_in_goes_on_after_a_restart_and_is_done_once(place: Place) -> None:
    place.record(1)
    place.work()
    place.goes(FIRST)
    waiting = place.record(2, 3)
    place.work()
    place.now += LONG + MINUTE
    place.start()
    assert "stand in" in place.work()
    place.start()
    place.chores["stand in"].work()
    assert place.backlog(SECOND) == 0
    assert place.held(SECOND) == waiting
