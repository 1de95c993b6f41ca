"""Wrapping keys anew while calls are copied and erased, and after installations where that went wrong."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from storage.catalogue import Catalogue, Copy, Held
from storage.catalogue.copy_checks import Condition
from storage.catalogue.key_changes import GRACE
from storage.copies.backlog import Backlog
from storage.copies.copier import Copier
from storage.copies.placement import Placement
from storage.encryption.keyring import KeyMaker, KeyOpener
from storage.encryption.rotation import Rotation
from storage.encryption.wrapping import read_document
from storage.errors import TargetError
from storage.intake import Intake
from storage.retention.deletion import Deletion
from storage.retention.removing import remove_pending
from storage.targets import MemoryTarget
from storage.targets.contract import read_back
from tests.storage.encryption.keys import a_keyring, a_master
from tests.storage.handoffs import hand_off
from tests.storage.sealers import a_sealer
from tests.storage.targets.contract import content

FIRST, SECOND = a_master(1), a_master(2)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PLACEMENT = Placement(("disk",))


class Killed(BaseException):
    """Stands for the end of the process: nothing cleans up behind it."""


class Hooked(MemoryTarget):
    """A target on which something happens before each blob, or after it."""

    def __init__(self):
        super().__init__()
        self.before = self.after = lambda name: None

    def put(self, name, source):
        self.before(name)
        kept = super().put(name, source)
        self.after(name)
        return kept


@dataclass
class Centre:
    """Encrypted calls with copies ``at home`` and, once they are copied, on the disk."""

    catalogue: Catalogue
    targets: dict[str, Hooked]
    ids: list[str]

    def rotation(self, master=SECOND) -> Rotation:
        return Rotation(
            self.catalogue, self.targets, KeyOpener([FIRST, SECOND]), KeyMaker(master), lambda: NOW
        )

    def copy(self) -> None:
        backlog = Backlog(self.catalogue, PLACEMENT, "home")
        while backlog.fill("disk", NOW):
            pass
        self.catalogue.copy_tasks.hurry("disk", NOW)
        Copier(self.catalogue, self.targets, PLACEMENT, "home", lambda: NOW).batch("disk")

    def erase(self, call_id) -> None:
        Deletion(self.catalogue).again({call_id: "erasure: asked for"}, by="ben", now=NOW)

    def remove(self, now=NOW) -> None:
        remove_pending(self.catalogue, self.targets, now=now)

    def keys(self, target) -> dict[str, str]:
        """The documents of the keys that lie there, by call."""
        blob = self.targets[target]
        names = [one.name for one in blob.list() if one.name.endswith(".key")]
        return {name.split("/")[-1][:-4]: content(blob, name).decode() for name in names}

    def settled(self, master=SECOND) -> None:
        """Every key of every call that is there is the catalogue's, which the master key alone opens, and of
        other calls there is none."""
        alive = {found.call.id: found for found in self.catalogue.calls.page()}
        rows = self.catalogue.keys.of_calls(list(alive))
        for name in self.targets:
            assert self.keys(name) == {
                call_id: row.document
                for call_id, row in rows.items()
                if any(copy.target == name for copy in alive[call_id].copies)
            }
        for row in rows.values():
            assert row.master == master.id
            assert KeyOpener([master]).open(read_document(row.document))


@pytest.fixture
def centre(catalogue, tmp_path) -> Centre:
    ids = sorted(hand_off(tmp_path / "handoff", number).id for number in range(4))
    targets = {"home": Hooked(), "disk": Hooked()}
    keys = a_keyring(catalogue)
    assert Intake(tmp_path / "handoff", targets["home"], catalogue, "home", a_sealer(), keys).run_once() == 4
    return Centre(catalogue, targets, ids)


def test_what_is_copied_while_the_keys_are_wrapped_is_wrapped_too(centre):
    running = centre.rotation().run()
    next(running)
    centre.copy()
    assert [item.reason for item in running] == [""] * 3
    assert centre.rotation().pending() == 0
    assert len(centre.keys("disk")) == 4
    centre.settled()


@pytest.mark.parametrize("moment", ["before", "after"])
def test_what_is_copied_while_its_key_is_put_is_wrapped_too(centre, moment):
    def copied(name):
        if name.endswith(".key"):
            setattr(centre.targets["home"], moment, lambda _: None)
            centre.copy()

    setattr(centre.targets["home"], moment, copied)
    assert [item.reason for item in centre.rotation().run()] == [""] * 4
    assert centre.rotation().pending() == 0
    centre.copy()
    assert len(centre.keys("disk")) == 4
    centre.settled()


def test_a_copier_that_read_the_key_before_it_was_wrapped_does_not_leave_it_so(centre):
    def rotated(name):
        if name.endswith(".key"):
            centre.targets["disk"].before = lambda _: None
            assert [item.reason for item in centre.rotation().run()] == [""] * 4

    centre.targets["disk"].before = rotated
    centre.copy()
    centre.copy()
    assert centre.rotation().pending() == 0
    assert len(centre.keys("disk")) == 4
    centre.settled()


def test_copies_that_were_left_with_the_earlier_key_once_are_found_and_wrapped(centre):
    centre.copy()
    earlier = centre.keys("disk")
    assert [item.reason for item in centre.rotation().run()] == [""] * 4
    for found in centre.catalogue.calls.page():
        (copy,) = [c for c in found.copies if c.target == "disk" and c.name.endswith(".key")]
        kept = centre.targets["disk"].put(copy.name, earlier[found.call.id].encode())
        here = [c for c in found.copies if c.target == "disk" and c != copy]
        left = Copy("disk", copy.name, kept.bytes, kept.sha256, NOW)
        centre.catalogue.calls.revise(found.call, "disk", [*here, left])
    assert centre.catalogue.keys.count(FIRST.id) == 0
    again = centre.rotation()
    assert again.pending() == 4
    assert [item.reason for item in again.run()] == [""] * 4
    assert again.pending() == 0
    centre.settled()


def test_cut_off_and_turned_back_the_key_is_the_earlier_one_everywhere(centre):
    centre.copy()

    def killed(name):
        raise Killed

    rotation = centre.rotation()
    rotation._give_up = lambda *_: None
    centre.targets["disk"].after = killed
    with pytest.raises(Killed):
        list(rotation.run())
    centre.targets["disk"].after = lambda _: None
    back = centre.rotation(FIRST)
    assert back.pending() == 1
    assert [item.reason for item in back.run()] == [""]
    centre.settled(FIRST)
    centre.remove(NOW + GRACE)
    assert centre.catalogue.removals.waiting() == {}
    centre.settled(FIRST)


@pytest.mark.parametrize("removed_at_once", [True, False])
def test_a_call_that_is_erased_while_another_target_fails_does_not_get_its_key_back(centre, removed_at_once):
    centre.copy()
    gone = centre.ids[2]

    def erased(name):
        if gone in name:
            centre.erase(gone)
            if removed_at_once:
                centre.remove()

    def down(name):
        raise TargetError("The target does not answer.")

    # Whichever of the two is put first, the other one is not reached.
    centre.targets["disk"].before = erased
    centre.targets["home"].before = down
    failed = [item for item in centre.rotation().run() if item.reason]
    assert {item.what for item in failed} == set(centre.ids)
    assert gone not in centre.keys("disk")
    centre.targets["home"].before = centre.targets["disk"].before = lambda _: None
    assert [item.reason for item in centre.rotation().run()] == [""] * 3
    centre.remove()
    centre.settled()
    assert centre.catalogue.removals.waiting() == {}


def test_killed_while_a_call_is_erased_its_key_is_removed_later(centre):
    centre.copy()
    gone = centre.ids[0]

    def killed(name):
        centre.targets["disk"].before = lambda _: None
        centre.erase(gone)
        centre.remove()
        MemoryTarget.put(centre.targets["disk"], name, b"the wrapped key of an erased call")
        raise Killed

    centre.targets["disk"].before = killed
    rotation = centre.rotation()
    rotation._give_up = lambda *_: None
    with pytest.raises(Killed):
        list(rotation.run())
    assert gone in centre.keys("disk")
    centre.remove(NOW + GRACE + timedelta(minutes=1))
    assert [item.reason for item in centre.rotation().run()] == [""] * 3
    centre.settled()
    assert centre.catalogue.removals.waiting() == {}


def test_what_a_check_meets_while_the_key_is_on_its_way_does_not_stay(centre):
    def checked(name):
        found = centre.catalogue.calls.get(name.split("/")[-1][:-4])
        held = [copy for copy in found.copies if copy.name == name and copy.target == "home"]
        centre.catalogue.copy_checks.note([(Held(found.call.id, held[0]), Condition.DAMAGED)], NOW)

    centre.targets["home"].before = checked
    assert [item.reason for item in centre.rotation().run()] == [""] * 4
    assert centre.catalogue.copy_checks.bad_counts() == {}


def test_a_key_that_was_compared_before_it_was_wrapped_gets_no_row(centre):
    name = next(copy.name for copy in centre.catalogue.calls.get(centre.ids[0]).copies if ".key" in copy.name)
    earlier = centre.targets["disk"].put(name, centre.keys("home")[centre.ids[0]].encode())
    assert [item.reason for item in centre.rotation().run()] == [""] * 4
    found = Copy("disk", name, earlier.bytes, earlier.sha256, NOW)
    assert not centre.catalogue.copy_checks.adopt(centre.ids[0], found)
    now = read_back(centre.targets["home"], name)
    assert centre.catalogue.copy_checks.adopt(centre.ids[0], Copy("disk", name, now.bytes, now.sha256, NOW))
