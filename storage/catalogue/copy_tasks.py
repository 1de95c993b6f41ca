"""Copy tasks: calls that a target shall hold and does not hold yet, taken by one worker at a time.

A worker claims tasks and says again and again that it lives (``renew``); a claim that is not renewed for
``LEASE`` is anybody's, and so is at once that of a worker that is known to be gone (``free``). Two workers at
one task do no harm, as they write the same bytes; the claims save the work. A task that was written when the
clock was ahead is due at once: whoever takes it looks whether it is.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, case, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from storage.catalogue.call_rows import Copy, copy_rows
from storage.catalogue.engine import Database
from storage.catalogue.keeping_tables import copy_tasks, followers
from storage.catalogue.tables import calls, copies

LEASE = timedelta(seconds=60)
LONGEST_DELAY = timedelta(hours=1)
"""Longest time for which a task that failed is left alone."""
BY_HAND = -10
"""Priority of what a person waits for."""
_IDS_A_QUERY = 400


@dataclass(frozen=True, slots=True)
class NewTask:
    """A call to be copied; not before that time, where it lies ahead. ``bytes`` is what there is to copy."""

    call_id: str
    bytes: int
    not_before: datetime


@dataclass(frozen=True, slots=True)
class CopyTask:
    """A call that ``target`` does not hold yet, known ``since`` then; untried, it should from ``not_before``
    on."""

    call_id: str
    target: str
    since: datetime
    bytes: int
    priority: int
    not_before: datetime
    attempts: int
    error: str


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

    def position(self, follower: str) -> int:
        """How far the follower has come in the change feed."""
        with self._database.read() as connection:
            return _position(connection, follower) or 0

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
            if not _move(connection, follower, way):
                return False
            # Calls before tasks, as whoever deletes a call locks them: the other way round could lock up.
            _lock_calls(connection, [*unwanted, *(task.call_id for task in wanted)])
            for ids in _portions(unwanted):
                by_rule = copy_tasks.c.priority > BY_HAND
                connection.execute(delete(copy_tasks).where(*_of(target, ids), by_rule))
            _add(connection, target, wanted, now, priority=0)
        return True

    def forget_followers(self, prefix: str, but: str) -> None:
        """Forget the followers whose names begin so, other than ``but``."""
        others = followers.c.name.startswith(prefix, autoescape=True) & (followers.c.name != but)
        with self._database.write() as connection:
            connection.execute(delete(followers).where(others))

    def ask(self, target: str, wanted: Sequence[NewTask], now: datetime) -> None:
        """Let these calls be copied before others, at once, whatever happened to them before."""
        fresh = {"priority": BY_HAND, "not_before": now, "attempts": 0}
        with self._database.write() as connection:
            _add(connection, target, wanted, now, priority=BY_HAND)
            for ids in _portions([task.call_id for task in wanted]):
                connection.execute(update(copy_tasks).where(*_of(target, ids)).values(fresh))

    def hurry(self, target: str, now: datetime) -> None:
        """Let what failed be tried again at once."""
        tried = (copy_tasks.c.target == target) & (copy_tasks.c.attempts > 0)
        with self._database.write() as connection:
            connection.execute(update(copy_tasks).where(tried).values(not_before=now))

    def claimable(self, target: str, now: datetime, *, by_hand: bool = False) -> bool:
        """Whether ``claim`` would find anything."""
        query = select(copy_tasks.c.call_id).where(*_claimable(target, now, by_hand=by_hand)).limit(1)
        with self._database.read() as connection:
            return connection.execute(query).first() is not None

    def unfinished(self, target: str, now: datetime, attempts: int) -> bool:
        """Whether there are calls that the target should hold by now, of those that failed less often."""
        query = select(copy_tasks.c.call_id).where(
            copy_tasks.c.target == target, _is_wanted(now), copy_tasks.c.attempts < attempts
        )
        with self._database.read() as connection:
            return connection.execute(query.limit(1)).first() is not None

    def claim(
        self, target: str, worker: str, now: datetime, limit: int, *, by_hand: bool = False
    ) -> list[CopyTask]:
        """At most ``limit`` tasks that are due and nobody else's, first those that a person asked for; with
        ``by_hand`` only those."""
        query = (
            select(copy_tasks)
            .where(*_claimable(target, now, by_hand=by_hand))
            .order_by(copy_tasks.c.priority, copy_tasks.c.not_before, copy_tasks.c.call_id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        with self._database.write() as connection:
            found = [_task(row) for row in connection.execute(query)]
            for ids in _portions([task.call_id for task in found]):
                claim = {"claimed_by": worker, "claimed_at": now}
                connection.execute(update(copy_tasks).where(*_of(target, ids)).values(claim))
        return found

    def renew(self, worker: str, now: datetime) -> None:
        """The worker lives."""
        mine = copy_tasks.c.claimed_by == worker
        with self._database.write() as connection:
            connection.execute(update(copy_tasks).where(mine).values(claimed_at=now))

    def release(self, worker: str, target: str, call_ids: Sequence[str]) -> None:
        """The worker lets these go as they were."""
        with self._database.write() as connection:
            for ids in _portions(call_ids):
                mine = (*_of(target, ids), copy_tasks.c.claimed_by == worker)
                connection.execute(update(copy_tasks).where(*mine).values(claimed_by="", claimed_at=None))

    def free(self, target: str, gone: Callable[[str], bool]) -> int:
        """Let go what workers have taken that are ``gone``; how many tasks that were."""
        held = (copy_tasks.c.target == target, copy_tasks.c.claimed_by != "")
        with self._database.write() as connection:
            workers = connection.execute(select(copy_tasks.c.claimed_by).where(*held).distinct()).scalars()
            dead = [worker for worker in workers if gone(worker)]
            freed = 0
            for some in _portions(dead):
                theirs = (*held, copy_tasks.c.claimed_by.in_(some))
                values = {"claimed_by": "", "claimed_at": None}
                freed += connection.execute(update(copy_tasks).where(*theirs).values(values)).rowcount
        return freed

    def failed(self, task: CopyTask, error: str, now: datetime, not_before: datetime) -> None:
        """The call could not be copied; it is tried again from ``not_before`` on, at most an hour away."""
        untried = copy_tasks.c.attempts == 0
        values = {
            "since": case((untried, copy_tasks.c.not_before), else_=copy_tasks.c.since),
            "attempts": copy_tasks.c.attempts + 1,
            "error": error[:2000],
            "not_before": min(not_before, now + LONGEST_DELAY),
            "claimed_by": "",
            "claimed_at": None,
        }
        with self._database.write() as connection:
            connection.execute(update(copy_tasks).where(*_of(task.target, [task.call_id])).values(values))

    def postpone(self, task: CopyTask, not_before: datetime, now: datetime) -> None:
        """The task is not due after all; nobody claims it any more."""
        values = {"since": now, "not_before": not_before, "claimed_by": "", "claimed_at": None}
        with self._database.write() as connection:
            connection.execute(update(copy_tasks).where(*_of(task.target, [task.call_id])).values(values))

    def done(self, target: str, made: Sequence[Made]) -> list[bool]:
        """Write that the target holds these, in one transaction; for each whether it was as it should be.

        It was not where the call is gone, or where its blobs are not any more what was copied: then nothing
        of it is written, and its task stays for whoever takes it next.
        """
        with self._database.write() as connection:
            alive = _lock_calls(connection, [item.call_id for item in made], alone=True)
            agreed = [item.call_id in alive and _unchanged(connection, item) for item in made]
            good = [item for item, agrees in zip(made, agreed, strict=True) if agrees]
            ids = [item.call_id for item in good]
            for some in _portions(ids):
                here = (copies.c.target == target, copies.c.call_id.in_(some))
                connection.execute(delete(copies).where(*here))
            rows = [row for item in good for row in copy_rows(item.call_id, item.copies)]
            if rows:
                connection.execute(insert(copies), rows)
            _drop(connection, target, ids)
        return agreed

    def drop(self, target: str, call_ids: Sequence[str]) -> None:
        """These are not to be copied to the target, or are there already."""
        with self._database.write() as connection:
            _drop(connection, target, call_ids)

    def open(self, target: str, call_ids: Sequence[str]) -> list[CopyTask]:
        """The tasks of these calls."""
        found: list[CopyTask] = []
        with self._database.read() as connection:
            for ids in _portions(call_ids):
                query = select(copy_tasks).where(*_of(target, ids))
                found += [_task(row) for row in connection.execute(query)]
        return found

    def failing(self, target: str, limit: int = 100) -> list[CopyTask]:
        """Tasks that failed at least once, those that failed most often first."""
        query = select(copy_tasks).where(copy_tasks.c.target == target, copy_tasks.c.attempts > 0)
        query = query.order_by(copy_tasks.c.attempts.desc(), copy_tasks.c.call_id).limit(limit)
        with self._database.read() as connection:
            return [_task(row) for row in connection.execute(query)]

    def waiting(self, now: datetime) -> dict[str, Waiting]:
        """The backlog of every target that has one. Walks all tasks: not for every request."""
        due = _is_wanted(now)
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


def _position(connection: Connection, follower: str) -> int | None:
    query = select(followers.c.position).where(followers.c.name == follower).with_for_update()
    found: int | None = connection.execute(query).scalar_one_or_none()
    return found


def _move(connection: Connection, follower: str, way: tuple[int, int]) -> bool:
    was, position = way
    if _position(connection, follower) is None:
        try:
            with connection.begin_nested():
                connection.execute(insert(followers).values(name=follower, position=0))
        except IntegrityError:
            pass  # another process made it at the same moment
    if _position(connection, follower) != was:
        return False
    connection.execute(update(followers).where(followers.c.name == follower).values(position=position))
    return True


def _add(
    connection: Connection, target: str, wanted: Iterable[NewTask], now: datetime, *, priority: int
) -> None:
    by_id = {task.call_id: task for task in wanted}
    alive = _lock_calls(connection, list(by_id))
    known: set[str] = set()
    for ids in _portions(list(by_id)):
        query = select(copy_tasks.c.call_id).where(*_of(target, ids))
        known.update(connection.execute(query).scalars())
    for call_id in known:
        untried = (*_of(target, [call_id]), copy_tasks.c.attempts == 0)
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


def _drop(connection: Connection, target: str, call_ids: Sequence[str]) -> None:
    for ids in _portions(call_ids):
        connection.execute(delete(copy_tasks).where(*_of(target, ids)))


def _lock_calls(connection: Connection, call_ids: Sequence[str], *, alone: bool = False) -> set[str]:
    """Those of the calls that exist; none of them changes or goes before this transaction ends.

    ``alone``: nor does anybody else lock them until then.
    """
    found: set[str] = set()
    for ids in _portions(sorted(call_ids)):
        query = select(calls.c.id).where(calls.c.id.in_(ids)).order_by(calls.c.id)
        found.update(connection.execute(query.with_for_update(read=not alone, key_share=alone)).scalars())
    return found


def _unchanged(connection: Connection, item: Made) -> bool:
    query = select(copies.c.target, copies.c.name, copies.c.sha256).where(copies.c.call_id == item.call_id)
    found = {(row.target, row.name): row.sha256 for row in connection.execute(query)}
    return all(found.get((copy.target, copy.name)) == copy.sha256 for copy in item.sources)


def _is_due(now: datetime) -> ColumnElement[bool]:
    tried_ahead = (copy_tasks.c.attempts > 0) & (copy_tasks.c.not_before > now + LONGEST_DELAY)
    return or_(copy_tasks.c.not_before <= now, copy_tasks.c.since > now, tried_ahead)


def _is_wanted(now: datetime) -> ColumnElement[bool]:
    return or_(copy_tasks.c.not_before <= now, copy_tasks.c.since > now, copy_tasks.c.attempts > 0)


def _is_free(now: datetime) -> ColumnElement[bool]:
    claimed = copy_tasks.c.claimed_at
    return or_(copy_tasks.c.claimed_by == "", claimed < now - LEASE, claimed > now + LEASE)


def _claimable(target: str, now: datetime, *, by_hand: bool) -> tuple[ColumnElement[bool], ...]:
    found = (copy_tasks.c.target == target, _is_due(now), _is_free(now))
    return (*found, copy_tasks.c.priority <= BY_HAND) if by_hand else found


def _of(target: str, ids: Sequence[str]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (copy_tasks.c.target == target, copy_tasks.c.call_id.in_(ids))


def _portions(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for at in range(0, len(values), _IDS_A_QUERY):
        yield values[at : at + _IDS_A_QUERY]


def _task(row: Row[Any]) -> CopyTask:
    return CopyTask(
        row.call_id,
        row.target,
        row.since,
        row.bytes,
        row.priority,
        row.not_before,
        row.attempts,
        row.error,
    )
