"""The contract of search engines. ``tests/indexer/contract.py`` holds every engine to it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from indexer.document import SearchDocument
from indexer.query import Query
from indexer.scope import Scope

COUNT_CAP = 1000
"""Totals are told up to this many; beyond it they cost too much and help nobody."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_WHOLE = re.compile(r"-?[0-9]{1,18}")


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """The place of a call in every list: by start (UTC, milliseconds), then by id; the newest first."""

    start: datetime
    id: str

    def __str__(self) -> str:
        return f"{milliseconds(self.start)}.{self.id}"

    @classmethod
    def parse(cls, text: str) -> "Key":
        """The key that ``str`` wrote. Raises ``ValueError`` for anything else."""
        start, _, call_id = text.partition(".")
        try:
            if not _WHOLE.fullmatch(start) or not call_id:
                raise ValueError(text)
            return cls(instant(int(start)), call_id)
        except (OverflowError, ValueError) as error:
            raise ValueError(f"'{text}' is no place in a list of calls") from error


def milliseconds(time: datetime) -> int:
    """Whole milliseconds since the epoch, rounded down."""
    return (time - _EPOCH) // _MILLISECOND


def milliseconds_up(time: datetime) -> int:
    """Whole milliseconds since the epoch, rounded up."""
    return -((_EPOCH - time) // _MILLISECOND)


def instant(since_epoch: int) -> datetime:
    """The time ``since_epoch`` milliseconds after the epoch, in UTC."""
    return _EPOCH + since_epoch * _MILLISECOND


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a search, newest first.

    ``next`` is the last key of the page where older calls follow, ``previous`` its first where newer ones
    come before: in the direction of the search None at the end of the list, in the other one wherever the
    page began at a key. ``total`` counts all that the query finds within the scope, up to ``COUNT_CAP``; with
    ``total_capped`` there are more.
    """

    keys: tuple[Key, ...] = ()
    next: Key | None = None
    previous: Key | None = None
    total: int = 0
    total_capped: bool = False

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the calls, newest first."""
        return tuple(key.id for key in self.keys)


class Searching(Protocol):
    """What can be searched. Safe to use from several threads."""

    def search(
        self,
        query: Query,
        scope: Scope,
        *,
        after: Key | None = None,
        before: Key | None = None,
        limit: int = 50,
    ) -> Page:
        """At most ``limit`` calls that ``query`` finds within ``scope``.

        With ``after`` those older than that key, with ``before`` the nearest ones newer than it (not both).
        The keys need not be in the index. Raises ``IndexUnusable`` where there is no index to search.
        """
        ...


class Engine(Searching, Protocol):
    """A searchable index that can be written. One thread of one process writes at a time."""

    def add(self, documents: Iterable[SearchDocument]) -> None:
        """Put in documents, each in the place of one with the same id. Not found before ``commit``."""
        ...

    def delete(self, ids: Iterable[str]) -> None:
        """Take out documents; ids that are not there are passed over. In force with ``commit``."""
        ...

    def commit(self, position: int) -> None:
        """Make all since the last commit durable and findable, at once with ``position`` of the feed."""
        ...

    def checkpoint(self) -> int:
        """The position of the last commit, 0 before the first. After a kill, what came later is fed again."""
        ...

    def close(self) -> None:
        """Give up what was not committed, and release files and locks. Closing again does nothing."""
        ...


class Renewable(Engine, Protocol):
    """An engine whose index can be made anew, beside the one in force or instead of it."""

    def sound(self) -> bool:
        """Whether the index in force is whole, as far as any search or commit has noticed."""
        ...

    def successor(self) -> Engine:
        """An index beside the one in force, to be filled anew: the one begun before, else an empty one."""
        ...

    def adopt(self, successor: Engine) -> None:
        """Put what ``successor()`` gave in force, for readers in other processes too, and drop what was."""
        ...

    def start_over(self) -> None:
        """Put an empty index in force, to be fed from position 0."""
        ...
