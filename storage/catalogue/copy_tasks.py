"""Copy tasks: calls that a target shall hold and does not hold yet, for workers to claim (``copy_claims``).

A task that was written when the clock was ahead is due at once: whoever takes it looks whether it is.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, case, delete, func, insert, select, update

from storage.catalogue.call_locks import lock_calls
from storage.catalogue.call_rows import CATALOGUE, Copy, copy_rows
from storage.catalogue.changes import lock_feed, moved_since
from storage.catalogue.copy_claims import NOBODYS
from storage.catalogue.copy_task_rows import (
    BY_HAND,
    LONGEST_DELAY,
    CopyTask,
    is_wanted,
    of_calls,
    task_from,
)
from storage.catalogue.engine import Database
from storage.catalogue.followers import move_follower
from storage.catalogue.keeping_tables import call_keys, copy_tasks
from storage.catalogue.portions import portions
from storage.catalogue.tables import copies


@dataclass(frozen=True, slots=True)
class NewTask:
    """A call to be copied; not before that time, where it lies ahead. ``bytes`` is what there is to copy."""

    call_id: str
    bytes: int
    not_before: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """The backlog of one target: calls and bytes that it should hold by now, ``oldest`` being the first of
    them, how many failed at least once, and how many are not due yet."""

    calls: int = 0
    bytes: int = 0
    oldest: datetime | None = None
    failing: int = 0
    later: int = 0


@dataclass(frozen=True, slots=True)
class Made:
    """What a worker did: ``copies`` on the target, made of ``sources``."""

    call_id: str
    sources: tuple[Copy, ...]
    copies: tuple[Copy, ...]


class CopyTasks:
    """Keeps the tasks, and writes what was copied."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def follow(
        self,
        follower: str,
        target: str,
        way: tuple[int, int],
        wanted: Sequence[NewTask],
        unwanted: Sequence[str],
        now: datetime,
    ) -> bool:
        """Move the follower from ``way[0]`` to ``way[1]`` of the change feed, together with its findings.

        Tasks that are there already stay as they are, but for the time of those that nobody tried, and so do
        unwanted ones that a person asked for. Calls that are deleted meanwhile get none. False, and nothing
        done, where another moved the follower.
        """
        with self._database.write() as connection:
            if not move_follower(connection, follower, way):
                return False
            _settle(connection, target, wanted, unwanted, now)
        return True

    def settle(self, target: str, wanted: Sequence[NewTask], unwanted: Sequence[str], now: datetime) -> None:
        """The same without a follower, of calls that somebody looked at for another reason."""
        with self._database.write() as connection:
            _settle(connection, target, wanted, unwanted, now)

    def ask(self, target: str, wanted: Sequence[NewTask], now: datetime) -> None:
        """Let these calls be copied before others, at once, whatever happened to them before."""
        fresh = {"priority": BY_HAND, "not_before": now, "attempts": 0}
        with self._database.write() as connection:
            _add(connection, target, wanted, now, priority=BY_HAND)
            for ids in portions([task.call_id for task in wanted]):
                connection.execute(update(copy_tasks).where(*of_calls(target, ids)).values(fresh))

    def hurry(self, target: str, now: datetime) -> None:
        """Let what failed be tried again at once."""
        tried = (copy_tasks.c.target == target) & (copy_tasks.c.attempts > 0)
        with self._database.write() as connection:
            connection.execute(update(copy_tasks).where(tried).values(not_before=now))

    def unfinished(self, target: str, now: datetime, attempts: int) -> bool:
        """Whether there are calls that the target should hold by now, of those that failed less often."""
        query = select(copy_tasks.c.call_id).where(
            copy_tasks.c.target == target, is_wanted(now), copy_tasks.c.attempts < attempts
        )
        with self._database.read() as connection:
            return connection.execute(query.limit(1)).first() is not None

    def failed(self, task: CopyTask, error: str, now: datetime, not_before: datetime) -> None:
        """The call could not be copied; it is tried again from ``not_before`` on, at most an hour away."""
        untried = copy_tasks.c.attempts == 0
        values = {
            "since": case((untried, copy_tasks.c.not_before), else_=copy_tasks.c.since),
            "attempts": copy_tasks.c.attempts + 1,
            "error": error[:2000],
            "not_before": min(not_before, now + LONGEST_DELAY),
        }
        self._let_go(task, values)

    def postpone(self, task: CopyTask, not_before: datetime, now: datetime, *, seen: int) -> None:
        """The task is not due after all; nobody claims it any more. As ``drop``, not what changed since."""
        values = {"since": now, "not_before": not_before, **NOBODYS}
        with self._database.write() as connection:
            for same in _as_seen(connection, [task], seen):
                connection.execute(update(copy_tasks).where(*same).values(values))

    def done(self, target: str, made: Sequence[Made], clock: Callable[[], datetime]) -> list[bool]:
        """Write that the target holds these, in one transaction; for each whether it was as it should be.

        They came when this was written, and not when each was sent: who follows the arrivals shall not have
        gone by already.

        It was not where the call is gone, or where its blobs are not any more what was copied: then nothing
        of it is written, and its task stays for whoever takes it next.
        """
        with self._database.write() as connection:
            lock_feed(connection)  # so that times become visible in their order
            at = clock()
            alive = lock_calls(connection, [item.call_id for item in made], alone=True)
            agreed = [item.call_id in alive and _unchanged(connection, item) for item in made]
            good = [item for item, agrees in zip(made, agreed, strict=True) if agrees]
            ids = [item.call_id for item in good]
            for some in portions(ids):
                here = (copies.c.target == target, copies.c.call_id.in_(some))
                connection.execute(delete(copies).where(*here))
            rows = [row | {"at": at} for item in good for row in copy_rows(item.call_id, item.copies)]
            if rows:
                connection.execute(insert(copies), rows)
            _drop(connection, target, ids)
        return agreed

    def drop(self, tasks: Sequence[CopyTask], *, seen: int) -> None:
        """These are not to be copied, or are there already.

        That was so at the position ``seen`` of the change feed: where something happened to the call since,
        or a person asked for it, the task stays for whoever takes it next.
        """
        with self._database.write() as connection:
            for same in _as_seen(connection, tasks, seen):
                connection.execute(delete(copy_tasks).where(*same))

    def open(self, target: str, call_ids: Sequence[str]) -> list[CopyTask]:
        """The tasks of these calls."""
        found: list[CopyTask] = []
        with self._database.read() as connection:
            for ids in portions(call_ids):
                query = select(copy_tasks).where(*of_calls(target, ids))
                found += [task_from(row) for row in connection.execute(query)]
        return found

    def call_ids(self, target: str, after: str, limit: int) -> list[str]:
        """Calls that ``target`` lacks, due or not, in the order of their ids, behind ``after``."""
        query = select(copy_tasks.c.call_id).where(
            copy_tasks.c.target == target, copy_tasks.c.call_id > after
        )
        with self._database.read() as connection:
            return list(connection.execute(query.order_by(copy_tasks.c.call_id).limit(limit)).scalars())

    def failing(self, target: str, limit: int = 100) -> list[CopyTask]:
        """Tasks that failed at least once, those that failed most often first."""
        query = select(copy_tasks).where(copy_tasks.c.target == target, copy_tasks.c.attempts > 0)
        query = query.order_by(copy_tasks.c.attempts.desc(), copy_tasks.c.call_id).limit(limit)
        with self._database.read() as connection:
            return [task_from(row) for row in connection.execute(query)]

    def waiting(self, now: datetime) -> dict[str, Waiting]:
        """The backlog of every target that has one. Walks all tasks: not for every request."""
        due = is_wanted(now)
        moment = case((copy_tasks.c.attempts == 0, copy_tasks.c.not_before), else_=copy_tasks.c.since)
        query = select(
            copy_tasks.c.target,
            func.sum(case((due, 1), else_=0)).label("calls"),
            func.sum(case((due, copy_tasks.c.bytes), else_=0)).label("bytes"),
            func.min(case((due, moment), else_=None)).label("oldest"),
            func.sum(case((copy_tasks.c.attempts > 0, 1), else_=0)).label("failing"),
            func.count().label("all"),
        ).group_by(copy_tasks.c.target)
        with self._database.read() as connection:
            return {
                row.target: Waiting(
                    int(row.calls), int(row.bytes), row.oldest, int(row.failing), row.all - int(row.calls)
                )
                for row in connection.execute(query)
            }

    def _let_go(self, task: CopyTask, values: Mapping[str, object]) -> None:
        mine = of_calls(task.target, [task.call_id])
        with self._database.write() as connection:
            connection.execute(update(copy_tasks).where(*mine).values({**values, **NOBODYS}))


def _settle(
    connection: Connection,
    target: str,
    wanted: Sequence[NewTask],
    unwanted: Sequence[str],
    now: datetime,
) -> None:
    # Calls before tasks, as whoever deletes a call locks them: the other way round could lock up.
    lock_calls(connection, [*unwanted, *(task.call_id for task in wanted)])
    for ids in portions(unwanted):
        by_rule = copy_tasks.c.priority > BY_HAND
        connection.execute(delete(copy_tasks).where(*of_calls(target, ids), by_rule))
    _add(connection, target, wanted, now, priority=0)


def _add(
    connection: Connection, target: str, wanted: Iterable[NewTask], now: datetime, *, priority: int
) -> None:
    by_id = {task.call_id: task for task in wanted}
    alive = lock_calls(connection, list(by_id))
    known: set[str] = set()
    for ids in portions(list(by_id)):
        query = select(copy_tasks.c.call_id).where(*of_calls(target, ids))
        known.update(connection.execute(query).scalars())
    for call_id in known:
        untried = (*of_calls(target, [call_id]), copy_tasks.c.attempts == 0)
        moment = max(by_id[call_id].not_before, now)
        later = (copy_tasks.c.not_before > now) | (moment > now)
        values = {"bytes": by_id[call_id].bytes, "not_before": moment, "since": now}
        connection.execute(update(copy_tasks).where(*untried, later).values(values))
    rows = [
        {
            "call_id": task.call_id,
            "target": target,
            "since": now,
            "bytes": task.bytes,
            "priority": priority,
            "not_before": max(task.not_before, now),
        }
        for task in by_id.values()
        if task.call_id in alive and task.call_id not in known
    ]
    if rows:
        connection.execute(insert(copy_tasks), rows)


def _as_seen(
    connection: Connection, tasks: Sequence[CopyTask], seen: int
) -> Iterator[tuple[ColumnElement[bool], ...]]:
    """Conditions that meet the tasks that are as they were, of calls to which nothing happened."""
    lock_feed(connection)  # so that nothing happens to them before the transaction ends
    kinds: dict[tuple[str, int], list[str]] = {}
    for task in tasks:
        kinds.setdefault((task.target, task.priority), []).append(task.call_id)
    for (target, priority), call_ids in kinds.items():
        for ids in portions(call_ids):
            moved = moved_since(connection, seen, ids)
            same = [call_id for call_id in ids if call_id not in moved]
            yield (*of_calls(target, same), copy_tasks.c.priority == priority)


def _drop(connection: Connection, target: str, call_ids: Sequence[str]) -> None:
    for ids in portions(call_ids):
        connection.execute(delete(copy_tasks).where(*of_calls(target, ids)))


def _unchanged(connection: Connection, item: Made) -> bool:
    query = select(copies.c.target, copies.c.name, copies.c.sha256).where(copies.c.call_id == item.call_id)
    found = {(row.target, row.name): row.sha256 for row in connection.execute(query)}
    if any(copy.target == CATALOGUE for copy in item.sources):
        key = connection.execute(select(call_keys.c.document).where(call_keys.c.call_id == item.call_id))
        now = hashlib.sha256(str(key.scalar_one_or_none() or "").encode()).hexdigest()
        found |= {(copy.target, copy.name): now for copy in item.sources if copy.target == CATALOGUE}
    return all(found.get((copy.target, copy.name)) == copy.sha256 for copy in item.sources)
