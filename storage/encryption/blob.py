"""The form of an encrypted blob, version 1.

A header of 24 bytes: ``EWENC1`` and a line feed (7 bytes), the number 16 (the chunk size as a power of two)
as one byte, 16 random bytes of salt. Then the plaintext in chunks of 65,536 bytes, the last of 0 to 65,536,
each as AES-256-GCM ciphertext with its tag of 16 bytes behind it. There is always a last chunk, empty only
where the plaintext is.

HKDF-SHA256 of the call's data key with the salt and the info ``earwitness blob 1`` gives 39 bytes: the AES
key (32) and the nonce prefix (7). The nonce of a chunk is the prefix, its number from 0 (4 bytes, big endian)
and one byte that is 1 for the last chunk and 0 for the others (STREAM, Hoang et al. 2015). The additional
data of every chunk are the header and the name of the blob in UTF-8, so that blobs cannot be swapped, cut,
prolonged or put in another order; and any chunk can be opened without the others.
"""

import os
from collections.abc import Iterable, Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from storage.errors import Undecipherable

MAGIC = b"EWENC1\n"
_POWER = 16
CHUNK = 1 << _POWER
SALT = 16
HEADER = len(MAGIC) + 1 + SALT
TAG = 16
KEY = 32
"""Bytes of a data key."""
_INFO = b"earwitness blob 1"


class _Chunks:
    """Seals and opens the chunks of one blob."""

    def __init__(self, header: bytes, key: bytes, name: str) -> None:
        made = HKDF(SHA256(), KEY + 7, header[-SALT:], _INFO).derive(key)
        self._cipher = AESGCM(made[:KEY])
        self._prefix = made[KEY:]
        self._data = header + name.encode()

    def seal(self, number: int, chunk: bytes, *, last: bool) -> bytes:
        return self._cipher.encrypt(self._nonce(number, last), chunk, self._data)

    def open(self, number: int, sealed: bytes, *, last: bool) -> bytes:
        return self._cipher.decrypt(self._nonce(number, last), sealed, self._data)

    def _nonce(self, number: int, last: bool) -> bytes:
        return self._prefix + number.to_bytes(4, "big") + (b"\x01" if last else b"\x00")


def is_encrypted(beginning: bytes) -> bool:
    """Whether a blob that begins with these bytes (``HEADER`` of them, or all) is encrypted."""
    return len(beginning) >= HEADER and beginning.startswith(MAGIC)


def stored_length(plain: int) -> int:
    """How many bytes the encryption of ``plain`` bytes has."""
    return HEADER + plain + TAG * max(1, -(-plain // CHUNK))


def plain_length(stored: int, name: str) -> int:
    """How many bytes an encrypted blob of ``stored`` bytes holds. Raises ``Undecipherable``."""
    body = stored - HEADER
    chunks = -(-body // (CHUNK + TAG))
    plain = body - TAG * chunks
    if chunks < 1 or stored_length(plain) != stored:
        raise Undecipherable(name)
    return plain


def encrypt(data: bytes, key: bytes, name: str) -> bytes:
    """The encrypted blob ``name`` of ``data``; another one each time."""
    return b"".join(encrypted_chunks([data], key, name))


def encrypted_chunks(chunks: Iterable[bytes], key: bytes, name: str) -> Iterator[bytes]:
    """The encrypted blob ``name`` of what comes in chunks of any size, itself in chunks."""
    header = MAGIC + bytes([_POWER]) + os.urandom(SALT)
    yield header
    sealing = _Chunks(header, key, name)
    number, waiting = 0, b""
    for chunk in chunks:
        waiting = waiting + chunk if waiting else bytes(chunk)
        at = 0
        # The last chunk is not known as such before something follows it, or nothing does.
        while len(waiting) - at > CHUNK:
            yield sealing.seal(number, waiting[at : at + CHUNK], last=False)
            number, at = number + 1, at + CHUNK
        waiting = waiting[at:]
    yield sealing.seal(number, waiting, last=True)


def decrypt(data: bytes, key: bytes, name: str) -> bytes:
    """What the encrypted blob ``data`` holds. Raises ``Undecipherable``, and never gives a part."""
    if not is_encrypted(data):
        raise Undecipherable(name)
    opened = EncryptedBlob(data[:HEADER], len(data), key, name)
    return b"".join(opened.plain([data[HEADER:]], 0, opened.bytes))


class EncryptedBlob:
    """Opens ranges of one encrypted blob, of which header and stored length are known.

    Raises ``Undecipherable`` where these cannot be those of a blob, or the chunks are not what was sealed.
    """

    def __init__(self, header: bytes, stored: int, key: bytes, name: str) -> None:
        if not is_encrypted(header) or header[len(MAGIC)] != _POWER:
            raise Undecipherable(name)
        self._name = name
        self._opening = _Chunks(header, key, name)
        self.bytes = plain_length(stored, name)
        self._last = max(0, -(-self.bytes // CHUNK) - 1)

    def stored_range(self, start: int, length: int) -> tuple[int, int]:
        """Where in the stored blob the chunks lie that hold this range: start and length, in bytes."""
        first, end = start // CHUNK, -(-(start + length) // CHUNK) or 1
        return HEADER + first * (CHUNK + TAG), max(0, end - first) * (CHUNK + TAG)

    def plain(self, stored: Iterable[bytes], start: int, length: int) -> Iterator[bytes]:
        """The plaintext of the range, from the bytes of ``stored_range``; none of an altered chunk."""
        number = start // CHUNK
        skip, left = start - number * CHUNK, length
        for sealed in _portions(stored):
            last = number == self._last
            try:
                chunk = self._opening.open(number, sealed, last=last)
            except InvalidTag:
                raise Undecipherable(self._name) from None
            part = chunk[skip : skip + left]
            number, skip, left = number + 1, 0, left - len(part)
            if part:
                yield part
            if last:
                break
        if left:
            raise Undecipherable(self._name)


def _portions(chunks: Iterable[bytes]) -> Iterator[bytes]:
    waiting = b""
    for chunk in chunks:
        waiting = waiting + chunk if waiting else chunk
        at = 0
        while len(waiting) - at >= CHUNK + TAG:
            yield waiting[at : at + CHUNK + TAG]
            at += CHUNK + TAG
        waiting = waiting[at:]
    if waiting:
        yield waiting
