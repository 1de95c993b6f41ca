"""An engine in memory that looks at every document: small, exact and slow. For tests and demonstrations."""

import threading
from collections.abc import Iterable

from indexer.document import SearchDocument
from indexer.engine import COUNT_CAP, Engine, Key, Page
from indexer.matching import matches, visible
from indexer.narrowing import narrowed
from indexer.query import Query
from indexer.scope import Scope


class MemoryEngine:
    """Implements ``Renewable``. Nothing outlives it."""

    def __init__(self) -> None:
        self._committed: dict[str, SearchDocument] = {}
        self._pending: dict[str, SearchDocument | None] = {}
        self._position = 0
        self._lock = threading.Lock()

    def add(self, documents: Iterable[SearchDocument]) -> None:
        """See ``Engine``."""
        self._pending.update((document.id, document) for document in documents)

    def delete(self, ids: Iterable[str]) -> None:
        """See ``Engine``."""
        self._pending.update(dict.fromkeys(ids))

    def commit(self, position: int) -> None:
        """See ``Engine``."""
        with self._lock:
            merged = {**self._committed, **self._pending}
            self._committed = {key: document for key, document in merged.items() if document is not None}
            self._position = position
        self._pending = {}

    def checkpoint(self) -> int:
        """See ``Engine``."""
        return self._position

    def close(self) -> None:
        """See ``Engine``."""
        self._pending = {}

    def sound(self) -> bool:
        """See ``Renewable``."""
        return True

    def successor(self) -> "MemoryEngine":
        """See ``Renewable``. What was begun before is not kept."""
        return MemoryEngine()

    def adopt(self, successor: Engine) -> None:
        """See ``Renewable``."""
        if not isinstance(successor, MemoryEngine):
            raise TypeError("only a successor of this engine can follow it")
        with self._lock:
            self._committed = successor._committed
            self._position = successor._position

    def start_over(self) -> None:
        """See ``Renewable``."""
        self.adopt(MemoryEngine())

    def search(
        self,
        query: Query,
        scope: Scope,
        *,
        after: Key | None = None,
        before: Key | None = None,
        limit: int = 50,
    ) -> Page:
        """See ``Searching``."""
        if limit < 1:
            raise ValueError("a page has at least one call")
        if after is not None and before is not None:
            raise ValueError("a page is after a key or before one, not both")
        with self._lock:
            documents = list(self._committed.values())
        condition = narrowed(query.condition, scope)
        found = sorted(
            (
                Key(document.start, document.id)
                for document in documents
                if visible(document, scope) and matches(document, condition)
            ),
            reverse=True,
        )
        if before is not None:
            keys = [key for key in found if key > before][-limit:]
        else:
            keys = [key for key in found if after is None or key < after][:limit]
        newer = after is not None or found[:1] != keys[:1]
        older = before is not None or found[-1:] != keys[-1:]
        return Page(
            keys=tuple(keys),
            next=keys[-1] if keys and older else None,
            previous=keys[0] if keys and newer else None,
            total=min(len(found), COUNT_CAP),
            total_capped=len(found) > COUNT_CAP,
        )
