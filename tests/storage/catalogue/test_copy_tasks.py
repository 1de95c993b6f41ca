"""Copy tasks: each is one worker's at a time, none is lost, and no clock keeps one back for ever."""

from datetime import UTC, datetime, timedelta

from storage.catalogue import Copy
from storage.catalogue.copy_tasks import BY_HAND, LEASE, Made, NewTask
from tests.storage.handoffs import a_call

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
YEAR = timedelta(days=365)


def add(catalogue, count, first=0):
    calls = [a_call(number) for number in range(first, first + count)]
    catalogue.calls.add_many([(call, [Copy("local", f"{call.id}.json", 10, "aa", NOW)]) for call in calls])
    return [call.id for call in calls]


def follow(catalogue, ids, way=(0, 1), not_before=NOW, unwanted=(), now=NOW):
    wanted = [NewTask(call_id, 100, not_before) for call_id in ids]
    return catalogue.copy_tasks.follow("copies nas 1", "nas", way, wanted, unwanted, now)


def claimed(catalogue, worker="one", now=NOW, limit=10):
    return [task.call_id for task in catalogue.copy_tasks.claim("nas", worker, now, limit)]


def test_following_is_done_once(catalogue):
    ids = add(catalogue, 2)
    assert follow(catalogue, ids[:1], (0, 1))
    assert not follow(catalogue, ids, (0, 1))
    assert catalogue.copy_tasks.position("copies nas 1") == 1
    assert follow(catalogue, ids, (1, 2))
    waiting = catalogue.copy_tasks.waiting(NOW)["nas"]
    assert (waiting.calls, waiting.bytes, waiting.oldest, waiting.failing) == (2, 200, NOW, 0)


def test_calls_that_are_gone_get_no_task_and_leave_none(catalogue):
    ids = add(catalogue, 2)
    follow(catalogue, [*ids, "nowhere"])
    catalogue.calls.delete(ids[0])
    assert claimed(catalogue) == [ids[1]]


def test_a_claimed_task_is_nobody_elses_until_its_worker_falls_silent(catalogue):
    ids = add(catalogue, 3)
    follow(catalogue, ids)
    first = claimed(catalogue, "one", limit=2)
    assert len(first) == 2
    assert claimed(catalogue, "two") == [call_id for call_id in sorted(ids) if call_id not in first]
    catalogue.copy_tasks.renew("one", NOW + LEASE)
    later = NOW + LEASE + timedelta(seconds=1)
    assert len(claimed(catalogue, "three", later)) == 1
    catalogue.copy_tasks.release("one", "nas", first[:1])
    assert claimed(catalogue, "four", later) == first[:1]


def test_a_clock_that_is_set_back_keeps_no_task_waiting(catalogue):
    ids = add(catalogue, 3)
    follow(catalogue, ids)
    failed, taken = catalogue.copy_tasks.claim("nas", "one", NOW, 2)
    catalogue.copy_tasks.failed(failed, "no answer", NOW, NOW + YEAR)
    assert failed.call_id not in claimed(catalogue, "two")
    assert failed.call_id in claimed(catalogue, "two", NOW + HOUR)
    assert sorted(claimed(catalogue, "three", NOW - YEAR)) == sorted(ids)
    assert taken.call_id in ids
    assert catalogue.copy_tasks.waiting(NOW - YEAR)["nas"].calls == 3


def test_failures_are_told(catalogue):
    ids = add(catalogue, 1)
    follow(catalogue, ids)
    task = catalogue.copy_tasks.claim("nas", "one", NOW, 1)[0]
    catalogue.copy_tasks.failed(task, "no answer", NOW, NOW + HOUR)
    [failing] = catalogue.copy_tasks.failing("nas")
    assert (failing.attempts, failing.error, failing.not_before) == (1, "no answer", NOW + HOUR)
    waiting = catalogue.copy_tasks.waiting(NOW)["nas"]
    assert (waiting.calls, waiting.failing, waiting.later) == (1, 1, 0)


def test_what_is_due_later_is_no_backlog_yet(catalogue):
    ids = add(catalogue, 1)
    follow(catalogue, ids, not_before=NOW + HOUR)
    assert claimed(catalogue) == []
    assert catalogue.copy_tasks.waiting(NOW)["nas"].later == 1
    waiting = catalogue.copy_tasks.waiting(NOW + HOUR)["nas"]
    assert (waiting.calls, waiting.oldest) == (1, NOW + HOUR)
    follow(catalogue, ids, (1, 2), not_before=NOW)
    assert claimed(catalogue) == ids


def test_what_a_person_asks_for_comes_first_and_stays(catalogue):
    ids = add(catalogue, 3)
    follow(catalogue, ids[:2])
    catalogue.copy_tasks.ask("nas", [NewTask(ids[2], 1, NOW)], NOW)
    follow(catalogue, [], (1, 2), unwanted=ids[1:])
    tasks = catalogue.copy_tasks.claim("nas", "one", NOW, 10)
    assert [(task.call_id, task.priority) for task in tasks] == [(ids[2], BY_HAND), (ids[0], 0)]
    assert [task.call_id for task in catalogue.copy_tasks.open("nas", ids[:2])] == [ids[0]]


def test_what_was_copied_is_written_with_the_end_of_its_task(catalogue):
    ids = add(catalogue, 2)
    follow(catalogue, ids)
    made = []
    for call_id in ids:
        source = catalogue.calls.get(call_id).copies
        made.append(Made(call_id, source, (Copy("nas", source[0].name, 10, "aa", NOW, NOW),)))
    catalogue.calls.delete(ids[1])
    assert catalogue.copy_tasks.done("nas", made) == [True, False]
    found = catalogue.calls.get(ids[0]).copies
    assert [(copy.target, copy.checked) for copy in found] == [("local", None), ("nas", NOW)]
    assert catalogue.copy_tasks.open("nas", ids) == []
    assert catalogue.copy_tasks.waiting(NOW) == {}


def test_what_changed_meanwhile_is_not_written(catalogue):
    [call_id] = add(catalogue, 1)
    follow(catalogue, [call_id])
    stale = Copy("local", f"{call_id}.json", 10, "bb", NOW)
    assert catalogue.copy_tasks.done("nas", [Made(call_id, (stale,), ())]) == [False]
    assert len(catalogue.copy_tasks.open("nas", [call_id])) == 1


def test_followers_of_other_rules_are_forgotten(catalogue):
    follow(catalogue, add(catalogue, 1))
    catalogue.copy_tasks.forget_followers("copies nas ", but="copies nas 2")
    assert catalogue.copy_tasks.position("copies nas 1") == 0
