"""Targets whose blobs rot, vanish or cannot be read."""

from collections.abc import Iterator

from storage.errors import TargetAbsent, TargetError
from storage.targets import MemoryTarget


class FaultyTarget(MemoryTarget):
    """A memory target that can be hurt."""

    def __init__(self) -> None:
        super().__init__()
        self.unreadable: set[str] = set()
        self.absent = False
        self.reads: list[str] = []

    def get(self, name: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """See ``Target.get``."""
        self._answer()
        self.reads.append(name)
        if name in self.unreadable:
            raise TargetError(f"{name}: input/output error")
        return super().get(name, start, length)

    def put(self, name, source):
        """See ``Target.put``."""
        self._answer()
        self.unreadable.discard(name)
        return super().put(name, source)

    def stat(self, name):
        """See ``Target.stat``."""
        self._answer()
        return super().stat(name)

    def list(self, prefix=""):
        """See ``Target.list``."""
        self._answer()
        return super().list(prefix)

    def flip_bit(self, name: str) -> None:
        """Let the blob rot."""
        data = bytearray(b"".join(super().get(name)))
        data[len(data) // 2] ^= 1
        super().put(name, bytes(data))

    def _answer(self) -> None:
        if self.absent:
            raise TargetAbsent("The disk is not plugged in.")
