"""The default engine: tantivy, embedded. One process writes; any number read the same folder."""

import threading
from collections.abc import Iterable
from pathlib import Path

import structlog

from indexer.document import SearchDocument
from indexer.engine import Engine, Key, Page
from indexer.errors import IndexBusy, IndexUnusable
from indexer.generations import Generations
from indexer.query import Query
from indexer.scope import Scope
from indexer.tantivy_generation import TantivyGeneration
from indexer.tantivy_index import TantivyIndex
from indexer.tantivy_schema import VERSION
from storage.durable import make_folder
from storage.errors import FolderBusy
from storage.lock import DataFolderLock

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
        index = self._index()
        try:
            return index.search(query, scope, after, before, limit)
        except IndexUnusable:
            if self._generations.name() == index.folder.name:
                raise
            # It was replaced and removed in the middle of the search.
            return self._index().search(query, scope, after, before, limit)

    def _index(self) -> TantivyIndex:
        with self._lock:
            name = self._generations.name()
            while self._open is None or self._open.folder.name != name:
                try:
                    self._open = self._opened()
                except IndexUnusable:
                    # A generation that another process put in force meanwhile is worth another try.
                    name, former = self._generations.name(), name
                    if name == former:
                        raise
            return self._open

    def _opened(self) -> TantivyIndex:
        path = self._generations.current()
        if path is None:
            raise IndexUnusable("There is no index yet. The indexing process makes it when it starts.")
        return TantivyIndex(path, make=False)


class TantivyEngine:
    """Implements ``Renewable`` on the index in ``folder``, made anew where it is absent or unusable."""

    def __init__(self, folder: Path) -> None:
        """Open the index to write it. Raises ``IndexBusy`` where another process does."""
        make_folder(folder)
        self._folder_lock = DataFolderLock(folder, "writer")
        try:
            self._folder_lock.acquire()
        except FolderBusy as error:
            raise IndexBusy(str(error)) from error
        self._generations = Generations(folder, VERSION)
        self._current = self._opened()

    def _opened(self) -> TantivyGeneration:
        try:
            path = self._generations.current()
            if path is not None:
                return TantivyGeneration(path)
        except IndexUnusable as error:
            _log.warning("index.rebuilding", reason=str(error))
        return self._fresh()

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
        self._folder_lock.release()

    def sound(self) -> bool:
        """See ``Renewable``."""
        return self._current.sound

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
        self._generations.sweep()

    def start_over(self) -> None:
        """See ``Renewable``."""
        self._current.close()
        self._current = self._fresh()

    def _fresh(self) -> TantivyGeneration:
        fresh = TantivyGeneration(self._generations.fresh())
        self._generations.publish(fresh.folder)
        self._generations.sweep()
        return fresh
