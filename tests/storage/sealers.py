"""Sealers of tests."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from storage.seals.keys import SealKey
from storage.seals.sealing import Sealer


def a_key(number: int = 0) -> SealKey:
    """The same key each time, and another one for each number."""
    return SealKey(Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32))


def a_sealer(number: int = 0) -> Sealer:
    """The same sealer each time, and another one for each number."""
    return Sealer(a_key(number))
