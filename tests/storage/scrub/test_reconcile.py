"""Reconciling finds what rows and blobs do not have of each other, and removes only what was deleted."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import delete, insert

from storage.archive_names import audio_name, revised_name
from storage.catalogue.copy_checks import Condition
from storage.catalogue.keeping_tables import copy_tasks
from storage.catalogue.tables import copies
from storage.errors import TargetError
from storage.retention.removing import remove_pending
from storage.scrub.reconcile import reconcile
from storage.targets import LocalTarget, MemoryTarget
from tests.storage.handoffs import a_call
from tests.storage.retention.archived import archive, names
from tests.storage.scrub.faulty import FaultyTarget


@pytest.fixture
def targets():
    return {"local": FaultyTarget(), "disk": FaultyTarget()}


@pytest.fixture
def later():
    """Two days after the blobs of the tests are put, which is now."""
    return datetime.now(UTC) + timedelta(days=2)


def audio(call):
    return audio_name(call, "opus")


def test_nothing_to_find(catalogue, targets, later):
    archive(catalogue, targets, range(3))
    for name in ("browse/2026-11.js", "deleted/2026/11/21/x.json", "earwitness-medium.json", "snapshots/a"):
        targets["disk"].put(name, b"other things")
    found = reconcile(catalogue, "disk", targets["disk"], now=later)
    assert (found.bad, found.adopted, found.removing, found.unknown, found.stray) == ([], [], [], [], [])
    assert (found.blobs, found.day, found.whole) == (9, date(2026, 11, 23), True)


def test_rows_without_blobs(catalogue, targets, later):
    calls = archive(catalogue, targets, (0, 1, 5))
    targets["disk"].delete(audio(calls[0]))
    targets["disk"].put(audio(calls[1]), b"cut")
    for name in [name for name in names(targets["disk"]) if calls[2].id in name]:
        targets["disk"].delete(name)
    found = reconcile(catalogue, "disk", targets["disk"], now=later)
    conditions = [bad.condition for bad in found.bad]
    assert conditions == [Condition.MISSING, Condition.DAMAGED, *[Condition.MISSING] * 3]
    assert len(catalogue.copy_checks.bad("disk")) == 5
    assert reconcile(catalogue, "disk", targets["disk"], now=later).bad == []


def test_blobs_without_rows(catalogue, targets, later):
    known, lost, gone = archive(catalogue, targets, range(3))
    stranger = audio_name(a_call(77), "opus")
    stray = revised_name(known, "opus", "ab" * 32)
    ends_alike = a_call(78, id="call-12345678")
    for name in (stranger, stray, audio(ends_alike)):
        targets["disk"].put(name, b"something")
    with catalogue.database.write() as connection:
        connection.execute(delete(copies).where(copies.c.call_id == lost.id, copies.c.target == "disk"))
    catalogue.calls.delete(gone.id)
    catalogue.calls.add(ends_alike)
    found = reconcile(catalogue, "disk", targets["disk"], now=later)
    assert sorted(found.adopted) == sorted(copy.name for copy in catalogue.calls.get(lost.id).copies[:3])
    assert (found.unknown, found.unknown_count) == ([stranger], 1)
    assert sorted(found.stray) == sorted([stray, audio(ends_alike)])
    assert found.stray_count == 2
    assert len(found.removing) == 3
    assert stranger in names(targets["disk"])
    remove_pending(catalogue, {"disk": targets["disk"]}, now=later)
    assert not any(gone.id in name for name in names(targets["disk"]))
    assert reconcile(catalogue, "disk", targets["disk"], now=later).removing == []


def test_an_altered_blob_is_not_taken_back(catalogue, targets, later):
    (call,) = archive(catalogue, targets, range(1))
    with catalogue.database.write() as connection:
        connection.execute(delete(copies).where(copies.c.target == "disk", copies.c.name == audio(call)))
    targets["disk"].flip_bit(audio(call))
    found = reconcile(catalogue, "disk", targets["disk"], now=later)
    assert (found.adopted, found.stray) == ([], [audio(call)])


def test_what_is_young_or_being_copied_is_left_alone(catalogue, targets, later):
    (call,) = archive(catalogue, {"local": targets["local"]}, range(1))
    targets["disk"].put(audio(call), b"half")
    targets["disk"].put(audio_name(a_call(77), "opus"), b"young")
    soon = later - timedelta(days=1, hours=12)
    assert reconcile(catalogue, "disk", targets["disk"], now=soon).unknown == []
    with catalogue.database.write() as connection:
        row = {"call_id": call.id, "target": "disk", "since": soon, "not_before": soon}
        connection.execute(insert(copy_tasks).values(row))
    found = reconcile(catalogue, "disk", targets["disk"], now=later)
    assert (found.unknown_count, found.stray_count) == (1, 0)


def test_days_are_resumed(catalogue, targets, later):
    calls = archive(catalogue, targets, range(4))
    stops = iter((False, False, True))
    first = reconcile(catalogue, "disk", targets["disk"], now=later, stop=lambda: next(stops))
    assert (first.blobs, first.day, first.whole) == (6, date(2026, 11, 22), False)
    targets["disk"].delete(audio(calls[0]))
    targets["disk"].delete(audio(calls[3]))
    rest = reconcile(catalogue, "disk", targets["disk"], now=later, after=first.day)
    assert (rest.blobs, [bad.call_id for bad in rest.bad], rest.whole) == (5, [calls[3].id], True)


def test_an_empty_target_is_no_loss_of_everything(catalogue, targets, later, tmp_path):
    archive(catalogue, targets, range(2))
    with pytest.raises(TargetError, match="mounted"):
        reconcile(catalogue, "disk", LocalTarget(tmp_path), now=later)
    assert catalogue.copy_checks.bad("disk") == []
    assert reconcile(catalogue, "new", MemoryTarget(), now=later).blobs == 0


class Forgetful(FaultyTarget):
    """A target whose listing says less than there is, and during which something happens."""

    meanwhile = staticmethod(lambda: None)

    def list(self, prefix=""):
        self.meanwhile()
        return iter(())


def test_an_empty_list_of_a_target_that_holds_what_it_should_is_called_so(catalogue, later):
    targets = {"local": FaultyTarget(), "disk": Forgetful()}
    archive(catalogue, targets, range(1))
    with pytest.raises(TargetError, match=r"disk lists nothing, though 2026/.* is there"):
        reconcile(catalogue, "disk", targets["disk"], now=later)
    for name in [stored.name for stored in MemoryTarget.list(targets["disk"])]:
        targets["disk"].delete(name)
    with pytest.raises(TargetError, match="Nothing at all is stored on disk"):
        reconcile(catalogue, "disk", targets["disk"], now=later)
    assert catalogue.copy_checks.bad("disk") == []


def test_what_is_copied_while_an_empty_target_is_listed_is_not_missed(catalogue, later):
    targets = {"local": FaultyTarget(), "disk": Forgetful()}
    targets["disk"].meanwhile = lambda: archive(catalogue, targets, range(2))
    assert reconcile(catalogue, "disk", targets["disk"], now=later).bad == []
    assert catalogue.copy_checks.count("disk")[0] == 6
