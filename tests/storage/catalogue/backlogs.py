"""A catalogue with calls that the target ``nas`` shall hold."""

from datetime import UTC, datetime, timedelta

from storage.catalogue import Copy
from storage.catalogue.copy_tasks import NewTask
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
    return [task.call_id for task in catalogue.copy_claims.claim("nas", worker, now, limit)]
