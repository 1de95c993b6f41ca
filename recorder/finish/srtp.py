"""SRTP packets opened with one master key (RFC 3711, RFC 6188, RFC 7714): many packets in one call."""

import base64
import hashlib
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from numpy.typing import NDArray

from recorder.media import SrtpKey
from recorder.protocol.sdes import SUITES, Suite

Bytes = NDArray[np.uint8]
_BLOCK = 16
_ENCRYPTION, _AUTHENTICATION, _SALT = 0, 1, 2
"""Labels of the key derivation (RFC 3711, 4.3.1)."""


@dataclass(frozen=True, slots=True)
class Packets:
    """SRTP packets of one stream, in any order.

    ``headers`` are the whole RTP headers and ``bodies`` what follows them, up to the end of the packet;
    ``indices`` (int64) are the packet indices, roll-over counter and sequence number in one
    (RFC 3711, 3.3.1); ``ssrc`` is of them all.
    """

    headers: list[bytes]
    bodies: list[bytes]
    indices: NDArray[np.int64]
    ssrc: int

    def __len__(self) -> int:
        return len(self.bodies)

    def some(self, which: NDArray[np.int64]) -> "Packets":
        """Those at the positions ``which``."""
        chosen = which.tolist()
        return Packets(
            [self.headers[at] for at in chosen],
            [self.bodies[at] for at in chosen],
            self.indices[which],
            self.ssrc,
        )

    def moved(self, turns: int) -> "Packets":
        """The same with another roll-over counter."""
        return Packets(self.headers, self.bodies, self.indices + (turns << 16), self.ssrc)


class Session(Protocol):
    """What opens packets."""

    def open(self, packets: Packets) -> list[bytes | None]:
        """The payload of each packet; None where key or index is wrong, or the packet was changed."""


def session(key: SrtpKey) -> Session:
    """A session of the key's suite, which is one of ``sdes.SUITES``."""
    suite = SUITES[key.suite]
    secret = base64.b64decode(key.secret)
    return _Aead(secret, suite, key) if key.suite.startswith("AEAD") else _Counter(secret, suite, key)


def derive(secret: bytes, suite: Suite, label: int, size: int) -> bytes:
    """A session key: ``size`` bytes of the AES-CM key stream for this label (RFC 3711, 4.3.1 and 4.3.3).

    A salt of 96 bits stands for one of 112 that ends in zeros (RFC 7714, 11).
    """
    salt = bytearray(secret[suite.key :].ljust(14, b"\0") + b"\0\0")
    salt[7] ^= label
    start = np.tile(np.frombuffer(bytes(salt), np.uint8), (-(-size // _BLOCK), 1))
    start[:, 15] = np.arange(len(start))
    return _ecb(secret[: suite.key], start)[:size].tobytes()


def counter_stream(key: bytes, salt: bytes, packets: Packets, blocks: NDArray[np.int64]) -> Bytes:
    """Key stream of shape (blocks.sum(), 16), AES of counters made of salt, SSRC and index (4.1.1)."""
    start = np.zeros((len(packets), _BLOCK), np.uint8)
    start[:, 4:8] = np.frombuffer(packets.ssrc.to_bytes(4, "big"), np.uint8)
    start[:, 8:14] = _six_bytes(packets.indices)
    start[:, :14] ^= np.frombuffer(salt, np.uint8)
    counters = np.repeat(start, blocks, axis=0)
    number = np.arange(len(counters)) - np.repeat(np.cumsum(blocks) - blocks, blocks)
    counters[:, 14], counters[:, 15] = number >> 8, number & 0xFF
    return _ecb(key, counters).reshape(-1, _BLOCK)


def f8_stream(key: bytes, salt: bytes, packets: Packets, blocks: NDArray[np.int64]) -> Bytes:
    """Key stream of shape (blocks.sum(), 16): each block is made of the one before it (4.1.2)."""
    start = np.zeros((len(packets), _BLOCK), np.uint8)
    heads = np.frombuffer(b"".join(head[:12] for head in packets.headers), np.uint8).reshape(-1, 12)
    start[:, 1:12] = heads[:, 1:]
    start[:, 12:] = _six_bytes(packets.indices)[:, :4]
    mask = np.frombuffer(salt.ljust(len(key), b"\x55"), np.uint8)
    start = _ecb(bytes(np.frombuffer(key, np.uint8) ^ mask), start).reshape(-1, _BLOCK)
    stream = np.zeros((int(blocks.sum()), _BLOCK), np.uint8)
    first = np.cumsum(blocks) - blocks
    before = np.zeros_like(start)
    for number in range(int(blocks.max(initial=0))):
        here = np.flatnonzero(blocks > number)
        block = start[here] ^ before[here]
        block[:, 14] ^= np.uint8(number >> 8)
        block[:, 15] ^= np.uint8(number & 0xFF)
        before[here] = stream[first[here] + number] = _ecb(key, block).reshape(-1, _BLOCK)
    return stream


class _Hmac:
    """HMAC-SHA1 (RFC 2104) of many messages with one key, in half the time that ``hmac.digest`` takes."""

    def __init__(self, key: bytes) -> None:
        padded = np.frombuffer(key.ljust(64, b"\0"), np.uint8)
        self._inner = hashlib.sha1(bytes(padded ^ 0x36), usedforsecurity=False)
        self._outer = hashlib.sha1(bytes(padded ^ 0x5C), usedforsecurity=False)

    def digest(self, message: bytes) -> bytes:
        """The code of 20 bytes."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(message)
        outer.update(inner.digest())
        return outer.digest()


class _Counter:
    """AES in counter mode or f8, with HMAC-SHA1 (RFC 3711, 4.1 and 4.2)."""

    def __init__(self, secret: bytes, suite: Suite, key: SrtpKey) -> None:
        self._key = derive(secret, suite, _ENCRYPTION, suite.key)
        self._salt = derive(secret, suite, _SALT, suite.salt)
        self._authentication = _Hmac(derive(secret, suite, _AUTHENTICATION, 20))
        self._tag = suite.tag if key.is_authenticating else 0
        self._trailer = self._tag + key.mki
        self._is_f8 = key.suite.startswith("F8")
        self._is_encrypting = key.is_encrypting

    def open(self, packets: Packets) -> list[bytes | None]:
        """See ``Session``."""
        sealed = [body[: max(len(body) - self._trailer, 0)] for body in packets.bodies]
        good = [at for at in range(len(packets)) if self._is_authentic(packets, sealed, at)]
        opened: list[bytes | None] = [None] * len(packets)
        clear = [sealed[at] for at in good]
        if self._is_encrypting and good:
            clear = self._decrypted(packets.some(np.array(good)), clear)
        for at, payload in zip(good, clear, strict=True):
            opened[at] = payload
        return opened

    def _is_authentic(self, packets: Packets, sealed: list[bytes], at: int) -> bool:
        if len(packets.bodies[at]) < self._trailer:
            return False
        if not self._tag:
            return True
        turns = (int(packets.indices[at]) >> 16) & 0xFFFFFFFF
        digest = self._authentication.digest(packets.headers[at] + sealed[at] + turns.to_bytes(4, "big"))
        return digest[: self._tag] == packets.bodies[at][-self._tag :]

    def _decrypted(self, packets: Packets, sealed: list[bytes]) -> list[bytes]:
        sizes = np.array([len(one) for one in sealed], np.int64)
        blocks = -(-sizes // _BLOCK)
        stream = (f8_stream if self._is_f8 else counter_stream)(self._key, self._salt, packets, blocks)
        ends = np.cumsum(sizes)
        starts = (np.cumsum(blocks) - blocks) * _BLOCK
        place = np.arange(int(sizes.sum())) + np.repeat(starts - (ends - sizes), sizes)
        clear = (np.frombuffer(b"".join(sealed), np.uint8) ^ stream.reshape(-1)[place]).tobytes()
        return [clear[end - size : end] for end, size in zip(ends.tolist(), sizes.tolist(), strict=True)]


class _Aead:
    """AES in Galois counter mode; the tag is the end of the ciphertext, the MKI follows it (RFC 7714, 8)."""

    def __init__(self, secret: bytes, suite: Suite, key: SrtpKey) -> None:
        self._cipher = AESGCM(derive(secret, suite, _ENCRYPTION, suite.key))
        self._salt = np.frombuffer(derive(secret, suite, _SALT, suite.salt), np.uint8)
        self._trailer = key.mki
        self._shortest = key.mki + suite.tag
        self._is_encrypting = key.is_encrypting
        self._tag = suite.tag

    def open(self, packets: Packets) -> list[bytes | None]:
        """See ``Session``."""
        starts = np.zeros((len(packets), 12), np.uint8)
        starts[:, 2:6] = np.frombuffer(packets.ssrc.to_bytes(4, "big"), np.uint8)
        starts[:, 6:12] = _six_bytes(packets.indices)
        starts ^= self._salt
        return [
            self._one(head, body, start.tobytes())
            for head, body, start in zip(packets.headers, packets.bodies, starts, strict=True)
        ]

    def _one(self, head: bytes, body: bytes, start: bytes) -> bytes | None:
        if len(body) < self._shortest:
            return None
        sealed = body[: len(body) - self._trailer]
        try:
            if self._is_encrypting:
                return self._cipher.decrypt(start, sealed, head)
            payload = sealed[: -self._tag]
            self._cipher.decrypt(start, sealed[-self._tag :], head + payload)
        except InvalidTag:
            return None
        return payload


def _six_bytes(indices: NDArray[np.int64]) -> Bytes:
    """48-bit packet indices, big-endian: uint8 of shape (packets, 6)."""
    return (indices & 0xFFFFFFFFFFFF).astype(">u8").view(np.uint8).reshape(-1, 8)[:, 2:]


def _ecb(key: bytes, blocks: Bytes) -> Bytes:
    """Each block of 16 bytes by AES; flat."""
    # Only ever of counters, of which no two are alike: that is what makes the key stream of RFC 3711.
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # noqa: S305
    return np.frombuffer(encryptor.update(np.ascontiguousarray(blocks).tobytes()), np.uint8)
