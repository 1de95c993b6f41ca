"""Copy tasks: what is to be copied, what was, and what failed."""

from storage.catalogue import Copy
from storage.catalogue.copy_tasks import Made
from tests.storage.catalogue.backlogs import HOUR, NOW, add, claimed, follow


def test_following_is_done_once(catalogue):
    ids = add(catalogue, 2)
    assert follow(catalogue, ids[:1], (0, 1))
    assert not follow(catalogue, ids, (0, 1))
    assert catalogue.followers.position("copies nas 1") == 1
    assert follow(catalogue, ids, (1, 2))
    waiting = catalogue.copy_tasks.waiting(NOW)["nas"]
    assert (waiting.calls, waiting.bytes, waiting.oldest, waiting.failing) == (2, 200, NOW, 0)


def test_calls_that_are_gone_get_no_task_and_leave_none(catalogue):
    ids = add(catalogue, 2)
    follow(catalogue, [*ids, "nowhere"])
    catalogue.calls.delete(ids[0])
    assert claimed(catalogue) == [ids[1]]


def test_failures_are_told(catalogue):
    ids = add(catalogue, 1)
    follow(catalogue, ids)
    task = catalogue.copy_claims.claim("nas", "one", NOW, 1)[0]
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


def test_what_was_copied_is_written_with_the_end_of_its_task(catalogue):
    ids = add(catalogue, 2)
    follow(catalogue, ids)
    made = []
    for call_id in ids:
        source = catalogue.calls.get(call_id).copies
        made.append(Made(call_id, source, (Copy("nas", source[0].name, 10, "aa", NOW, NOW),)))
    catalogue.calls.delete(ids[1])
    assert catalogue.copy_tasks.done("nas", made, lambda: NOW) == [True, False]
    found = catalogue.calls.get(ids[0]).copies
    assert [(copy.target, copy.checked) for copy in found] == [("local", None), ("nas", NOW)]
    assert catalogue.copy_tasks.open("nas", ids) == []
    assert catalogue.copy_tasks.waiting(NOW) == {}


def test_what_was_long_under_way_comes_behind_what_was_quick(catalogue):
    ids = add(catalogue, 2)
    follow(catalogue, ids)
    slow, quick = (Made(call_id, catalogue.calls.get(call_id).copies, (_copied(call_id),)) for call_id in ids)
    catalogue.copy_tasks.done("nas", [quick], lambda: NOW + HOUR)
    (last,) = catalogue.arrivals.after("nas")
    catalogue.copy_tasks.done("nas", [slow], lambda: NOW + 2 * HOUR)
    assert [one.call_id for one in catalogue.arrivals.after("nas", last)] == [slow.call_id]


def _copied(call_id):
    return Copy("nas", f"{call_id}.json", 10, "aa", NOW, NOW)


def test_what_changed_meanwhile_is_not_written(catalogue):
    [call_id] = add(catalogue, 1)
    follow(catalogue, [call_id])
    stale = Copy("local", f"{call_id}.json", 10, "bb", NOW)
    assert catalogue.copy_tasks.done("nas", [Made(call_id, (stale,), ())], lambda: NOW) == [False]
    assert len(catalogue.copy_tasks.open("nas", [call_id])) == 1
