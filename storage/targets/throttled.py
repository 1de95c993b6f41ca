"""A target that is given no more than so many bytes a second."""

import io
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, cast

from storage.targets.contract import Capabilities, Source, Space, Stored, Target
from storage.targets.streams import opened


class Limiter:
    """Hands out ``bytes_per_second`` to all who share it, in the order in which they come."""

    def __init__(
        self,
        bytes_per_second: float,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """``now`` gives seconds of a clock that never goes back. ``ValueError`` for a rate of 0 or less."""
        if not bytes_per_second > 0:
            raise ValueError(f"a rate must be more than 0 bytes a second, not {bytes_per_second}")
        self._rate, self._now, self._sleep = bytes_per_second, now, sleep
        self._lock = threading.Lock()
        self._free_at = float("-inf")

    def take(self, count: int) -> None:
        """Return when ``count`` bytes may go. Time in which nobody took any is not made up for."""
        if count <= 0:
            return
        with self._lock:
            now = self._now()
            begin = max(now, self._free_at)
            self._free_at = begin + count / self._rate
        if begin > now:
            self._sleep(begin - now)


class ThrottledTarget:
    """``inner``, to which bytes go as ``sending`` lets them, and from which they come as ``receiving`` does.

    Two limiters of one rate are a line that is full duplex: copies that are read back while others are sent
    cost those nothing. One limiter for both is the rate of the two together.
    """

    def __init__(self, inner: Target, sending: Limiter, receiving: Limiter) -> None:
        self.inner, self.sending, self.receiving = inner, sending, receiving

    @property
    def capabilities(self) -> Capabilities:
        """Those of ``inner``."""
        return self.inner.capabilities

    def put(self, name: str, source: Source) -> Stored:
        """See ``Target.put``."""
        with opened(source) as stream:
            return self.inner.put(name, cast(BinaryIO, _PacedStream(stream, self.sending)))

    def get(self, name: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """See ``Target.get``."""
        return self._read(self.inner.get(name, start, length))

    def stat(self, name: str) -> Stored | None:
        """See ``Target.stat``."""
        return self.inner.stat(name)

    def list(self, prefix: str = "") -> Iterator[Stored]:
        """See ``Target.list``."""
        return self.inner.list(prefix)

    def delete(self, name: str) -> None:
        """See ``Target.delete``."""
        self.inner.delete(name)

    def space(self) -> Space | None:
        """See ``Target.space``."""
        return self.inner.space()

    def _read(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self.receiving.take(len(chunk))
            yield chunk


class _PacedStream(io.RawIOBase):
    """Reads from ``stream`` as fast as ``limiter`` lets it; seeks where that one does."""

    def __init__(self, stream: BinaryIO, limiter: Limiter) -> None:
        super().__init__()
        self._stream, self._limiter = stream, limiter

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._stream.seekable()

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read(len(buffer))
        self._limiter.take(len(data))
        buffer[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()
