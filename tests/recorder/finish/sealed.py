"""Streams encrypted by libsrtp, or as a telephone would with suites that libsrtp does not have."""

import base64
import hmac
import random
import struct
from dataclasses import replace

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from pylibsrtp import Policy
from pylibsrtp import Session as LibSrtp

from recorder.media import MediaBlock, SrtpKey
from recorder.protocol.sdes import SUITES

SSRC = 0x1234ABCD
PROFILES = {
    "AES_CM_128_HMAC_SHA1_80": Policy.SRTP_PROFILE_AES128_CM_SHA1_80,
    "AES_CM_128_HMAC_SHA1_32": Policy.SRTP_PROFILE_AES128_CM_SHA1_32,
    "AEAD_AES_128_GCM": Policy.SRTP_PROFILE_AEAD_AES_128_GCM,
    "AEAD_AES_256_GCM": Policy.SRTP_PROFILE_AEAD_AES_256_GCM,
}


def key(suite: str = "AES_CM_128_HMAC_SHA1_80", seed: int = 0, **more: object) -> SrtpKey:
    """A key that anybody can know."""
    lengths = SUITES[suite]
    secret = random.Random(seed).randbytes(lengths.key + lengths.salt)
    return SrtpKey(suite, base64.b64encode(secret).decode(), **more)


def bodies(block: MediaBlock) -> list[bytes]:
    """The payload of each packet."""
    ends = np.cumsum(block.lengths).tolist()
    return [
        block.payload[end - size : end].tobytes()
        for end, size in zip(ends, block.lengths.tolist(), strict=True)
    ]


def headers(block: MediaBlock) -> list[bytes]:
    """The RTP header of each packet."""
    return [
        struct.pack("!BBHII", 0x80, kind | mark << 7, sequence & 0xFFFF, stamp & 0xFFFFFFFF, SSRC)
        for kind, mark, sequence, stamp in zip(
            block.payload_types.tolist(),
            block.markers.tolist(),
            block.sequences.tolist(),
            block.timestamps.tolist(),
            strict=True,
        )
    ]


def with_bodies(block: MediaBlock, payloads: list[bytes]) -> MediaBlock:
    """The block with other payloads."""
    lengths = np.array([len(one) for one in payloads], np.int32)
    return replace(block, lengths=lengths, payload=np.frombuffer(b"".join(payloads), np.uint8))


def sealed(block: MediaBlock, with_key: SrtpKey) -> MediaBlock:
    """The block as libsrtp encrypts it, from the first packet of its SSRC on."""
    profile = PROFILES[with_key.suite]
    secret = base64.b64decode(with_key.secret)
    libsrtp = LibSrtp(Policy(key=secret, ssrc_type=Policy.SSRC_ANY_OUTBOUND, srtp_profile=profile))
    packets = zip(headers(block), bodies(block), strict=True)
    return with_bodies(block, [libsrtp.protect(head + body)[12:] for head, body in packets])


def by_hand(block: MediaBlock, with_key: SrtpKey) -> MediaBlock:
    """The block encrypted packet by packet with HMAC-SHA1 as its tag, as RFC 3711 reads."""
    suite, secret = SUITES[with_key.suite], base64.b64decode(with_key.secret)
    master, salt = secret[: suite.key], secret[suite.key :]
    cipher, tagger, mask = (
        _key_stream(master, int.from_bytes(salt, "big") ^ label << 48, size)
        for label, size in ((0, suite.key), (1, 20), (2, 14))
    )
    made = []
    for head, body, index in zip(headers(block), bodies(block), block.sequences.tolist(), strict=True):
        if with_key.suite.startswith("F8"):
            stream = _f8(cipher, mask, head, index >> 16, len(body))
        else:
            start = int.from_bytes(mask, "big") ^ SSRC << 48 ^ index
            stream = _key_stream(cipher, start, len(body))
        closed = bytes(a ^ b for a, b in zip(body, stream, strict=True)) if with_key.is_encrypting else body
        tag = hmac.digest(tagger, head + closed + (index >> 16).to_bytes(4, "big"), "sha1")
        made.append(closed + tag[: suite.tag])
    return with_bodies(block, made)


def _key_stream(aes: bytes, start: int, size: int) -> bytes:
    counter = Cipher(algorithms.AES(aes), modes.CTR((start << 16).to_bytes(16, "big")))
    return counter.encryptor().update(bytes(size))


def _f8(aes: bytes, salt: bytes, head: bytes, turns: int, size: int) -> bytes:
    masked = bytes(a ^ b for a, b in zip(aes, salt.ljust(16, b"\x55"), strict=True))
    first = _aes(masked, b"\0" + head[1:12] + turns.to_bytes(4, "big"))
    stream, last = b"", bytes(16)
    for number in range(-(-size // 16)):
        mixed = int.from_bytes(first, "big") ^ number ^ int.from_bytes(last, "big")
        last = _aes(aes, mixed.to_bytes(16, "big"))
        stream += last
    return stream[:size]


def _aes(aes: bytes, block: bytes) -> bytes:
    return Cipher(algorithms.AES(aes), modes.ECB()).encryptor().update(block)


def captured(block: MediaBlock) -> MediaBlock:
    """The block with its sequence numbers as capture counts them, one turn ahead."""
    return replace(block, sequences=block.sequences + 0x10000)
