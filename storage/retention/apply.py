"""Retention at work: what the rules let go is deleted, a bounded piece at a time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from storage.catalogue import Catalogue
from storage.retention.deletion import Deleted, Deletion, Erased
from storage.retention.erasures import Erasures
from storage.retention.restored import unseen
from storage.retention.rules import Rules
from storage.retention.window import going, latest_end, stretches

_AT_ONCE = 100
_STRETCH = 2_000
"""Fewer than a preview looks at: what is found in one is deleted before the next."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What retention deleted. ``whole`` is False where more may be due: it was stopped, or at its limit."""

    deleted: tuple[Deleted, ...]
    whole: bool

    @property
    def bytes(self) -> int:
        """Bytes of all copies."""
        return sum(call.bytes for call in self.deleted)


def apply_retention(
    catalogue: Catalogue,
    *,
    by: str,
    now: datetime,
    limit: int = 1000,
    stop: Callable[[], bool] = lambda: False,
) -> Applied:
    """Delete the calls that no rule keeps any longer, oldest first, about ``limit`` of them.

    Their blobs go by ``remove_pending``. ``by`` is the actor of the audit events. None goes behind a restore
    that no person has seen (``retention.restored``).
    """
    if unseen(catalogue) is not None:
        return Applied((), whole=True)
    deletion = Deletion(catalogue)
    deleted: list[Deleted] = []
    for portion in _due(catalogue, now):
        some = portion[: limit - len(deleted)]
        if stop() or not some:
            return Applied(tuple(deleted), whole=False)
        deleted.extend(deletion.by_rules(some, by=by, now=now))
        if len(some) < len(portion):
            return Applied(tuple(deleted), whole=False)
    return Applied(tuple(deleted), whole=True)


def apply_erasures(
    catalogue: Catalogue, *, now: datetime, stop: Callable[[], bool] = lambda: False
) -> dict[str, Erased]:
    """Carry out the erasures that are approved, but for what is held; by id of the erasure.

    None is behind a restore that no person has seen: a hold that was placed after the approval may be lost,
    and who waits has lost nothing.
    """
    if unseen(catalogue) is not None:
        return {}
    deletion = Deletion(catalogue)
    done: dict[str, Erased] = {}
    for erasure in Erasures(catalogue).to_do():
        if stop():
            break
        done[erasure.id] = deletion.erase(erasure.id, now)
    return done


def _due(catalogue: Catalogue, now: datetime) -> Iterator[list[str]]:
    """Ids of calls that may go, oldest first, some at a time. ``Deletion`` looks at each of them again."""
    rules = Rules(catalogue).in_force()
    before = latest_end(rules, now)
    if before is None:
        return
    for stretch in stretches(catalogue.database, before, size=_STRETCH):
        with catalogue.database.read() as connection:
            gone = going(connection, stretch, rules, now)
            query = (
                select(gone.c.id)
                .where(gone.c.held == 0, gone.c.undated == 0)
                .order_by(gone.c.start, gone.c.id)
            )
            ids = list(connection.execute(query).scalars())
        for at in range(0, len(ids), _AT_ONCE):
            yield ids[at : at + _AT_ONCE]
