"""The signing key of an installation, and the public keys by which seals are checked.

The id of a key, which is the name of its chain too, is the first 32 hex digits of the SHA-256 of the raw
public key.
"""

import hashlib
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from storage import durable
from storage.errors import KeyUnusable, disk_errors

PRIVATE, PUBLIC = "seal.pem", "seal.pub"


class PublicKey:
    """Checks signatures of one installation."""

    def __init__(self, key: Ed25519PublicKey) -> None:
        self._key = key
        raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.id = hashlib.sha256(raw).hexdigest()[:32]

    @property
    def pem(self) -> str:
        """The key as text (PEM, SubjectPublicKeyInfo)."""
        return self._key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def signed(self, data: bytes, signature: bytes) -> bool:
        """Whether ``signature`` is this installation's over ``data``."""
        try:
            self._key.verify(signature, data)
        except InvalidSignature:
            return False
        return True


class SealKey:
    """Signs. The private key never leaves this object but for its file."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = PublicKey(key.public_key())

    @classmethod
    def generate(cls) -> "SealKey":
        """A new key."""
        return cls(Ed25519PrivateKey.generate())

    @property
    def chain(self) -> str:
        """The id of the key."""
        return self.public.id

    def sign(self, data: bytes) -> bytes:
        """The signature over ``data``: 64 bytes, the same each time."""
        return self._key.sign(data)


def seal_key(path: Path) -> SealKey:
    """The signing key in the file ``path``, which is made, closed to others, where it is missing.

    The public key lies beside it under the same name with ``.pub``. Raises ``KeyUnusable``, ``DiskFull``.
    """
    if not path.exists():
        durable.make_folder(path.parent, 0o700)
        made = Ed25519PrivateKey.generate()
        pem = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        write_secret(path, pem)
    key = SealKey(_private(path))
    public = path.with_suffix(".pub")
    if not public.exists():
        durable.write_bytes(public, key.public.pem.encode())
    return key


def public_key(pem: bytes, place: str) -> PublicKey:
    """The public key in ``pem``, which came from ``place``. Raises ``KeyUnusable``."""
    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise KeyUnusable(f"{place} holds no public key (PEM) that can be read: {error}") from error
    if not isinstance(key, Ed25519PublicKey):
        raise KeyUnusable(f"{place} holds a key that is not Ed25519, so no seal was made with it.")
    return PublicKey(key)


def write_secret(path: Path, data: bytes) -> bool:
    """Write ``data`` durably to a new file that only its owner may read; False where ``path`` is there.

    Of several writers at once one wins, whole. Raises ``KeyUnusable`` where it cannot be, ``DiskFull``.
    """
    try:
        return _write_new(path, data)
    except OSError as error:
        # The error itself names a temporary file that nobody asked for.
        raise KeyUnusable(_not_written(path, error)) from error


def _write_new(path: Path, data: bytes) -> bool:
    part = path.with_name(durable.part_name(secrets.token_hex(8)))
    with disk_errors(path):
        descriptor = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.link(part, path)
        except FileExistsError:
            return False
        finally:
            part.unlink(missing_ok=True)
        durable.sync_folder(path.parent)
    return True


def _not_written(path: Path, error: OSError) -> str:
    folder = path.absolute().parent
    if not folder.exists():
        return f"There is no folder {folder} to put the key in. Make it first: mkdir -p -m 700 {folder}"
    return f"The key cannot be written to {path}: {error.strerror}. Choose a folder that you may write to."


def _private(path: Path) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyUnusable(
            f"The signing key {path} cannot be read: {error}. Put it back from a backup of the keys folder; "
            "with a new key, a new chain of seals begins."
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyUnusable(f"The signing key {path} is not Ed25519.")
    return key
