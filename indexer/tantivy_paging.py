"""One page of a search in tantivy, newest first or backwards, by key: as quick at any depth.

Tantivy sorts by one column, the time. Calls of equal time are put in order here, by id.
"""

from typing import Any

import tantivy
from tantivy import Occur, Order

from indexer.engine import COUNT_CAP, Key, Page, instant, milliseconds
from indexer.tantivy_query import Compiler

Hits = list[tuple[int, tantivy.DocAddress]]


class Pager:
    """Pages of one query, its scope in it, on one state of the index."""

    def __init__(self, searcher: tantivy.Searcher, compiler: Compiler, found: tantivy.Query) -> None:
        self._searcher = searcher
        self._compiler = compiler
        self._found = found

    def page(self, start: Key | None, *, backwards: bool, limit: int) -> Page:
        """At most ``limit`` calls on from ``start``, to the older or ``backwards`` to the newer."""
        keys, further = self._from(start, backwards=backwards, limit=limit)
        total = further if start is None else self._count()
        more = further > len(keys)
        nearer = total > further
        if backwards:
            keys.reverse()
            more, nearer = nearer, more
        return Page(
            keys=tuple(keys),
            next=keys[-1] if keys and more else None,
            previous=keys[0] if keys and nearer else None,
            total=min(total, COUNT_CAP),
            total_capped=total > COUNT_CAP,
        )

    def _count(self) -> int:
        return _total(self._searcher.search(self._found, limit=1))

    def _from(self, start: Key | None, *, backwards: bool, limit: int) -> tuple[list[Key], int]:
        """At most ``limit`` keys on from ``start``, nearest first, and how many there are in all."""
        keys: list[Key] = []
        query = self._found
        if start is not None:
            time = milliseconds(start.start)
            keys = [
                key
                for key in self._at(time, backwards=backwards)
                if (key > start) is backwards and key != start
            ]
            beyond = self._compiler.newer(time) if backwards else self._compiler.older(time)
            query = _both(query, beyond)
        order = Order.Asc if backwards else Order.Desc
        result = self._searcher.search(query, limit=limit + 1, order_by_field="start", order=order)
        further = len(keys) + _total(result)
        return (keys + self._settled(result.hits, limit, backwards=backwards))[:limit], further

    def _settled(self, hits: Hits, limit: int, *, backwards: bool) -> list[Key]:
        """The keys of hits. Calls at the last time may be missing; then all of that time are fetched."""
        if len(hits) > limit and hits[-1][0] == hits[-2][0]:
            last = hits[-1][0]
            complete = [hit for hit in hits if hit[0] != last]
            return self._keys(complete, backwards=backwards) + self._at(last, backwards=backwards)
        return self._keys(hits, backwards=backwards)

    def _at(self, time: int, *, backwards: bool) -> list[Key]:
        query = _both(self._found, self._compiler.at(time))
        count = _total(self._searcher.search(query, limit=1))
        result = self._searcher.search(query, limit=max(1, count), order_by_field="start")
        return self._keys(result.hits, backwards=backwards)

    def _keys(self, hits: Hits, *, backwards: bool) -> list[Key]:
        keys = [
            Key(instant(time), str(self._searcher.doc(address).get_first("id"))) for time, address in hits
        ]
        return sorted(keys, reverse=not backwards)


def _both(first: tantivy.Query, second: tantivy.Query) -> tantivy.Query:
    return tantivy.Query.boolean_query([(Occur.Must, first), (Occur.Must, second)])


def _total(result: Any) -> int:
    # The published types of SearchResult leave out ``count``.
    return int(result.count)
