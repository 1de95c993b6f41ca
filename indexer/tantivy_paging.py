"""One page of a search in tantivy, newest first or backwards, by key: as quick at any depth.

Tantivy sorts by one column, the time, and to find the newest it looks at every call that fits. So a query is
first asked of a window of calls next to where the page begins: one that finds many has its page and its
capped total there, and only one that finds few is asked of the whole index.
"""

from collections.abc import Iterator
from typing import Any

import tantivy
from tantivy import Occur, Order

from indexer.engine import COUNT_CAP, Key, Page, instant, milliseconds
from indexer.tantivy_query import Compiler
from indexer.tantivy_window import Window

Hits = list[tuple[int, tantivy.DocAddress]]


class Pager:
    """Pages of one query, its scope in it, on one state of the index."""

    def __init__(
        self, searcher: tantivy.Searcher, compiler: Compiler, found: tantivy.Query, window: Window | None
    ) -> None:
        self._searcher = searcher
        self._compiler = compiler
        self._found = found
        self._window = window

    def page(self, start: Key | None, *, backwards: bool, limit: int) -> Page:
        """At most ``limit`` calls on from ``start``, to the older or ``backwards`` to the newer."""
        keys, further = self._nearest(start, backwards=backwards, limit=limit)
        total = further
        if start is not None and further <= COUNT_CAP:
            total = _count(self._searcher.search(self._found, limit=1, order_by_field="start"))
        ahead = len(keys) > limit
        behind = start is not None
        keys = keys[:limit]
        if backwards:
            keys.reverse()
            ahead, behind = behind, ahead
        return Page(
            keys=tuple(keys),
            next=keys[-1] if keys and ahead else None,
            previous=keys[0] if keys and behind else None,
            total=min(total, COUNT_CAP),
            total_capped=total > COUNT_CAP,
        )

    def _nearest(self, start: Key | None, *, backwards: bool, limit: int) -> tuple[list[Key], int]:
        """More than ``limit`` keys on from ``start`` where there are, nearest first, and how many in all.

        Beyond ``COUNT_CAP`` the number is a lower bound.
        """
        keys: list[Key] = []
        further = 0
        for query in self._attempts(start, backwards=backwards):
            keys, further = self._read(query, start, backwards=backwards, limit=limit)
            if further > COUNT_CAP and len(keys) > limit:
                break
        return keys, further

    def _attempts(self, start: Key | None, *, backwards: bool) -> Iterator[tantivy.Query]:
        time = milliseconds(start.start) if start else None
        window = self._window
        if window is None:
            pass
        elif time is None:
            yield self._between(window.newest, None)
        elif backwards:
            yield self._between(time, time + window.width)
        else:
            yield self._between(time - window.width, time)
        yield self._between(time, None) if backwards else self._between(None, time)

    def _between(self, low: int | None, high: int | None) -> tantivy.Query:
        if low is None and high is None:
            return self._found
        started = self._compiler.started(low, high)
        return tantivy.Query.boolean_query([(Occur.Must, self._found), (Occur.Must, started)])

    def _read(
        self, query: tantivy.Query, start: Key | None, *, backwards: bool, limit: int
    ) -> tuple[list[Key], int]:
        order = Order.Asc if backwards else Order.Desc
        # One more tells that there is more, one is the start itself, one ends the last time that is complete.
        wanted = limit + 3
        while True:
            result = self._searcher.search(query, limit=wanted, order_by_field="start", order=order)
            count = _count(result)
            hits = result.hits if count <= wanted else _complete(result.hits)
            every = self._keys(hits, backwards=backwards)
            keys = [key for key in every if start is None or (key > start if backwards else key < start)]
            if len(keys) > limit or count <= wanted:
                return keys, count - (len(every) - len(keys))
            wanted = min(count, wanted * 4)

    def _keys(self, hits: Hits, *, backwards: bool) -> list[Key]:
        keys = [
            Key(instant(time), str(self._searcher.doc(address).get_first("id"))) for time, address in hits
        ]
        return sorted(keys, reverse=not backwards)


def _complete(hits: Hits) -> Hits:
    """The hits without those of the last time, of which some may be missing."""
    last = hits[-1][0]
    return [hit for hit in hits if hit[0] != last]


def _count(result: Any) -> int:
    # The published types of SearchResult leave out ``count``.
    return int(result.count)
