"""One generation of a tantivy index on disk: opened, reloaded when another process commits, searched."""

import errno
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import tantivy
from tantivy import Order

from indexer.engine import Key, Page
from indexer.errors import IndexBlocked, IndexUnusable
from indexer.query import Query
from indexer.scope import Scope
from indexer.tantivy_paging import Pager
from indexer.tantivy_query import Compiler
from indexer.tantivy_schema import CHECKPOINT, schema
from indexer.tantivy_window import Windows

_META = "meta.json"
_MARK = "damaged"
_SYSTEM_ERROR = re.compile(r"\(os error ([0-9]+)\)|\bcode: ([0-9]+)")


class TantivyIndex:
    """An open generation. Searches see the newest commit, whichever process made it; safe between threads."""

    def __init__(self, folder: Path, *, make: bool) -> None:
        """Open the index in ``folder``, or ``make`` an empty one there. Raises ``IndexUnusable``."""
        self.folder = folder
        self._schema = schema()
        self._compiler = Compiler(self._schema)
        self._lock = threading.Lock()
        self._windows = Windows(self._compiler.calls())
        if not make and not (folder / _META).exists():
            raise IndexUnusable(f"There is no index in {folder}.")
        if marked_damaged(folder):
            raise IndexUnusable(f"The index in {folder} is damaged.")
        with damage(folder):
            self.tantivy = tantivy.Index(
                self._schema, path=str(folder), sort_by_field="start", sort_order=Order.Desc
            )
            self.tantivy.config_reader("manual")
            self._seen = self._stamp()
            self.tantivy.reload()
        self.checkpoint()

    def checkpoint(self) -> int:
        """The position stored by the newest commit, 0 where there is none."""
        searcher = self._searcher()
        query = tantivy.Query.term_query(self._schema, "kind", CHECKPOINT, "basic")
        with damage(self.folder):
            hits = searcher.search(query, limit=1).hits
            return int(searcher.doc(hits[0][1]).get_first("position") or 0) if hits else 0

    def search(self, query: Query, scope: Scope, after: Key | None, before: Key | None, limit: int) -> Page:
        """See ``Searching``. What is found damaged is marked, for the process that writes to begin anew."""
        if limit < 1:
            raise ValueError("a page has at least one call")
        if after is not None and before is not None:
            raise ValueError("a page is after a key or before one, not both")
        if scope.nothing:
            return Page()
        found = self._compiler.compiled(query.condition, scope)
        searcher = self._searcher()
        try:
            with damage(self.folder):
                pager = Pager(searcher, self._compiler, found, self._windows.of(searcher))
                return pager.page(after or before, backwards=before is not None, limit=limit)
        except IndexUnusable:
            (self.folder / _MARK).touch()
            raise

    def _stamp(self) -> tuple[int, int, int]:
        status = (self.folder / _META).stat()
        return (status.st_ino, status.st_mtime_ns, status.st_size)

    def _searcher(self) -> tantivy.Searcher:
        with self._lock, damage(self.folder):
            stamp = self._stamp()
            if stamp != self._seen:
                self.tantivy.reload()
                self._seen = stamp
            return self.tantivy.searcher()


def marked_damaged(folder: Path) -> bool:
    """Whether a search found the generation in ``folder`` damaged."""
    return (folder / _MARK).exists()


def _refused(error: ValueError | OSError) -> bool:
    if "writer was killed" in str(error):
        # What tantivy says when a thread that writes new files failed; it keeps the cause to itself.
        return True
    number = error.errno if isinstance(error, OSError) else None
    if number is None:
        told = _SYSTEM_ERROR.search(str(error))
        number = int(told[1] or told[2]) if told else None
    return number not in (None, errno.ENOENT)


@contextmanager
def damage(folder: Path) -> Iterator[None]:
    """Turn what tantivy says of damaged files into ``IndexUnusable``, of the system into ``IndexBlocked``."""
    try:
        yield
    except (ValueError, OSError) as error:
        if _refused(error):
            raise IndexBlocked(
                f"The system refuses access to the index in {folder}: {error}. Check its disk space, its "
                "permissions and the limit of open files; the index is kept as it is."
            ) from error
        raise IndexUnusable(f"The index in {folder} is damaged: {error}") from error
    except BaseException as error:
        # Tantivy does not check every length it reads; its panics are no subclass of Exception.
        if type(error).__name__ != "PanicException":
            raise
        raise IndexUnusable(f"The index in {folder} is damaged: {error}") from error
