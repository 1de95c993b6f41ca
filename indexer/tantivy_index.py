"""One generation of a tantivy index on disk: opening, reloading, and one page of a search."""

import threading
from pathlib import Path
from typing import Any

import tantivy
from tantivy import Occur, Order

from indexer.engine import COUNT_CAP, Key, Page, instant, milliseconds
from indexer.errors import IndexUnusable
from indexer.query import Query
from indexer.scope import Scope
from indexer.tantivy_query import Compiler
from indexer.tantivy_schema import CHECKPOINT, schema

META = "meta.json"


class TantivyIndex:
    """An open generation. Searches see the newest commit, also of another process; safe between threads."""

    def __init__(self, folder: Path) -> None:
        """Open what is in ``folder``, or make an empty index there. Raises ``IndexUnusable``."""
        self.folder = folder
        self._schema = schema()
        self._compiler = Compiler(self._schema)
        self._lock = threading.Lock()
        try:
            self.index = tantivy.Index(
                self._schema, path=str(folder), sort_by_field="start", sort_order=Order.Desc
            )
            self.index.config_reader("manual")
            self._seen = self._stamp()
            self.index.reload()
            self.checkpoint()
        except (ValueError, OSError) as error:
            raise IndexUnusable(f"The index in {folder} cannot be opened: {error}") from error

    def _stamp(self) -> tuple[int, int, int]:
        status = (self.folder / META).stat()
        return (status.st_ino, status.st_mtime_ns, status.st_size)

    def searcher(self) -> tantivy.Searcher:
        """A view of the newest commit."""
        with self._lock:
            stamp = self._stamp()
            if stamp != self._seen:
                self.index.reload()
                self._seen = stamp
            return self.index.searcher()

    def checkpoint(self) -> int:
        """The position stored by the newest commit, 0 where there is none."""
        searcher = self.searcher()
        query = tantivy.Query.term_query(self._schema, "kind", CHECKPOINT, "basic")
        hits = searcher.search(query, limit=1).hits
        return int(searcher.doc(hits[0][1]).get_first("position") or 0) if hits else 0

    def search(self, query: Query, scope: Scope, after: Key | None, before: Key | None, limit: int) -> Page:
        """See ``Searching``."""
        if limit < 1:
            raise ValueError("a page has at least one call")
        if after is not None and before is not None:
            raise ValueError("a page is after a key or before one, not both")
        if scope.nothing:
            return Page()
        view = _View(self.searcher(), self._compiler, self._compiler.compiled(query.condition, scope))
        return view.page(after or before, backwards=before is not None, limit=limit)


class _View:
    """One search on one state of the index."""

    def __init__(self, searcher: tantivy.Searcher, compiler: Compiler, found: tantivy.Query) -> None:
        self._searcher = searcher
        self._compiler = compiler
        self._found = found

    def page(self, start: Key | None, *, backwards: bool, limit: int) -> Page:
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

    def _settled(
        self, hits: list[tuple[int, tantivy.DocAddress]], limit: int, *, backwards: bool
    ) -> list[Key]:
        """The keys of hits, in order of id among equal times.

        Tantivy orders by time alone, so of calls at the last time some may be missing: then all are fetched.
        """
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

    def _keys(self, hits: list[tuple[int, tantivy.DocAddress]], *, backwards: bool) -> list[Key]:
        keys = [
            Key(instant(time), str(self._searcher.doc(address).get_first("id"))) for time, address in hits
        ]
        return sorted(keys, reverse=not backwards)


def _both(first: tantivy.Query, second: tantivy.Query) -> tantivy.Query:
    return tantivy.Query.boolean_query([(Occur.Must, first), (Occur.Must, second)])


def _total(result: Any) -> int:
    # The published types of SearchResult leave out ``count``.
    return int(result.count)
