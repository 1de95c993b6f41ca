"""What a seal states, and the bytes of it that are signed and hashed.

The signature (Ed25519, RFC 8032) is over the canonical JSON of the statement: UTF-8, keys sorted, no spaces,
no escapes beyond those that JSON demands, whole numbers only. The hash of a seal is SHA-256 over that JSON
followed by the 64 bytes of the signature; the next seal of the chain states it as ``previous``.
"""

import hashlib
import json
from typing import Literal

from storage.model import Instant, Word
from storage.seals.segments import SEGMENT

_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
GENESIS = "0" * 64
"""``previous`` of the first seal of a chain."""


class SealedFile(Word):
    """One blob of the call, as it is stored: where that is encrypted, these are hashes of ciphertext.

    ``milliseconds`` is the length of the sound in it; None where it is no sound. ``root`` is the root of the
    tree over ``segments``, see ``segments.tree_root``.
    """

    name: str
    bytes: int
    sha256: str
    milliseconds: int | None = None
    segment_bytes: int = SEGMENT
    segments: tuple[str, ...]
    root: str


class SealPlace(Word):
    """The place of a seal: its chain, its number there, and its hash."""

    chain: str
    number: int
    hash: str


class Seal(Word):
    """The statement. ``number`` counts from 1 in each chain, and a chain is the id of a signing key.

    ``supersedes`` names every seal that this call had before, ``call_sha256`` is the hash of the description
    of the call in the sidecar as it stands there.
    """

    format: Literal["earwitness seal 1"] = "earwitness seal 1"
    call: str
    recorder: str
    chain: str
    number: int
    previous: str
    at: Instant
    supersedes: tuple[SealPlace, ...] = ()
    files: tuple[SealedFile, ...]
    call_sha256: str


def canonical(statement: Word) -> bytes:
    """The bytes that are signed."""
    return _CANONICAL.encode(statement.model_dump(mode="json")).encode()


def seal_hash(statement: bytes, signature: bytes) -> str:
    """The hash of the seal with this canonical JSON and this signature."""
    return hashlib.sha256(statement + signature).hexdigest()
