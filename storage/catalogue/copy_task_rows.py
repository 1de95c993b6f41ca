"""A copy task as a row, and what can be asked of such rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, or_

from storage.catalogue.keeping_tables import copy_tasks

LONGEST_DELAY = timedelta(hours=1)
"""Longest time for which a task that failed is left alone."""
BY_HAND = -10
"""Priority of what a person waits for."""


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


def task_from(row: Row[Any]) -> CopyTask:
    """The task that a row of ``copy_tasks`` holds."""
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


def of_calls(target: str, ids: Sequence[str]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """The tasks of ``target`` for these calls, one portion of them."""
    return (copy_tasks.c.target == target, copy_tasks.c.call_id.in_(ids))


def is_due(now: datetime) -> ColumnElement[bool]:
    """Somebody may take it now."""
    tried_ahead = (copy_tasks.c.attempts > 0) & (copy_tasks.c.not_before > now + LONGEST_DELAY)
    return or_(copy_tasks.c.not_before <= now, copy_tasks.c.since > now, tried_ahead)


def is_wanted(now: datetime) -> ColumnElement[bool]:
    """The target should hold the call by now, also where copying it failed and waits."""
    return or_(copy_tasks.c.not_before <= now, copy_tasks.c.since > now, copy_tasks.c.attempts > 0)
