"""Recipients: owners of key pairs who can open calls besides the installation (escrow), and passphrases."""

import hashlib
import os
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from storage.encryption.wrapping import (
    PassphraseWrapping,
    RecipientWrapping,
    closed,
    context,
    opened,
    raw,
    text,
)
from storage.errors import KeyUnusable, WrongKey

ROUNDS = 600_000
"""Of PBKDF2 (OWASP, 2023)."""
_LEAST_RSA_BITS = 2048


class Recipient:
    """The public key of somebody who is to be able to open calls."""

    def __init__(self, key: RSAPublicKey | X25519PublicKey) -> None:
        self._key = key
        self.id = _id(key)

    def wrap(self, data_key: bytes, call_id: str) -> RecipientWrapping:
        """The data key of the call, for this recipient alone."""
        if isinstance(self._key, RSAPublicKey):
            sealed = self._key.encrypt(data_key, _oaep(call_id))
            return RecipientWrapping(id=self.id, algorithm="RSA-OAEP-256", key=text(sealed))
        ephemeral = X25519PrivateKey.generate()
        shared = ephemeral.exchange(self._key)
        nonce, sealed_key = closed(_agreed(shared, ephemeral.public_key(), self._key), data_key, call_id)
        return RecipientWrapping(
            id=self.id,
            algorithm="X25519",
            ephemeral=text(ephemeral.public_key().public_bytes_raw()),
            nonce=nonce,
            key=sealed_key,
        )


class RecipientKey:
    """The private key of a recipient."""

    def __init__(self, key: RSAPrivateKey | X25519PrivateKey) -> None:
        self._key = key
        self.id = _id(key.public_key())

    def unwrap(self, wrapping: RecipientWrapping, call_id: str) -> bytes:
        """The data key. Raises ``WrongKey``."""
        if isinstance(self._key, RSAPrivateKey):
            try:
                return self._key.decrypt(raw(wrapping.key), _oaep(call_id))
            except ValueError:
                raise WrongKey(f"This private key does not open the call {call_id}.") from None
        try:
            ephemeral = X25519PublicKey.from_public_bytes(raw(wrapping.ephemeral))
            shared = self._key.exchange(ephemeral)
        except ValueError:
            raise WrongKey(f"The wrapped key of the call {call_id} was altered.") from None
        return opened(_agreed(shared, ephemeral, self._key.public_key()), wrapping, call_id)


class Passphrase:
    """A passphrase. Deriving a key from it is slow on purpose: what was derived is remembered."""

    def __init__(self, words: str, rounds: int = ROUNDS) -> None:
        self._words = words.encode()
        self._rounds = rounds
        self._salt = os.urandom(16)
        self._derived: dict[tuple[bytes, int], bytes] = {}

    def wrap(self, data_key: bytes, call_id: str) -> PassphraseWrapping:
        """The data key of the call; all calls of one process share the salt."""
        nonce, sealed = closed(self._key(self._salt, self._rounds), data_key, call_id)
        return PassphraseWrapping(salt=text(self._salt), rounds=self._rounds, nonce=nonce, key=sealed)

    def unwrap(self, wrapping: PassphraseWrapping, call_id: str) -> bytes:
        """The data key. Raises ``WrongKey``."""
        return opened(self._key(raw(wrapping.salt), wrapping.rounds), wrapping, call_id)

    def _key(self, salt: bytes, rounds: int) -> bytes:
        if (salt, rounds) not in self._derived:
            self._derived[salt, rounds] = hashlib.pbkdf2_hmac("sha256", self._words, salt, rounds, 32)
        return self._derived[salt, rounds]


def load_recipient(path: Path) -> Recipient:
    """The public key in the PEM file ``path``. Raises ``KeyUnusable``."""
    try:
        key = load_pem_public_key(path.read_bytes())
    except (OSError, ValueError, UnsupportedAlgorithm) as error:
        raise KeyUnusable(f"The recipient's public key {path} cannot be read: {error}") from error
    if isinstance(key, RSAPublicKey) and key.key_size < _LEAST_RSA_BITS:
        raise KeyUnusable(f"The recipient's RSA key {path} has fewer than {_LEAST_RSA_BITS} bits.")
    if not isinstance(key, RSAPublicKey | X25519PublicKey):
        raise KeyUnusable(f"The recipient's public key {path} is neither RSA nor X25519.")
    return Recipient(key)


def load_recipient_key(path: Path, password: str = "") -> RecipientKey:
    """The private key in the PEM file ``path``. Raises ``KeyUnusable``."""
    try:
        key = load_pem_private_key(path.read_bytes(), password.encode() or None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyUnusable(f"The private key {path} cannot be read: {error}") from error
    if not isinstance(key, RSAPrivateKey | X25519PrivateKey):
        raise KeyUnusable(f"The private key {path} is neither RSA nor X25519.")
    return RecipientKey(key)


def _id(key: RSAPublicKey | X25519PublicKey) -> str:
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()[:32]


def _oaep(call_id: str) -> OAEP:
    return OAEP(MGF1(SHA256()), SHA256(), context(call_id))


def _agreed(shared: bytes, ephemeral: X25519PublicKey, recipient: X25519PublicKey) -> bytes:
    salt = ephemeral.public_bytes_raw() + recipient.public_bytes_raw()
    return HKDF(SHA256(), 32, salt, b"earwitness recipient 1").derive(shared)
