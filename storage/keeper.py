"""One blob of a call put on a target, encrypted where its call is, and read back."""

from dataclasses import dataclass

from storage.encryption.target import Encrypting
from storage.seals.segments import Segmented, segmented
from storage.targets.contract import Source, Stored, Target, require_same


@dataclass(frozen=True, slots=True)
class Kept:
    """A blob as it is stored, and the SHA-256 of what it holds."""

    name: str
    stored: Segmented
    plain_sha256: str


def keep(target: Target, name: str, source: Source, key: bytes | None = None) -> Kept:
    """Put a blob, encrypted with ``key`` if there is one, and read it back.

    Raises ``Mismatch``, and what the target raises.
    """
    if key is None:
        stored = _put(target, name, source)
        return Kept(name, stored, stored.sha256)
    with Encrypting(source, key, name) as encrypting:
        stored = _put(target, name, encrypting.source)
    return Kept(name, stored, encrypting.plain_sha256)


def _put(target: Target, name: str, source: Source) -> Segmented:
    kept = target.put(name, source)
    found = segmented(target.get(name))
    require_same(kept, Stored(name, found.bytes, found.sha256))
    return found
