"""What every archive target can do. ``tests/storage/targets/contract.py`` holds each of them to it."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from storage.errors import Mismatch

Source = bytes | Path | BinaryIO
"""What ``put`` takes: the bytes, a file that nobody writes to any more, or an open binary stream."""


@dataclass(frozen=True, slots=True)
class Stored:
    """One blob of a target. ``sha256`` is lower-case hex, empty where only reading the blob would tell."""

    name: str
    bytes: int
    sha256: str = ""
    modified: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Space:
    """Room at a target, bytes: what may still be written there, and how much it holds in all."""

    free: int
    total: int


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a target can do beyond the contract, as data, so that callers and the contract suite can ask.

    ``ranges``: ``get`` with a start costs no more than what it returns. ``atomic_put``: a reader sees a blob
    whole or not at all, also while it is replaced. ``durable``: a blob survives loss of power once ``put``
    returns. ``knows_sha256``: ``stat`` and ``list`` give the hash without reading the blob.
    ``knows_modified``: they give the time of the last ``put``. ``deletes``: nothing of a blob is left at the
    place after ``delete``; where it is not so, only the name goes and a call is erased by erasing its key.
    ``space``: ``space`` knows the answer.
    """

    ranges: bool
    atomic_put: bool
    durable: bool
    knows_sha256: bool
    knows_modified: bool
    deletes: bool = True
    space: bool = False


class Target(Protocol):
    """A place that keeps blobs under names (see ``targets.names``). Safe to use from several threads.

    Every method raises ``BadName`` for a name outside the rules, ``DiskFull`` where there is no room, and
    ``TargetError`` for any other failure of the place: ``TargetAbsent`` where it is not there now and may
    come back by itself, ``TargetRefused`` where a person has to put something right.
    """

    @property
    def capabilities(self) -> Capabilities:
        """What this target can do beyond the contract."""

    def put(self, name: str, source: Source) -> Stored:
        """Keep the contents of ``source`` under ``name``, replacing what was there.

        Returns the length and the SHA-256 of what was kept. When it raises, ``name`` is as it was before;
        what ``source`` raises (``OSError`` of a file) comes through. Of several puts of one name at once,
        one wins whole.
        """

    def get(self, name: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """The bytes of ``name`` from ``start``, at most ``length`` of them, in chunks.

        Bytes beyond the end are left out, so a ``start`` there gives nothing. Raises ``NotStored`` at once,
        not at the first chunk; ``ValueError`` for a negative ``start`` or ``length``.
        """

    def stat(self, name: str) -> Stored | None:
        """What is kept under ``name``, None where nothing is."""

    def list(self, prefix: str = "") -> Iterator[Stored]:
        """The blobs whose names start with the string ``prefix``, in code-point order of their names."""

    def delete(self, name: str) -> None:
        """Remove ``name``. Nothing happens where it is not there."""

    def space(self) -> Space | None:
        """How much room there is; None where the place does not tell."""


def read_back(target: Target, name: str) -> Stored:
    """Read the whole of ``name`` and say what came. Raises ``NotStored`` or ``TargetError``."""
    digest, size = hashlib.sha256(), 0
    for chunk in target.get(name):
        digest.update(chunk)
        size += len(chunk)
    return Stored(name, size, digest.hexdigest())


def verify(target: Target, expected: Stored) -> None:
    """Read ``expected.name`` back. Raises ``NotStored``, or ``Mismatch`` where it is not as expected."""
    require_same(expected, read_back(target, expected.name))


def require_same(expected: Stored, found: Stored) -> None:
    """Raise ``Mismatch`` where what was read is not what was expected."""
    if found != expected:
        raise Mismatch(
            f"{expected.name} reads back as {found.bytes} bytes with SHA-256 {found.sha256}, "
            f"but {expected.bytes} bytes with {expected.sha256} were written. Check the disk for errors."
        )


def check_range(start: int, length: int | None) -> None:
    """Raise ``ValueError`` for a range that ``Target.get`` does not take."""
    if start < 0 or (length is not None and length < 0):
        raise ValueError(f"a range needs start and length of 0 or more, not {start} and {length}")
