"""What keeps the list of calls closed on a medium whose calls are encrypted."""

from typing import Any, Protocol


class Lock(Protocol):
    """Closes and opens shards with the key of one medium."""

    @property
    def document(self) -> dict[str, Any]:
        """The key of the medium, wrapped for everybody who may open it; lies on the medium in clear."""

    def close(self, name: str, data: bytes) -> bytes:
        """``data`` encrypted, to be kept under ``name`` and no other."""

    def open(self, name: str, data: bytes) -> bytes:
        """What ``close`` closed under ``name``. Raises ``DamagedShard`` for anything else."""
