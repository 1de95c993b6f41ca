"""The default engine: tantivy, embedded. One process writes; any number read the same folder."""

import threading
from collections.abc import Iterable
from pathlib import Path

import structlog
import tantivy

from indexer.document import SearchDocument
from indexer.engine import Engine, Key, Page
from indexer.errors import IndexBusy, IndexUnusable
from indexer.generations import Generations
from indexer.query import Query
from indexer.scope import Scope
from indexer.tantivy_index import TantivyIndex
from indexer.tantivy_schema import CHECKPOINT, VERSION, checkpoint, to_tantivy

_HEAP = 64_000_000
_log = structlog.get_logger(__name__)


class TantivyReader:
    """Implements ``Searching`` on the index in ``folder``, whichever process writes and rebuilds it."""

    def __init__(self, folder: Path) -> None:
        self._generations = Generations(folder, VERSION)
        self._lock = threading.Lock()
        self._open: TantivyIndex | None = None

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
        return self._index().search(query, scope, after, before, limit)

    def _index(self) -> TantivyIndex:
        with self._lock:
            name = self._generations.name()
            if self._open is None or self._open.folder.name != name:
                path = self._generations.current()
                if path is None:
                    raise IndexUnusable(
                        "There is no index yet; the indexing process makes it when it starts."
                    )
                self._open = TantivyIndex(path)
            return self._open


class TantivyGeneration:
    """Implements ``Engine`` on one generation."""

    def __init__(self, folder: Path) -> None:
        """Open or make the generation in ``folder`` and lock it. Raises ``IndexBusy``, ``IndexUnusable``."""
        self.folder = folder
        self._index = TantivyIndex(folder)
        try:
            self._writer: tantivy.IndexWriter | None = self._index.index.writer(_HEAP, 1)
        except ValueError as error:
            if "LockBusy" in str(error) or "lock" in str(error).lower():
                raise IndexBusy(
                    f"Another process writes the index in {folder.parent}. Let one process index at a time."
                ) from error
            raise IndexUnusable(f"The index in {folder} cannot be written: {error}") from error

    def _writing(self) -> tantivy.IndexWriter:
        if self._writer is None:
            raise ValueError("the engine is closed")
        return self._writer

    def add(self, documents: Iterable[SearchDocument]) -> None:
        """See ``Engine``."""
        writer = self._writing()
        for document in documents:
            writer.delete_documents_by_term("id", document.id)
            writer.add_document(to_tantivy(document))

    def delete(self, ids: Iterable[str]) -> None:
        """See ``Engine``."""
        writer = self._writing()
        for call_id in ids:
            writer.delete_documents_by_term("id", call_id)

    def commit(self, position: int) -> None:
        """See ``Engine``."""
        writer = self._writing()
        writer.delete_documents_by_term("kind", CHECKPOINT)
        writer.add_document(checkpoint(position))
        try:
            writer.commit()
        except (ValueError, OSError) as error:
            raise IndexUnusable(f"The index in {self.folder} cannot be written: {error}") from error

    def checkpoint(self) -> int:
        """See ``Engine``."""
        return self._index.checkpoint()

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
        return self._index.search(query, scope, after, before, limit)

    def close(self) -> None:
        """See ``Engine``."""
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.rollback()
            writer.wait_merging_threads()


class TantivyEngine:
    """Implements ``Renewable`` on the index in ``folder``, made anew where it is absent or unusable."""

    def __init__(self, folder: Path) -> None:
        """Open the index to write it. Raises ``IndexBusy`` where another process does."""
        self._generations = Generations(folder, VERSION)
        self._current = self._opened()

    def _opened(self) -> TantivyGeneration:
        try:
            path = self._generations.current()
            if path is not None:
                return TantivyGeneration(path)
        except IndexUnusable as error:
            _log.warning("index.rebuilding", reason=str(error))
        fresh = TantivyGeneration(self._generations.fresh())
        self._generations.publish(fresh.folder)
        return fresh

    def add(self, documents: Iterable[SearchDocument]) -> None:
        """See ``Engine``."""
        self._current.add(documents)

    def delete(self, ids: Iterable[str]) -> None:
        """See ``Engine``."""
        self._current.delete(ids)

    def commit(self, position: int) -> None:
        """See ``Engine``."""
        self._current.commit(position)

    def checkpoint(self) -> int:
        """See ``Engine``."""
        return self._current.checkpoint()

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
        return self._current.search(query, scope, after=after, before=before, limit=limit)

    def close(self) -> None:
        """See ``Engine``."""
        self._current.close()

    def successor(self) -> TantivyGeneration:
        """See ``Renewable``."""
        path = self._generations.successor()
        try:
            return TantivyGeneration(path)
        except IndexUnusable as error:
            _log.warning("index.rebuilding", reason=str(error))
            return TantivyGeneration(self._generations.fresh())

    def adopt(self, successor: Engine) -> None:
        """See ``Renewable``."""
        if not isinstance(successor, TantivyGeneration):
            raise TypeError("only a successor of this engine can follow it")
        former, self._current = self._current, successor
        self._generations.publish(successor.folder)
        former.close()

    def start_over(self) -> None:
        """See ``Renewable``."""
        self._current.close()
        self._current = TantivyGeneration(self._generations.fresh())
        self._generations.publish(self._current.folder)
