"""A target in memory, for tests and for trying things out."""

import hashlib
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from storage.durable import CHUNK
from storage.errors import NotStored
from storage.targets.contract import Capabilities, Source, Space, Stored, check_range
from storage.targets.names import checked_folder, checked_name


class MemoryTarget:
    """Keeps blobs in a dictionary; they are gone with the process."""

    capabilities = Capabilities(
        ranges=True, atomic_put=True, durable=False, knows_sha256=True, knows_modified=True
    )

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._blobs: dict[str, tuple[bytes, Stored]] = {}

    def put(self, name: str, source: Source) -> Stored:
        """See ``Target.put``."""
        checked_name(name)
        data = _read(source)
        stored = Stored(name, len(data), hashlib.sha256(data).hexdigest(), datetime.now(UTC))
        with self._lock:
            self._blobs[name] = (data, stored)
        return stored

    def get(self, name: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """See ``Target.get``."""
        checked_name(name)
        check_range(start, length)
        with self._lock:
            if name not in self._blobs:
                raise NotStored(name)
            data, _ = self._blobs[name]
        end = len(data) if length is None else min(start + length, len(data))
        return (data[at : min(at + CHUNK, end)] for at in range(start, end, CHUNK))

    def stat(self, name: str) -> Stored | None:
        """See ``Target.stat``."""
        checked_name(name)
        with self._lock:
            return self._blobs[name][1] if name in self._blobs else None

    def list(self, prefix: str = "") -> Iterator[Stored]:
        """See ``Target.list``."""
        checked_folder(prefix)
        with self._lock:
            found = [stored for name, (_, stored) in self._blobs.items() if name.startswith(prefix)]
        return iter(sorted(found, key=lambda stored: stored.name))

    def delete(self, name: str) -> None:
        """See ``Target.delete``."""
        checked_name(name)
        with self._lock:
            self._blobs.pop(name, None)

    def space(self) -> Space | None:
        """See ``Target.space``: memory does not tell."""
        return None


def _read(source: Source) -> bytes:
    if isinstance(source, bytes):
        return source
    if isinstance(source, Path):
        return source.read_bytes()
    return b"".join(iter(lambda: source.read(CHUNK), b""))
