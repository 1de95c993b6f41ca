"""Claims: each task is one worker's at a time, none is lost, and no clock keeps one back for ever."""

from datetime import timedelta

from storage.catalogue.copy_claims import LEASE
from storage.catalogue.copy_task_rows import BY_HAND
from storage.catalogue.copy_tasks import NewTask
from tests.storage.catalogue.backlogs import HOUR, NOW, YEAR, add, claimed, follow


def test_a_claimed_task_is_nobody_elses_until_its_worker_falls_silent(catalogue):
    ids = add(catalogue, 3)
    follow(catalogue, ids)
    first = claimed(catalogue, "one", limit=2)
    assert len(first) == 2
    assert claimed(catalogue, "two") == [call_id for call_id in sorted(ids) if call_id not in first]
    catalogue.copy_claims.renew("one", NOW + LEASE)
    later = NOW + LEASE + timedelta(seconds=1)
    assert len(claimed(catalogue, "three", later)) == 1
    catalogue.copy_claims.release("one", "nas", first[:1])
    assert claimed(catalogue, "four", later) == first[:1]


def test_a_clock_that_is_set_back_keeps_no_task_waiting(catalogue):
    ids = add(catalogue, 3)
    follow(catalogue, ids)
    failed, taken = catalogue.copy_claims.claim("nas", "one", NOW, 2)
    catalogue.copy_tasks.failed(failed, "no answer", NOW, NOW + YEAR)
    assert failed.call_id not in claimed(catalogue, "two")
    assert failed.call_id in claimed(catalogue, "two", NOW + HOUR)
    assert sorted(claimed(catalogue, "three", NOW - YEAR)) == sorted(ids)
    assert taken.call_id in ids
    assert catalogue.copy_tasks.waiting(NOW - YEAR)["nas"].calls == 3


def test_what_a_person_asks_for_comes_first_and_stays(catalogue):
    ids = add(catalogue, 3)
    follow(catalogue, ids[:2])
    catalogue.copy_tasks.ask("nas", [NewTask(ids[2], 1, NOW)], NOW)
    follow(catalogue, [], (1, 2), unwanted=ids[1:])
    tasks = catalogue.copy_claims.claim("nas", "one", NOW, 10)
    assert [(task.call_id, task.priority) for task in tasks] == [(ids[2], BY_HAND), (ids[0], 0)]
    assert [task.call_id for task in catalogue.copy_tasks.open("nas", ids[:2])] == [ids[0]]
