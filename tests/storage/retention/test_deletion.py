"""Deletion: rows go in one transaction, blobs follow on every target, and what is held stays."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from storage.catalogue import Catalogue
from storage.catalogue.changes import lock_feed
from storage.catalogue.keeping_tables import call_keys, copy_tasks
from storage.catalogue.removals import add_removals
from storage.criteria import Criteria
from storage.errors import BeingRemoved, TargetError
from storage.retention.apply import apply_erasures, apply_retention
from storage.retention.deletion import Deletion
from storage.retention.erasures import Erasures, ErasureState
from storage.retention.holds import Holds
from storage.retention.preview import preview
from storage.retention.records import recorder
from storage.retention.removing import NEVER_DELETES, remove_pending
from storage.seals.deletion import deletion_name, read_deletion, second_name
from storage.targets import MemoryTarget
from tests.storage.retention.archived import NOW, archive, names, rule
from tests.storage.sealers import a_sealer


class Down(MemoryTarget):
    """A target that can fail."""

    def __init__(self):
        super().__init__()
        self.broken_at = None

    def delete(self, name):
        if self.broken_at is not None and name.endswith(self.broken_at):
            raise TargetError("The server does not answer.")
        super().delete(name)


@pytest.fixture
def targets():
    return {"local": MemoryTarget(), "disk": Down()}


def ids(calls):
    return [call.id for call in calls]


def test_what_the_rules_let_go(catalogue, targets):
    calls = archive(catalogue, targets, range(8))
    rule(catalogue, 95)
    rule(catalogue, None, 1, tags=("vip",))
    catalogue.tags.put(calls[0].id, "vip", "qa", NOW)
    Holds(catalogue).place("Court", "court", by="anna", now=NOW, call_ids=ids(calls[1:2]))
    position = catalogue.changes.position()
    expected = preview(catalogue, NOW)
    applied = apply_retention(catalogue, by="system", now=NOW)
    assert [call.call_id for call in applied.deleted] == ids(calls[2:5]) == list(expected.shares[1].first)
    assert (applied.whole, applied.bytes) == (True, expected.shares[1].bytes)
    assert applied.deleted[0].cause == "retention: Old"
    feed = [(change.call_id, change.kind) for change in catalogue.changes.after(position)]
    assert feed == [(call.id, "deleted") for call in calls[2:5]]
    assert apply_retention(catalogue, by="system", now=NOW).deleted == ()
    events = catalogue.audit.page(action="call.delete")
    assert [event.object_id for event in reversed(events)] == ids(calls[2:5])
    assert events[0].before["targets"] == ["disk", "local"]
    assert catalogue.audit.verify().intact

    assert all(any(call.id in name for name in names(targets["disk"])) for call in calls)
    removed = remove_pending(catalogue, targets, now=NOW)
    assert sorted(removed.calls) == sorted(ids(calls[2:5]) * 2)
    for target in targets.values():
        assert len(names(target)) == 15
        assert not any(call.id in name for call in calls[2:5] for name in names(target))
    assert catalogue.removals.waiting() == {}


def test_bounded_and_stopped(catalogue, targets):
    calls = archive(catalogue, targets, range(8))
    rule(catalogue, 1)
    first = apply_retention(catalogue, by="system", now=NOW, limit=3)
    assert ([call.call_id for call in first.deleted], first.whole) == (ids(calls[:3]), False)
    assert apply_retention(catalogue, by="system", now=NOW, stop=lambda: True).deleted == ()
    some = remove_pending(catalogue, targets, now=NOW, limit=2)
    assert (len(some.calls), some.whole) == (4, False)
    assert remove_pending(catalogue, targets, now=NOW).whole
    assert len(names(targets["local"])) == 15


def test_a_hold_between_preview_and_deletion_wins(catalogue, targets):
    calls = archive(catalogue, targets, range(3))
    rule(catalogue, 1)
    due = list(preview(catalogue, NOW).shares[0].first)
    Holds(catalogue).place("Court", "court", by="anna", now=NOW, criteria=Criteria(agents=("8001",)))
    assert Deletion(catalogue).by_rules(due, by="system", now=NOW) == []
    assert catalogue.calls.count() == len(calls)


def test_a_hold_waits_for_a_deletion_and_a_deletion_for_a_hold(catalogue, catalogue_url, targets):
    """While a hold is being placed, nothing that it covers can be deleted."""
    calls = archive(catalogue, targets, range(3))
    rule(catalogue, 1)
    done = []
    other = Catalogue(catalogue_url)

    def delete():
        done.extend(Deletion(other).by_rules(ids(calls), by="system", now=NOW))

    thread = threading.Thread(target=delete)
    with catalogue.database.write() as connection:
        lock_feed(connection)
        thread.start()
        thread.join(0.2)
        assert thread.is_alive()
    Holds(catalogue).place("Court", "court", by="anna", now=NOW, criteria=Criteria())
    thread.join()
    other.close()
    # Whichever of the two came first: what was deleted was not held, what is held is there.
    left = {found.call.id for found in catalogue.calls.page()}
    assert left | {call.call_id for call in done} == set(ids(calls))
    assert apply_retention(catalogue, by="system", now=NOW).deleted == ()


def test_erasure(catalogue, targets):
    calls = archive(catalogue, targets, range(4))
    erasures = Erasures(catalogue)
    asked = erasures.request(ids(calls[:2]), "asked for", by="anna", now=NOW)
    assert apply_erasures(catalogue, now=NOW) == {}
    erasures.approve(asked.id, "ben", NOW)
    hold = Holds(catalogue).place("Court", "court", by="anna", now=NOW, call_ids=ids(calls[1:3]))
    done = apply_erasures(catalogue, now=NOW)[asked.id]
    assert [call.call_id for call in done.deleted] == ids(calls[:1])
    assert done.held == (calls[1].id,)
    assert erasures.get(asked.id).state is ErasureState.APPROVED
    Holds(catalogue).ask_release(hold.id, "settled", "anna", NOW)
    Holds(catalogue).release(hold.id, "ben", NOW)
    assert [call.call_id for call in apply_erasures(catalogue, now=NOW)[asked.id].deleted] == ids(calls[1:2])
    assert erasures.get(asked.id).state is ErasureState.DONE
    event = catalogue.audit.page(action="call.delete")[0]
    assert (event.actor, event.reason) == ("ben", "erasure: asked for")
    assert apply_erasures(catalogue, now=NOW) == {}


def test_a_target_that_fails_is_tried_again_and_holds_up_no_other(catalogue, targets):
    calls = archive(catalogue, targets, range(3))
    rule(catalogue, 99)
    targets["disk"].broken_at = ".json"
    apply_retention(catalogue, by="system", now=NOW)
    removed = remove_pending(catalogue, targets, now=NOW)
    assert removed.calls == (calls[0].id,)
    assert removed.failed == {"disk": "The server does not answer."}
    waiting = catalogue.removals.waiting()
    assert waiting.keys() == {"disk"}
    assert (waiting["disk"].calls, waiting["disk"].error) == (1, "The server does not answer.")
    assert any(calls[0].id in name for name in names(targets["disk"]))
    assert remove_pending(catalogue, targets, now=NOW).calls == ()
    with pytest.raises(BeingRemoved):
        catalogue.calls.add(calls[0])
    targets["disk"].broken_at = None
    catalogue.removals.retry("disk", NOW)
    assert remove_pending(catalogue, targets, now=NOW + timedelta(minutes=1)).calls == (calls[0].id,)
    assert not any(calls[0].id in name for name in names(targets["disk"]))
    assert catalogue.calls.add(calls[0])


def test_a_removal_that_failed_while_the_clock_was_ahead_does_not_wait_for_that_time(catalogue, targets):
    (call,) = archive(catalogue, targets, range(1))
    rule(catalogue, 99)
    apply_retention(catalogue, by="system", now=NOW)
    targets["disk"].broken_at = ".json"
    assert remove_pending(catalogue, targets, now=NOW + timedelta(days=800)).failed
    targets["disk"].broken_at = None
    assert remove_pending(catalogue, targets, now=NOW).calls == (call.id,)
    assert catalogue.removals.waiting() == {}


def test_waits_grow(catalogue, targets):
    archive(catalogue, targets, range(1))
    rule(catalogue, 1)
    targets["disk"].broken_at = ".json"
    apply_retention(catalogue, by="system", now=NOW)
    waits, now = [], NOW
    for _ in range(12):
        remove_pending(catalogue, targets, now=now)
        (removal,) = catalogue.removals.of_calls([call.object_id for call in catalogue.audit.page(limit=1)])
        waits.append((removal.not_before - now) / timedelta(minutes=1))
        now = removal.not_before
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360, 360]


def test_the_key_goes_first_and_then_the_seal(catalogue, targets):
    (call,) = archive(catalogue, targets, range(1))
    rule(catalogue, 1)
    apply_retention(catalogue, by="system", now=NOW)
    removal, _ = catalogue.removals.of_calls([call.id])
    assert [name.partition(".")[2] for name in removal.names] == ["key", "json", "opus", "peaks.dat"]


def test_a_target_that_a_copy_is_being_made_to(catalogue, targets):
    (call,) = archive(catalogue, {"local": targets["local"]}, range(1))
    with catalogue.database.write() as connection:
        row = {"call_id": call.id, "target": "disk", "since": NOW, "not_before": NOW}
        connection.execute(insert(copy_tasks).values(row))
    targets["disk"].put(catalogue.calls.get(call.id).copies[0].name, b"half of the call")
    rule(catalogue, 1)
    apply_retention(catalogue, by="system", now=NOW)
    remove_pending(catalogue, targets, now=NOW)
    assert names(targets["disk"]) == set()


def test_media_that_cannot_delete(catalogue, targets):
    closed, clear = archive(catalogue, targets, range(2))
    with catalogue.database.write() as connection:
        connection.execute(insert(call_keys).values(call_id=closed.id, master="m", document="{}"))
    rule(catalogue, 1)
    apply_retention(catalogue, by="system", now=NOW)
    removed = remove_pending(catalogue, targets, now=NOW, write_once={"disk"})
    assert sorted(removed.calls) == sorted([closed.id, closed.id, clear.id])
    assert removed.kept == {"disk": 1}
    assert removed.blobs == 8, "those that went: on the other target"
    with catalogue.database.read() as connection:
        assert connection.execute(select(call_keys)).all() == []
    assert len(names(targets["disk"])) == 6
    waiting = catalogue.removals.waiting()["disk"]
    assert (waiting.calls, waiting.error) == (1, NEVER_DELETES)


def test_the_record_is_written_before_anything_goes(catalogue, targets):
    (call,) = archive(catalogue, targets, range(1))
    rule(catalogue, 1)
    apply_retention(catalogue, by="system", now=NOW)
    written = []

    def record(target, removals):
        written.extend((len(names(target)), each.call_id, each.cause, each.by) for each in removals)

    remove_pending(catalogue, targets, now=NOW, recorder=record)
    assert written == [(3, call.id, "retention: Old", "system")] * 2


def test_what_the_catalogue_names_again_stays(catalogue, targets):
    (call,) = archive(catalogue, targets, range(1))
    rule(catalogue, 1)
    apply_retention(catalogue, by="system", now=NOW)
    removals = catalogue.removals.of_calls([call.id])
    catalogue.removals.done(removals)
    archive(catalogue, targets, range(1))
    with catalogue.database.write() as connection:
        add_removals(connection, removals)
    remove_pending(catalogue, targets, now=NOW)
    assert len(names(targets["disk"])) == 3


def test_names_that_join(catalogue, targets):
    archive(catalogue, targets, range(1))
    rule(catalogue, 1)
    apply_retention(catalogue, by="system", now=NOW)
    (before, _) = catalogue.removals.due("disk", NOW) + catalogue.removals.due("local", NOW)
    with catalogue.database.write() as connection:
        add_removals(connection, [replace(before, names=("2026/11/21/late.media",))])
    catalogue.removals.done([before])
    (joined,) = catalogue.removals.due("disk", NOW)
    assert joined.names == ("2026/11/21/late.media", *before.names)
    assert joined.cause == before.cause


def test_signed_records_are_left_on_every_target(catalogue, targets):
    sealer = a_sealer()
    (call,) = archive(catalogue, targets, range(1))
    rule(catalogue, 1)
    apply_retention(catalogue, by="system", now=NOW)
    remove_pending(catalogue, targets, now=NOW, recorder=recorder(catalogue, sealer), write_once={"disk"})
    name = deletion_name(call.id, NOW)
    assert names(targets["local"]) == {name}
    assert len(names(targets["disk"])) == 4
    signed = read_deletion(b"".join(targets["disk"].get(name)))
    assert (signed.deletion.call, signed.deletion.rule) == (call.id, "retention: Old")
    assert signed.deletion.signer == sealer.chain


def test_the_record_of_the_first_deletion_stays_where_it_is_repeated(catalogue, targets):
    (call,) = archive(catalogue, targets, range(1))
    copies = catalogue.calls.get(call.id).copies
    first, later, minute = a_sealer(), a_sealer(1), NOW + timedelta(minutes=1)
    for sealer, now in ((first, NOW), (later, minute), (later, minute)):
        Deletion(catalogue).again({call.id: "erasure: asked"}, by="anna", now=now)
        remove_pending(catalogue, targets, now=now, recorder=recorder(catalogue, sealer))
        catalogue.calls.add(call, copies)
    name = deletion_name(call.id, NOW)
    for target in targets.values():
        ours, again = sorted(names(target), key=len)
        data = b"".join(target.get(again))
        assert ours == name
        assert again == second_name(name, data)
        assert read_deletion(b"".join(target.get(ours))).deletion.signer == first.chain
        assert read_deletion(data).deletion.signer == later.chain


def test_without_its_record_nothing_goes(catalogue, targets):
    archive(catalogue, targets, range(1))
    rule(catalogue, 1)
    apply_retention(catalogue, by="system", now=NOW)

    def refuse(target, removals):
        raise TargetError("read-only")

    removed = remove_pending(catalogue, targets, now=NOW, recorder=refuse)
    assert (removed.calls, removed.failed.keys()) == ((), {"local", "disk"})
    assert len(names(targets["disk"])) == 3
