"""One generation of a tantivy index, open for writing."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import tantivy

from indexer.document import SearchDocument
from indexer.engine import Key, Page
from indexer.errors import IndexBlocked, IndexUnusable
from indexer.query import Query
from indexer.scope import Scope
from indexer.tantivy_index import TantivyIndex, damage, marked_damaged
from indexer.tantivy_schema import CHECKPOINT, checkpoint, to_tantivy

_HEAP = 64_000_000


class TantivyGeneration:
    """Implements ``Engine`` on one generation. Its owner holds the lock that lets one process write."""

    def __init__(self, folder: Path) -> None:
        """Open or make the generation in ``folder``. Raises ``IndexUnusable``."""
        self.folder = folder
        self._index = TantivyIndex(folder, make=True)
        with damage(folder):
            self._writer: tantivy.IndexWriter | None = self._index.tantivy.writer(_HEAP, 1)

    @property
    def sound(self) -> bool:
        """Whether no search has found it damaged."""
        return not marked_damaged(self.folder)

    @contextmanager
    def _writing(self) -> Iterator[tantivy.IndexWriter]:
        if self._writer is None:
            raise ValueError("the engine is closed")
        try:
            with damage(self.folder):
                yield self._writer
        except IndexBlocked:
            # The threads of the writer are gone with what was not committed; this gives it new ones.
            with damage(self.folder):
                self._writer.rollback()
            raise

    def add(self, documents: Iterable[SearchDocument]) -> None:
        """See ``Engine``."""
        for document in documents:
            entry = to_tantivy(document)
            with self._writing() as writer:
                writer.delete_documents_by_term("id", document.id)
                writer.add_document(entry)

    def delete(self, ids: Iterable[str]) -> None:
        """See ``Engine``."""
        with self._writing() as writer:
            for call_id in ids:
                writer.delete_documents_by_term("id", call_id)

    def commit(self, position: int) -> None:
        """See ``Engine``."""
        with self._writing() as writer:
            writer.delete_documents_by_term("kind", CHECKPOINT)
            writer.add_document(checkpoint(position))
            writer.commit()

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
            # Merges only tidy up: one that fails loses nothing, and damage shows when the index is opened.
            with suppress(IndexBlocked, IndexUnusable), damage(self.folder):
                writer.wait_merging_threads()
