"""Claims: each copy task is one worker's at a time.

A worker claims tasks and says again and again that it lives (``renew``); a claim that is not renewed for
``LEASE`` is anybody's, and so is at once that of a worker that is known to be gone (``free``). Two workers at
one task do no harm, as they write the same bytes; the claims save the work.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select, update

from storage.catalogue.copy_task_rows import BY_HAND, CopyTask, is_due, of_calls, task_from
from storage.catalogue.engine import Database
from storage.catalogue.keeping_tables import copy_tasks
from storage.catalogue.portions import portions

LEASE = timedelta(seconds=60)
NOBODYS = {"claimed_by": "", "claimed_at": None}
"""The values of a task that no worker has."""


class CopyClaims:
    """Gives tasks to workers, and takes them back."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claimable(self, target: str, now: datetime, *, by_hand: bool = False) -> bool:
        """Whether ``claim`` would find anything."""
        query = select(copy_tasks.c.call_id).where(*_claimable(target, now, by_hand=by_hand)).limit(1)
        with self._database.read() as connection:
            return connection.execute(query).first() is not None

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
            found = [task_from(row) for row in connection.execute(query)]
            for ids in portions([task.call_id for task in found]):
                claim = {"claimed_by": worker, "claimed_at": now}
                connection.execute(update(copy_tasks).where(*of_calls(target, ids)).values(claim))
        return found

    def renew(self, worker: str, now: datetime) -> None:
        """The worker lives."""
        mine = copy_tasks.c.claimed_by == worker
        with self._database.write() as connection:
            connection.execute(update(copy_tasks).where(mine).values(claimed_at=now))

    def release(self, worker: str, target: str, call_ids: Sequence[str]) -> None:
        """The worker lets these go as they were."""
        with self._database.write() as connection:
            for ids in portions(call_ids):
                mine = (*of_calls(target, ids), copy_tasks.c.claimed_by == worker)
                connection.execute(update(copy_tasks).where(*mine).values(NOBODYS))

    def free(self, target: str, gone: Callable[[str], bool]) -> int:
        """Let go what workers have taken that are ``gone``; how many tasks that were."""
        held = (copy_tasks.c.target == target, copy_tasks.c.claimed_by != "")
        with self._database.write() as connection:
            workers = connection.execute(select(copy_tasks.c.claimed_by).where(*held).distinct()).scalars()
            dead = [worker for worker in workers if gone(worker)]
            freed = 0
            for some in portions(dead):
                theirs = (*held, copy_tasks.c.claimed_by.in_(some))
                freed += connection.execute(update(copy_tasks).where(*theirs).values(NOBODYS)).rowcount
        return freed


def _claimable(target: str, now: datetime, *, by_hand: bool) -> tuple[ColumnElement[bool], ...]:
    found = (copy_tasks.c.target == target, is_due(now), _is_free(now))
    return (*found, copy_tasks.c.priority <= BY_HAND) if by_hand else found


def _is_free(now: datetime) -> ColumnElement[bool]:
    claimed = copy_tasks.c.claimed_at
    return or_(copy_tasks.c.claimed_by == "", claimed < now - LEASE, claimed > now + LEASE)
