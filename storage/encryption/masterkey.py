"""Master keys: 32 bytes that wrap the data keys of calls, and where they come from.

Kept as base64 in a file or an environment variable; or encrypted by the AWS key management service in a file,
see ``kms``. The key that wraps is HKDF-SHA256 of the master key, without salt, with the info
``earwitness wrap 1``; its id is the first 16 hex digits of the SHA-256 of the same with the info
``earwitness id 1``.
"""

import base64
import binascii
import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from storage.encryption import kms
from storage.errors import KeyUnusable

LENGTH = 32
_LACKING = (
    "`earwitness keys new` makes one. Where calls are encrypted already, none but the one of before opens "
    "them: put its copy back."
)


class MasterKey:
    """A master key. ``id`` may be shown; the key itself never shows."""

    def __init__(self, raw: bytes) -> None:
        if len(raw) != LENGTH:
            raise KeyUnusable(
                f"A master key has {LENGTH} bytes, not {len(raw)}: `earwitness keys new` makes one."
            )
        self.wrapping = _derived(raw, b"earwitness wrap 1")
        self.id = hashlib.sha256(_derived(raw, b"earwitness id 1")).hexdigest()[:16]

    def __repr__(self) -> str:
        return f"<MasterKey {self.id}>"


def new_master_text() -> str:
    """A new master key as the text that is kept."""
    return base64.b64encode(os.urandom(LENGTH)).decode() + "\n"


def load_master(place: str, environment: Mapping[str, str] = os.environ) -> MasterKey:
    """The master key at ``file:/path``, ``env:NAME`` or ``kms:/path``. Raises ``KeyUnusable``."""
    kind, _, where = place.partition(":")
    if kind == "kms":
        return MasterKey(kms.decrypted(Path(where)))
    try:
        text = secret_text(place, environment, "master key")
    except KeyUnusable as error:
        raise KeyUnusable(f"{error} {_LACKING}") from error
    try:
        return MasterKey(base64.b64decode(text.strip(), validate=True))
    except binascii.Error:
        raise KeyUnusable(
            f"The master key at {place} is not base64 of {LENGTH} bytes: `earwitness keys new` makes one."
        ) from None


def secret_text(place: str, environment: Mapping[str, str], what: str) -> str:
    """The secret at ``file:/path`` or ``env:NAME``. Raises ``KeyUnusable``, never with the secret in it."""
    kind, _, where = place.partition(":")
    if kind == "env":
        if not environment.get(where):
            raise KeyUnusable(f"The {what} should be in the environment variable {where}, which is not set.")
        return environment[where]
    if kind != "file":
        raise KeyUnusable(f"The {what} cannot be at {place!r}: write file:/path or env:NAME.")
    try:
        return Path(where).read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise KeyUnusable(f"The {what} in {where} cannot be read: {reason}.") from error


def _derived(raw: bytes, info: bytes) -> bytes:
    return HKDF(SHA256(), LENGTH, None, info).derive(raw)
