"""The wrapped data key of a call: the document of its ``.key`` blob and of its row in the catalogue.

``{"format": "earwitness key 1", "call": id, "wrappings": [...]}``; every wrapping holds the same 32 bytes,
closed for somebody else. Binary values are base64. AES is AES-256-GCM with 12 random bytes of ``nonce``; its
additional data, and the label of OAEP, are ``earwitness key 1 `` followed by the id of the call.

- ``master``: AES with the wrapping key of the master key ``id`` (see ``masterkey``).
- ``passphrase``: AES with PBKDF2-HMAC-SHA256 of the passphrase in UTF-8, ``salt`` and ``rounds``.
- ``recipient``, ``RSA-OAEP-256``: RSA with OAEP, SHA-256 in both places. ``id`` is the first 32 hex digits of
  the SHA-256 of the recipient's public key (DER, SubjectPublicKeyInfo).
- ``recipient``, ``X25519``: AES with HKDF-SHA256 of the shared secret of ``ephemeral`` and the recipient's
  key, with the two raw public keys, ephemeral first, as salt and the info ``earwitness recipient 1``.
"""

import base64
import os
from typing import Annotated, Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import Field, ValidationError

from storage.errors import KeyUnusable, WrongKey
from storage.model import Word

_NONCE = 12


Base64 = Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]*={0,2}$")]


class MasterWrapping(Word):
    """For the installation itself."""

    kind: Literal["master"] = "master"
    id: str
    nonce: Base64
    key: Base64


class PassphraseWrapping(Word):
    """For whoever knows the passphrase."""

    kind: Literal["passphrase"] = "passphrase"
    salt: Base64
    rounds: int = Field(ge=1, le=10_000_000)
    nonce: Base64
    key: Base64


class RecipientWrapping(Word):
    """For the owner of a private key. ``ephemeral`` and ``nonce`` are those of X25519."""

    kind: Literal["recipient"] = "recipient"
    id: str
    algorithm: Literal["RSA-OAEP-256", "X25519"]
    ephemeral: Base64 = ""
    nonce: Base64 = ""
    key: Base64


Wrapping = Annotated[MasterWrapping | PassphraseWrapping | RecipientWrapping, Field(discriminator="kind")]


class KeyDocument(Word):
    """The document."""

    format: Literal["earwitness key 1"] = "earwitness key 1"
    call: str
    wrappings: tuple[Wrapping, ...]

    def encode(self) -> str:
        """Its JSON."""
        return self.model_dump_json()


def read_document(text: str | bytes) -> KeyDocument:
    """The document in ``text``. Raises ``KeyUnusable``."""
    try:
        return KeyDocument.model_validate_json(text)
    except ValidationError as error:
        raise KeyUnusable(f"This is no wrapped key: {error.errors()[0]['msg']}.") from error


def context(call_id: str) -> bytes:
    """What binds a wrapping to its call."""
    return b"earwitness key 1 " + call_id.encode()


def closed(key: bytes, data_key: bytes, call_id: str) -> tuple[str, str]:
    """Nonce and ciphertext of the data key of the call under an AES key."""
    nonce = os.urandom(_NONCE)
    return text(nonce), text(AESGCM(key).encrypt(nonce, data_key, context(call_id)))


def opened(
    key: bytes, wrapping: MasterWrapping | PassphraseWrapping | RecipientWrapping, call_id: str
) -> bytes:
    """The data key in a wrapping of which this is the AES key. Raises ``WrongKey``."""
    try:
        return AESGCM(key).decrypt(raw(wrapping.nonce), raw(wrapping.key), context(call_id))
    except (InvalidTag, ValueError):
        raise WrongKey(
            f"The key does not open the call {call_id}: it is another one, or the wrapped key was altered."
        ) from None


def text(value: bytes) -> str:
    """As base64."""
    return base64.b64encode(value).decode()


def raw(value: str) -> bytes:
    """From base64."""
    return base64.b64decode(value)
