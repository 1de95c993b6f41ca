"""A target that is asked again where it failed. The only place of the storage room that tries again."""

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeVar, cast

from storage.errors import NotStored, TargetError, TargetRefused
from storage.targets.contract import Capabilities, Source, Space, Stored, Target, check_range
from storage.targets.rereadable import Rereadable, RereadableStream

_T = TypeVar("_T")
_FINAL = (NotStored, TargetRefused)
_OVERLAP = 1 << 16


@dataclass(frozen=True)
class Patience:
    """How often and how long to try: pauses of ``first_pause`` seconds, doubled each time up to
    ``longest_pause``, each made shorter by up to a half by chance so that not everybody comes back at once.

    Given up after ``attempts`` failures in a row, or when the next pause would end later than ``seconds``
    after the first of them. ``now`` and ``sleep`` are in seconds, ``chance`` gives numbers from 0 to 1.
    """

    attempts: int = 5
    first_pause: float = 0.5
    longest_pause: float = 20.0
    seconds: float = 120.0
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random


class RetryingTarget:
    """``inner``, where a ``TargetError`` is the end only after ``patience``.

    What no second attempt changes comes through at once: ``NotStored``, ``TargetRefused``, a full disk, a bad
    name, and whatever the source of a put raises. A get or a list that breaks goes on where it was.
    """

    def __init__(self, inner: Target, patience: Patience | None = None) -> None:
        self.inner, self._patience = inner, patience or Patience()

    @property
    def capabilities(self) -> Capabilities:
        """Those of ``inner``."""
        return self.inner.capabilities

    def put(self, name: str, source: Source) -> Stored:
        """See ``Target.put``. A stream that cannot seek is kept until the put is through."""
        if isinstance(source, bytes | Path):
            return self._do(lambda: self.inner.put(name, source))
        with Rereadable(source) as whole:
            failures = _Failures(self._patience)
            while True:
                try:
                    return self.inner.put(name, cast(BinaryIO, RereadableStream(whole)))
                except TargetError as error:
                    if whole.failure is not None:
                        raise
                    failures.another(error)

    def get(self, name: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """See ``Target.get``. What follows a break is checked to be of the same blob as what came before, by
        up to 64 KiB that both have in common; ``Replaced`` is raised where it is not.
        """
        check_range(start, length)
        chunks = self._do(lambda: self.inner.get(name, start, length))
        return self._read(name, chunks, start, length)

    def stat(self, name: str) -> Stored | None:
        """See ``Target.stat``."""
        return self._do(lambda: self.inner.stat(name))

    def list(self, prefix: str = "") -> Iterator[Stored]:
        """See ``Target.list``."""
        return self._list(prefix, self._do(lambda: self.inner.list(prefix)))

    def delete(self, name: str) -> None:
        """See ``Target.delete``."""
        self._do(lambda: self.inner.delete(name))

    def space(self) -> Space | None:
        """See ``Target.space``."""
        return self._do(self.inner.space)

    def _do(self, action: Callable[[], _T]) -> _T:
        failures = _Failures(self._patience)
        while True:
            try:
                return action()
            except TargetError as error:
                failures.another(error)

    def _list(self, prefix: str, found: Iterator[Stored] | None) -> Iterator[Stored]:
        failures, last = _Failures(self._patience), ""
        while True:
            try:
                for stored in self.inner.list(prefix) if found is None else found:
                    if stored.name > last:
                        last = stored.name
                        failures.over()
                        yield stored
            except TargetError as error:
                failures.another(error)
                found = None
            else:
                return

    def _read(self, name: str, chunks: Iterator[bytes], start: int, length: int | None) -> Iterator[bytes]:
        failures, given, tail = _Failures(self._patience), 0, b""
        while True:
            try:
                for chunk in chunks:
                    failures.over()
                    given += len(chunk)
                    tail = (tail + chunk)[-_OVERLAP:] if len(chunk) < _OVERLAP else chunk[-_OVERLAP:]
                    yield chunk
            except TargetError as error:
                failures.another(error)
                left = None if length is None else length - given
                chunks = self._rest(name, start + given, left, tail)
            else:
                return

    def _rest(self, name: str, start: int, length: int | None, tail: bytes) -> Iterator[bytes]:
        """What follows ``tail``, which ends at ``start``."""
        overlap = len(tail)
        wanted = None if length is None else length + overlap
        head = b""
        for chunk in self.inner.get(name, start - overlap, wanted):
            if len(head) == overlap:
                yield chunk
                continue
            joined = head + chunk
            head, rest = joined[:overlap], joined[overlap:]
            if head != tail[: len(head)]:
                break
            if rest:
                yield rest
        if head != tail:
            raise Replaced(f"{name} was replaced while it was read. Read it again from its beginning.")


class Replaced(TargetError):
    """Going on would mix two blobs."""


class _Failures:
    """Failures in a row."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self.over()

    def over(self) -> None:
        """Something went well."""
        self._count, self._since = 0, 0.0

    def another(self, error: TargetError) -> None:
        """Wait before the next attempt, or raise ``error`` where none is to follow."""
        patience = self._patience
        if isinstance(error, (*_FINAL, Replaced)):
            raise error
        if self._count == 0:
            self._since = patience.now()
        self._count += 1
        pause = min(patience.first_pause * 2 ** (self._count - 1), patience.longest_pause)
        pause *= 1 - patience.chance() / 2
        if self._count >= patience.attempts or patience.now() + pause > self._since + patience.seconds:
            raise error
        patience.sleep(pause)
