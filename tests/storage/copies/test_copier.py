"""Copying: every call once, whatever comes between, and back-fills that begin at the first call."""

from dataclasses import replace
from datetime import timedelta

import pytest

from storage.catalogue import Copy
from storage.catalogue.copy_tasks import NewTask
from storage.copies import source
from storage.copies.backlog import Backlog
from storage.copies.placement import Placement, Rule
from storage.criteria import Criteria
from storage.targets import LocalTarget, MemoryTarget
from tests.storage.copies.centre import HOME, NOW, Centre, damaged, replaced


@pytest.fixture
def centre(catalogue):
    return Centre(catalogue, {"nas": MemoryTarget(), "usb": MemoryTarget()})


def test_every_call_is_copied_once(centre):
    centre.archive(*range(10))
    batch = centre.copy("nas")
    assert (batch.taken, len(batch.copied), batch.failed, batch.trouble) == (10, 10, {}, None)
    assert batch.bytes == sum(blob.bytes for blob in centre.home.list())
    centre.check("nas")
    assert centre.copy("nas").taken == 0
    assert centre.catalogue.copy_tasks.waiting(NOW)["usb"].calls == 10


def test_a_target_that_comes_later_gets_all_older_calls(centre):
    centre.archive(*range(30))
    centre.copy_all("nas")
    centre.targets["late"] = MemoryTarget()
    centre.placement = Placement(("nas", "usb", "late"))
    centre.copy_all("late")
    centre.check("late")


def test_calls_that_are_deleted_leave_no_task(centre):
    ids = centre.archive(*range(4))
    centre.fill()
    centre.catalogue.calls.delete(ids[0])
    centre.copy_all("nas")
    centre.check("nas")
    centre.catalogue.calls.delete(ids[1])
    centre.fill()
    assert centre.catalogue.copy_tasks.waiting(NOW)["usb"].calls == 2


def test_what_was_copied_by_hand_is_not_copied_again(centre):
    ids = centre.archive(*range(3))
    backlog = Backlog(centre.catalogue, centre.placement, HOME)
    assert backlog.ask("nas", [ids[2], "nowhere"], NOW) == 1
    assert centre.copier().batch("nas").copied == [ids[2]]
    assert backlog.ask("nas", ids, NOW) == 2
    assert centre.copy("nas").taken == 2
    assert centre.copy("nas").taken == 0
    centre.check("nas")


def test_a_call_that_is_there_already_is_read_back_and_not_sent(centre):
    ids = centre.archive(0)
    for blob in centre.home.list():
        centre.targets["nas"].put(blob.name, b"".join(centre.home.get(blob.name)))
    batch = centre.copy("nas")
    assert (batch.copied, batch.bytes) == (ids, 0)
    centre.check("nas")


class Asked(MemoryTarget):
    """Counts what is asked of it."""

    def __init__(self):
        super().__init__()
        self.stats, self.puts = [], []

    def stat(self, name):
        self.stats.append(name)
        return super().stat(name)

    def put(self, name, source):
        self.puts.append(name)
        return super().put(name, source)


def test_where_all_is_new_not_every_call_is_asked_for(catalogue):
    target = Asked()
    centre = Centre(catalogue, {"nas": target})
    centre.archive(*range(60), size=8)
    assert len(centre.copy("nas").copied) == 60
    assert len(target.stats) < 30
    centre.check("nas")


def test_where_some_are_there_the_others_are_asked_for(catalogue):
    target = Asked()
    centre = Centre(catalogue, {"nas": target})
    centre.archive(*range(60), size=8)
    for blob in centre.home.list():
        target.put(blob.name, b"".join(centre.home.get(blob.name)))
    target.puts.clear()
    assert len(centre.copy("nas").copied) == 60
    assert target.puts == []
    centre.check("nas")


def test_rules_and_ages(centre):
    rules = (Rule(("usb",), Criteria(tags=("complaint",)), older_than=timedelta(days=30)),)
    centre.placement = Placement(("nas", "usb"), rules)
    ids = centre.archive(*range(3))
    centre.fill()
    assert "usb" not in centre.catalogue.copy_tasks.waiting(NOW)
    centre.catalogue.tags.put(ids[1], "complaint", "qa", NOW)
    assert centre.copy("usb").taken == 0
    assert centre.catalogue.copy_tasks.waiting(NOW)["usb"].later == 1
    centre.later(days=30)
    assert centre.copy("usb").copied == [ids[1]]
    centre.catalogue.tags.put(ids[2], "complaint", "qa", NOW)
    centre.catalogue.tags.remove(ids[2], "complaint")
    assert centre.copy("usb").taken == 0


def test_a_task_that_the_rules_do_not_want_any_more_goes(centre):
    centre.archive(0)
    centre.fill()
    centre.placement = Placement(("nas", "usb"), (Rule(("usb",), Criteria(tags=("complaint",))),))
    assert centre.copier().batch("usb").copied == []
    assert list(centre.targets["usb"].list()) == []
    assert "usb" not in centre.catalogue.copy_tasks.waiting(NOW)


def test_a_task_of_a_clock_that_was_ahead_waits_for_its_age(centre):
    centre.placement = Placement(("nas",), (Rule(("nas",), older_than=timedelta(days=30)),))
    ids = centre.archive(0)
    centre.now = NOW + timedelta(days=365)
    centre.fill()
    centre.now = NOW
    assert centre.copier().batch("nas").copied == []
    assert centre.copier().batch("nas").taken == 0
    centre.later(days=31)
    assert centre.copier().batch("nas").copied == ids


def test_a_new_recording_takes_the_place_of_the_old_one(centre):
    ids = centre.archive(0)
    centre.copy_all("nas")
    replaced(centre, ids[0], b"what was said all along")
    centre.copy_all("nas")
    centre.check("nas")
    centre.copy_all("usb")
    centre.check("usb")


@pytest.fixture
def meddled(centre, monkeypatch):
    """Takes what somebody does once the copier has read the calls of its tasks."""

    def meddle(act) -> None:
        calls = centre.catalogue.calls
        read = calls.get_many

        def get_many(ids):
            monkeypatch.undo()
            found = read(ids)
            act()
            return found

        monkeypatch.setattr(calls, "get_many", get_many)

    return meddle


@pytest.mark.parametrize("filled", [True, False])
def test_a_call_that_is_revised_while_its_task_is_found_done_is_copied_anew(centre, meddled, filled):
    ids = centre.archive(0)
    centre.copy_all("nas")
    centre.catalogue.copy_tasks.settle("nas", [NewTask(ids[0], 1, centre.now)], [], centre.now)

    def revise() -> None:
        replaced(centre, ids[0], b"what was said all along")
        if filled:
            centre.fill("nas")

    meddled(revise)
    assert centre.copier().batch("nas").copied == []
    centre.copy_all("nas")
    centre.check("nas")


def test_a_call_that_a_rule_meets_while_its_task_is_found_unwanted_is_copied(centre, meddled):
    centre.placement = Placement(("nas", "usb"), (Rule(("usb",), Criteria(tags=("complaint",))),))
    ids = centre.archive(0)
    centre.catalogue.copy_tasks.settle("usb", [NewTask(ids[0], 1, NOW)], [], NOW)

    def tag() -> None:
        centre.catalogue.tags.put(ids[0], "complaint", "qa", NOW)
        centre.fill("usb")

    meddled(tag)
    assert centre.copier().batch("usb").copied == []
    assert centre.copier().batch("usb").copied == ids


@pytest.mark.parametrize("age", [None, timedelta(days=30)])
def test_what_a_person_asks_for_while_its_task_is_found_unwanted_is_copied(centre, meddled, age):
    met = Criteria() if age else Criteria(tags=("complaint",))
    centre.placement = Placement(("usb",), (Rule(("usb",), met, older_than=age or timedelta(0)),))
    ids = centre.archive(0)
    centre.catalogue.copy_tasks.settle("usb", [NewTask(ids[0], 1, NOW)], [], NOW)
    meddled(lambda: Backlog(centre.catalogue, centre.placement, HOME).ask("usb", ids, NOW))
    assert centre.copier().batch("usb").copied == []
    assert centre.copier().batch("usb").copied == ids


class Meddler(MemoryTarget):
    """Somebody does something while the call is copied."""

    def __init__(self, act, behind=".json"):
        super().__init__()
        self._act = act
        self._behind = behind

    def put(self, name, source):
        kept = super().put(name, source)
        if name.endswith(self._behind) and self._act:
            act, self._act = self._act, None
            act()
        return kept


def test_a_recording_that_is_replaced_meanwhile_is_copied_anew(catalogue):
    meddler = Meddler(lambda: replaced(centre, ids[0], b"another"))
    centre = Centre(catalogue, {"nas": meddler})
    ids = centre.archive(0)
    assert centre.copy("nas").copied == []
    assert centre.copy("nas").copied == ids
    centre.check("nas")


def test_a_call_that_is_deleted_meanwhile_leaves_nothing(catalogue):
    meddler = Meddler(lambda: centre.catalogue.calls.delete(ids[0]))
    centre = Centre(catalogue, {"nas": meddler})
    ids = centre.archive(0)
    batch = centre.copy("nas")
    assert (batch.taken, batch.copied, batch.failed) == (1, [], {})
    assert list(meddler.list()) == []


def test_a_call_that_is_deleted_and_removed_meanwhile_leaves_nothing(catalogue):
    def remove():
        catalogue.calls.delete(ids[0])
        for blob in list(centre.home.list()):
            centre.home.delete(blob.name)

    meddler = Meddler(remove, behind=".opus")
    centre = Centre(catalogue, {"nas": meddler})
    ids = centre.archive(0)
    assert list(centre.copy("nas").failed) == ids
    assert list(meddler.list()) == []


def test_keys_never_go_where_they_cannot_be_removed(centre):
    centre.placement = Placement(("nas", "usb"), keyless=frozenset({"usb"}))
    call = centre._archived(0, 100)
    key = call.call.recording.path.replace(".opus", ".key")
    stored = centre.home.put(key, b"wrapped")
    copies = (*call.copies, Copy(HOME, key, stored.bytes, stored.sha256, NOW))
    centre.catalogue.calls.add(call.call, copies)
    centre.copy_all("nas")
    centre.copy_all("usb")
    centre.check("nas")
    assert {blob.name for blob in centre.targets["usb"].list()} == {copy.name for copy in call.copies}


def test_another_copy_will_do_where_the_first_is_damaged_or_missing(centre):
    ids = centre.archive(0, 1)
    centre.copy_all("nas")
    bad = damaged(centre, HOME, ids[0])
    gone = replace(centre.catalogue.calls.get(ids[1]).copies[0], condition="missing")
    centre.home.delete(gone.name)
    batch = centre.copy("usb")
    assert sorted(batch.copied) == sorted(ids)
    assert batch.damaged == {ids[0]: (bad,), ids[1]: (gone,)}
    centre.check("usb")


def test_a_damaged_call_without_another_copy_is_never_passed_on(centre):
    ids = centre.archive(0, 1)
    damaged(centre, HOME, ids[0])
    batch = centre.copy("nas")
    assert batch.copied == [ids[1]]
    assert "no good copy" in batch.failed[ids[0]]
    assert not any(
        ids[0] in stored.name and stored.name.endswith(".opus") for stored in centre.targets["nas"].list()
    )
    assert centre.catalogue.copy_tasks.failing("nas")[0].call_id == ids[0]


def test_large_blobs_are_streamed_and_checked_as_well(catalogue, tmp_path, monkeypatch):
    monkeypatch.setattr("storage.copies.transfer._IN_MEMORY", 1000)
    centre = Centre(catalogue, {"nas": LocalTarget(tmp_path / "nas")}, LocalTarget(tmp_path / "home"))
    ids = centre.archive(0, 1, size=3 << 20)
    path = tmp_path / "home" / damaged(centre, HOME, ids[0]).name
    batch = centre.copy("nas")
    assert batch.copied == [ids[1]]
    assert "SHA-256" in batch.failed[ids[0]]
    with path.open("r+b") as file:
        file.truncate(100)
    centre.later(hours=1)
    assert "bytes are missing" in centre.copy("nas").failed[ids[0]]


def test_a_stream_may_be_read_again_from_anywhere():
    target = MemoryTarget()
    data = bytes(range(256)) * 9000
    stored = target.put("a", data)
    stream = source.buffered(source.BlobStream(target, stored))
    assert stream.read(100_000) == data[:100_000]
    stream.seek(5)
    assert stream.read(7) == data[5:12]
    stream.seek(-10, 2)
    assert stream.read() == data[-10:]
    stream.seek(0)
    assert stream.read() == data


def test_stopping_lets_go_of_what_was_not_begun(centre):
    centre.archive(*range(5))
    batch = centre.copy("nas", stop=lambda: True)
    assert (batch.taken, batch.copied, batch.failed) == (5, [], {})
    assert centre.copy("nas").taken == 5
    centre.check("nas")


def test_two_copiers_share_the_work(centre):
    centre.archive(*range(6))
    centre.fill()
    first = centre.catalogue.copy_claims.claim("nas", "other", NOW, 4)
    assert len(centre.copier().batch("nas").copied) == 2
    centre.later(minutes=2)
    assert sorted(centre.copier().batch("nas").copied) == sorted(task.call_id for task in first)
    centre.check("nas")
