"""Trying a target out: write, read back, read a part, list, delete, each with what went wrong."""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from secrets import token_hex

from storage.errors import StorageError, TargetError
from storage.targets import Stored, Target
from storage.targets.contract import verify

BYTES = 256 << 10


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was tried; ``problem`` is empty where it went well."""

    name: str
    seconds: float
    problem: str = ""
    note: str = ""


def try_out(
    target: Target, *, keeps: bool = False, clock: Callable[[], float] = time.perf_counter
) -> Iterator[Step]:
    """Put a small blob, use it, and remove it again, which is tried whatever went wrong before.

    Nothing else is tried where it cannot be put. Where the target ``keeps`` what it has, the blob stays.
    """
    blob = _Blob(target, f"probe-{token_hex(8)}")
    written = _tried("write", blob.write, clock)
    yield written
    if written.problem:
        return
    try:
        yield _tried("read back", blob.read_back, clock)
        yield _tried("read a part", blob.read_a_part, clock)
        yield _tried("list", blob.find, clock)
    finally:
        if not keeps:
            deleted = _tried("delete", blob.delete, clock)
    yield Step("delete", 0.0, note=f"{blob.name} stays: this target keeps what it has") if keeps else deleted


def _tried(name: str, do: Callable[[], None], clock: Callable[[], float]) -> Step:
    begun = clock()
    try:
        do()
    except (StorageError, OSError) as error:
        return Step(name, clock() - begun, str(error))
    return Step(name, clock() - begun)


class _Blob:
    """A small blob of random bytes, and what is done with it."""

    def __init__(self, target: Target, name: str) -> None:
        self.name = name
        self._target = target
        self._data = os.urandom(BYTES)
        self._stored = Stored(name, 0)

    def write(self) -> None:
        self._stored = self._target.put(self.name, self._data)

    def read_back(self) -> None:
        verify(self._target, self._stored)

    def read_a_part(self) -> None:
        if b"".join(self._target.get(self.name, 1000, 5000)) != self._data[1000:6000]:
            raise TargetError("Other bytes came than those that were written there.")

    def find(self) -> None:
        if [found.name for found in self._target.list(self.name)] != [self.name]:
            raise TargetError(f"{self.name} was written, and is not listed.")

    def delete(self) -> None:
        self._target.delete(self.name)
        if self._target.stat(self.name) is not None:
            raise TargetError(f"{self.name} was deleted, and is still there. Delete it by hand.")
