"""What turns encrypted records of one side into what it wrote; each knows one way of sealing.

An opener is asked with the number of the record (its count under the same keys), so that after missing
records the right number can be searched. It gives None where the record is not authentic under it.
"""

import hmac
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM, ChaCha20Poly1305

from recorder.protocol.tls_hello import TLS_1_0, TLS_1_3, ServerHello
from recorder.protocol.tls_records import Record
from recorder.protocol.tls_schedule import WriteKeys
from recorder.protocol.tls_suites import Suite

_BLOCK = 16


class Opener(Protocol):
    """One way of sealing, with the keys of one side."""

    def open(self, number: int, record: Record) -> tuple[int, bytes] | None:
        """Content type and content, or None where this is not record ``number``."""

    def passed(self, record: Record) -> None:
        """This record is over, opened or not."""

    def lost(self) -> None:
        """Records may be missing before the next one."""


def opener(server: ServerHello, suite: Suite, keys: WriteKeys) -> Opener:
    """What opens records of the side that writes with ``keys``."""
    if suite.mode == "cbc":
        mac = suite.mac
        if server.encrypt_then_mac:
            return EncryptThenMac(server.version, keys, mac)
        return MacThenEncrypt(server.version, keys, mac)
    if server.version >= TLS_1_3:
        return Aead13(suite, keys)
    return Aead12(suite, keys)


def _aead(suite: Suite, key: bytes) -> AESGCM | AESCCM | ChaCha20Poly1305:
    """Made anew for each record, in 2 microseconds: kept it takes 2.5 KB, and most connections are idle."""
    if suite.mode == "gcm":
        return AESGCM(key)
    if suite.mode == "ccm":
        return AESCCM(key, suite.tag)
    return ChaCha20Poly1305(key)


class Aead12:
    """AEAD of TLS 1.2 (RFC 5246, 6.2.3.3; RFC 5288, RFC 6655, RFC 7905)."""

    def __init__(self, suite: Suite, keys: WriteKeys) -> None:
        self._suite = suite
        self._key = keys.key
        self._iv = keys.iv
        self._explicit = 12 - suite.fixed_iv

    def open(self, number: int, record: Record) -> tuple[int, bytes] | None:
        """As ``Opener`` says."""
        kind, version, fragment = record
        size = len(fragment) - self._explicit - self._suite.tag
        if size < 0:
            return None
        nonce = self._iv + fragment[: self._explicit] if self._explicit else _numbered(self._iv, number)
        said = _said(number, kind, version, size)
        try:
            content = _aead(self._suite, self._key).decrypt(nonce, fragment[self._explicit :], said)
        except InvalidTag:
            return None
        return kind, content

    def passed(self, record: Record) -> None:
        """As ``Opener`` says: nothing here depends on other records."""

    def lost(self) -> None:
        """As ``Opener`` says: nothing here depends on other records."""


class Aead13:
    """TLS 1.3, which hides the content type behind the content (RFC 8446, 5.2)."""

    def __init__(self, suite: Suite, keys: WriteKeys) -> None:
        self._suite = suite
        self._key = keys.key
        self._iv = keys.iv

    def open(self, number: int, record: Record) -> tuple[int, bytes] | None:
        """As ``Opener`` says."""
        kind, version, fragment = record
        if len(fragment) <= self._suite.tag:
            return None
        head = bytes([kind]) + version.to_bytes(2, "big") + len(fragment).to_bytes(2, "big")
        try:
            inner = _aead(self._suite, self._key).decrypt(_numbered(self._iv, number), fragment, head)
        except InvalidTag:
            return None
        inner = inner.rstrip(b"\0")
        return (inner[-1], inner[:-1]) if inner else None

    def passed(self, record: Record) -> None:
        """As ``Opener`` says: nothing here depends on other records."""

    def lost(self) -> None:
        """As ``Opener`` says: nothing here depends on other records."""


class _Cbc:
    """CBC; TLS 1.0 goes on with the last block of the record before (RFC 2246, 6.2.3.2), so that behind a gap
    the first record stays closed: another block in its place would give out noise for the first 16 bytes."""

    def __init__(self, version: int, keys: WriteKeys, mac: str) -> None:
        self._algorithm = algorithms.AES(keys.key)
        self._mac_key = keys.mac
        self._digest = mac
        self._mac_size = len(keys.mac)
        self._is_chained = version <= TLS_1_0
        self._before = keys.iv if self._is_chained else b""

    def passed(self, record: Record) -> None:
        """As ``Opener`` says."""
        if self._is_chained:
            self._before = self._encrypted(record.fragment)[-_BLOCK:]

    def lost(self) -> None:
        """As ``Opener`` says."""
        self._before = b""

    def _encrypted(self, fragment: bytes) -> bytes:
        return fragment

    def _mac(self, number: int, record: Record, content: bytes) -> bytes:
        said = _said(number, record.kind, record.version, len(content))
        return hmac.digest(self._mac_key, said + content, self._digest)

    def _decrypted(self, encrypted: bytes) -> bytes | None:
        """The content with its MAC where it has one, without IV and padding; None where that is wrong."""
        iv, blocks = self._before, encrypted
        if not self._is_chained:
            iv, blocks = encrypted[:_BLOCK], encrypted[_BLOCK:]
        if len(iv) != _BLOCK or not blocks or len(blocks) % _BLOCK:
            return None
        decryptor = Cipher(self._algorithm, modes.CBC(iv)).decryptor()
        plain = decryptor.update(blocks) + decryptor.finalize()
        size = len(plain) - 1 - plain[-1]
        if size < 0 or plain[size:] != bytes([plain[-1]]) * (plain[-1] + 1):
            return None
        return plain[:size]


class MacThenEncrypt(_Cbc):
    """The MAC is encrypted with the content (RFC 5246, 6.2.3.2)."""

    def open(self, number: int, record: Record) -> tuple[int, bytes] | None:
        """As ``Opener`` says."""
        plain = self._decrypted(record.fragment)
        if plain is None or len(plain) < self._mac_size:
            return None
        content, mac = plain[: -self._mac_size], plain[-self._mac_size :]
        is_sound = hmac.compare_digest(mac, self._mac(number, record, content))
        return (record.kind, content) if is_sound else None


class EncryptThenMac(_Cbc):
    """The MAC is that of what was encrypted, and stands behind it (RFC 7366)."""

    def open(self, number: int, record: Record) -> tuple[int, bytes] | None:
        """As ``Opener`` says."""
        encrypted, mac = self._encrypted(record.fragment), record.fragment[-self._mac_size :]
        if not hmac.compare_digest(mac, self._mac(number, record, encrypted)):
            return None
        content = self._decrypted(encrypted)
        return None if content is None else (record.kind, content)

    def _encrypted(self, fragment: bytes) -> bytes:
        return fragment[: -self._mac_size]


def _numbered(iv: bytes, number: int) -> bytes:
    """The nonce of record ``number`` (RFC 8446, 5.3)."""
    return (int.from_bytes(iv, "big") ^ number).to_bytes(12, "big")


def _said(number: int, kind: int, version: int, size: int) -> bytes:
    """What a MAC covers before the content (RFC 5246, 6.2.3.1)."""
    return number.to_bytes(8, "big") + bytes([kind]) + version.to_bytes(2, "big") + size.to_bytes(2, "big")
