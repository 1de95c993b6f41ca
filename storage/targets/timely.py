"""A target that fails where it would hang: what is read of it comes in time, or is an error like others."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from functools import partial
from itertools import chain, islice
from typing import TypeVar

from storage.answering import Answering, NoAnswer
from storage.errors import TargetError, TargetUnreachable
from storage.targets.contract import Capabilities, Source, Space, Stored, Target
from storage.targets.sweeping import Wrapper

_T = TypeVar("_T")
SECONDS = 45.0
"""For so long an answer is waited for: a disk that sleeps needs some seconds to wake up."""
AGAIN_SECONDS = 5.0
"""The same while another answer is owed."""
_MOST = 4
CHUNKS = 4
_NAMES = 500
"""So many chunks and names are fetched at once: what is small then comes with the first answer."""
DOES_NOT_ANSWER = (
    "It does not answer: whatever is asked of it waits without end. See whether the disk, or the server of "
    "the mount and the way to it, are well. It is asked again by itself, and used as soon as it answers."
)


class TimelyTarget:
    """``inner``, of which everything that reads raises ``TargetUnreachable`` after ``seconds`` without an
    answer, and sooner while an earlier answer is owed. An answer are up to ``chunks`` of a blob.

    What writes is waited for as long as it takes: nobody could say what became of a write that was given up,
    and one that ends late might undo what was done since. Whoever writes looks first, by reading, whether the
    place is there, so that few writes ever meet one that hangs.
    """

    def __init__(
        self,
        inner: Target,
        seconds: float = SECONDS,
        clock: Callable[[], float] = time.monotonic,
        chunks: int = CHUNKS,
    ) -> None:
        self.inner = inner
        self._seconds = seconds
        self._chunks = chunks
        self._clock = clock
        self._answering = Answering(_MOST)
        self._lock = threading.Lock()
        self._writes: dict[object, float] = {}

    @property
    def capabilities(self) -> Capabilities:
        """Those of ``inner``."""
        return self.inner.capabilities

    @property
    def writing_for(self) -> float:
        """For how many seconds the oldest write that is under way has been."""
        with self._lock:
            return self._clock() - min(self._writes.values()) if self._writes else 0.0

    def within(self, seconds: float) -> "TimelyTarget":
        """The same with another limit; what either is owed counts for both."""
        other = copy(self)
        other._seconds = seconds
        return other

    def put(self, name: str, source: Source) -> Stored:
        """See ``Target.put``."""
        with self._write():
            return self.inner.put(name, source)

    def get(self, name: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """See ``Target.get``."""

        def begin() -> tuple[Iterator[bytes], list[bytes]]:
            chunks = self.inner.get(name, start, length)
            return chunks, list(islice(chunks, self._chunks))

        chunks, first = self._read(begin)
        return chain(first, self._items(chunks, self._chunks)) if len(first) == self._chunks else iter(first)

    def stat(self, name: str) -> Stored | None:
        """See ``Target.stat``."""
        return self._read(partial(self.inner.stat, name))

    def list(self, prefix: str = "") -> Iterator[Stored]:
        """See ``Target.list``."""
        return self._items(self.inner.list(prefix), _NAMES)

    def delete(self, name: str) -> None:
        """See ``Target.delete``."""
        with self._write():
            self.inner.delete(name)

    def space(self) -> Space | None:
        """See ``Target.space``."""
        return self._read(self.inner.space)

    def _read(self, act: Callable[[], _T]) -> _T:
        seconds = min(AGAIN_SECONDS, self._seconds) if self._answering.owing else self._seconds
        try:
            return self._answering.within(seconds, act)
        except NoAnswer:
            raise TargetUnreachable(DOES_NOT_ANSWER) from None

    def _items(self, items: Iterator[_T], at_once: int) -> Iterator[_T]:
        while some := self._read(lambda: tuple(islice(items, at_once))):
            yield from some

    @contextmanager
    def _write(self) -> Iterator[None]:
        write = object()
        with self._lock:
            self._writes[write] = self._clock()
        try:
            yield
        finally:
            with self._lock:
                del self._writes[write]


def writing_for(target: Target) -> float:
    """For how many seconds the oldest write that is under way on a folder has been, looking through
    wrappers; 0 for what is no folder."""
    seen: object = target
    try:
        while not isinstance(seen, TimelyTarget):
            if not isinstance(seen, Wrapper):
                return 0.0
            seen = seen.inner
    except TargetError:
        return 0.0
    return seen.writing_for
