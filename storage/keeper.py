"""Blobs of calls put on a target, encrypted where their call is, and read back."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar, runtime_checkable

from storage.durable import CHUNK
from storage.encryption.encrypting import Encrypting
from storage.errors import DiskFull, TargetError
from storage.seals.segments import Segmented, segmented
from storage.targets.contract import Source, Stored, Target, require_same

AT_ONCE = 8
"""So many blobs are written and read side by side."""
_IN_MEMORY = 64 << 20
_T = TypeVar("_T")
Failure = TargetError | DiskFull | OSError


@dataclass(frozen=True, slots=True)
class Blob:
    """What is to be kept under a name, and the data key to encrypt it with."""

    name: str
    source: Source
    key: bytes | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A blob as it is stored, and the SHA-256 of what it holds."""

    name: str
    stored: Segmented
    plain_sha256: str


@runtime_checkable
class PutsMany(Protocol):
    """A target that is quicker when it is given many blobs at once."""

    def put_many(self, blobs: Sequence[tuple[str, Source]]) -> list[Segmented | Failure]:
        """As so many puts, each read back from under its name; what fails is a result like the others."""


def keep(target: Target, name: str, source: Source, key: bytes | None = None) -> Kept:
    """Put a blob, encrypted with ``key`` if there is one, and read it back.

    Raises ``Mismatch``, and what the target raises.
    """
    (kept,) = keep_many(target, [Blob(name, source, key)])
    if not isinstance(kept, Kept):
        raise kept
    return kept


def keep_many(target: Target, blobs: Sequence[Blob]) -> list[Kept | Failure]:
    """The same for many, side by side: each as it was kept, or why it was not."""
    return [kept for portion in _portions(blobs) for kept in _keep_portion(target, portion)]


def _portions(blobs: Sequence[Blob]) -> Iterator[Sequence[Blob]]:
    """So many at once that what is encrypted in memory stays below ``_IN_MEMORY``, about."""
    first, held = 0, 0
    for at, blob in enumerate(blobs):
        held += _size(blob)
        if held > _IN_MEMORY and at > first:
            yield blobs[first:at]
            first, held = at, _size(blob)
    yield blobs[first:]


def _size(blob: Blob) -> int:
    """How much memory the blob takes until it is kept; what is large is encrypted on its way."""
    if not isinstance(blob.source, Path) or blob.key is None:
        return 0
    try:
        return min(blob.source.stat().st_size, CHUNK)
    except OSError:
        return 0


def _keep_portion(target: Target, blobs: Sequence[Blob]) -> list[Kept | Failure]:
    with ExitStack() as closing:
        opened = [_tried(partial(_opened, blob, closing)) for blob in blobs]
        whole = [one for one in opened if isinstance(one, _Open)]
        put = _tried(lambda: _put_many(target, whole))
        found = iter(put if isinstance(put, list) else [put] * len(whole))
        return [_kept(one, next(found)) if isinstance(one, _Open) else one for one in opened]


@dataclass(frozen=True, slots=True)
class _Open:
    name: str
    source: Source
    encrypting: Encrypting | None = None


def _opened(blob: Blob, closing: ExitStack) -> _Open:
    if blob.key is None:
        return _Open(blob.name, blob.source)
    encrypting = closing.enter_context(Encrypting(blob.source, blob.key, blob.name))
    return _Open(blob.name, encrypting.source, encrypting)


def _put_many(target: Target, blobs: Sequence[_Open]) -> list[Segmented | Failure]:
    if isinstance(target, PutsMany):
        return target.put_many([(blob.name, blob.source) for blob in blobs])
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda blob: _tried(lambda: _put(target, blob)), blobs))


def _put(target: Target, blob: _Open) -> Segmented:
    kept = target.put(blob.name, blob.source)
    found = segmented(target.get(blob.name))
    require_same(kept, Stored(blob.name, found.bytes, found.sha256))
    return found


def _kept(blob: _Open, found: Segmented | Failure) -> Kept | Failure:
    if not isinstance(found, Segmented):
        return found
    return Kept(blob.name, found, blob.encrypting.plain_sha256 if blob.encrypting else found.sha256)


def _tried(step: Callable[[], _T]) -> _T | Failure:
    try:
        return step()
    except (TargetError, DiskFull, OSError) as error:
        return error
