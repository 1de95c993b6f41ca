"""Keys that somebody supplies for a call that was kept encrypted, as ``SIDE:SUITE:SECRET[:MKI]``."""

import base64
import binascii
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from recorder.errors import BadKey
from recorder.media import SrtpKey
from recorder.protocol.sdes import SUITES
from storage.model import Side

SIDES = {"A": (Side.A,), "B": (Side.B,), "*": (Side.A, Side.B)}
"""Of whom something is supplied."""
_PROFILES = {
    "SRTP_AES128_CM_HMAC_SHA1_80": "AES_CM_128_HMAC_SHA1_80",
    "SRTP_AES128_CM_HMAC_SHA1_32": "AES_CM_128_HMAC_SHA1_32",
    "SRTP_AEAD_AES_128_GCM": "AEAD_AES_128_GCM",
    "SRTP_AEAD_AES_256_GCM": "AEAD_AES_256_GCM",
}
"""What DTLS calls the suites (RFC 5764, 4.1.2; RFC 7714, 14.2)."""
_LONGEST_MKI = 128


@dataclass(frozen=True, slots=True)
class SuppliedKey:
    """A key, and of whom it may open what they said."""

    sides: tuple[Side, ...]
    key: SrtpKey


def supplied(lines: Iterable[str]) -> tuple[SuppliedKey, ...]:
    """The keys of all lines, each once; empty lines and those that begin with ``#`` are passed over.

    SIDE is ``A``, ``B`` or ``*``; SUITE a name of RFC 4568, 6188, 7714 or 5764; SECRET the master key and
    salt in base64, or in hexadecimal; or what DTLS exports for both sides (RFC 5764, 4.2), of which either
    half is tried. MKI is the length in bytes of the master key identifier in each packet.

    Raises ``BadKey``, which never shows the secret.
    """
    found: dict[SuppliedKey, None] = {}
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if text and not text.startswith("#"):
            found.update(dict.fromkeys(_keys(text, number)))
    return tuple(found)


def _keys(text: str, number: int) -> Iterator[SuppliedKey]:
    parts = text.split(":")
    if len(parts) not in (3, 4):
        raise BadKey(f"key {number} is not SIDE:SUITE:SECRET, as in B:AES_CM_128_HMAC_SHA1_80:…")
    side, suite, secret, mki = (part.strip() for part in [*parts, "0"][:4])
    if side.upper() not in SIDES:
        raise BadKey(
            f"key {number} is for no side: write A for the caller, B for the called party, * for both"
        )
    name = _PROFILES.get(suite.upper(), suite.upper())
    if name not in SUITES:
        raise BadKey(f"key {number} is of no known suite; known are {', '.join((*SUITES, *_PROFILES))}")
    if not mki.isdecimal() or int(mki) > _LONGEST_MKI:
        raise BadKey(f"the MKI of key {number} has 0 to {_LONGEST_MKI} bytes")
    for one in _secrets(secret, name, number):
        yield SuppliedKey(SIDES[side.upper()], SrtpKey(name, base64.b64encode(one).decode(), int(mki)))


def _secrets(text: str, suite: str, number: int) -> tuple[bytes, ...]:
    lengths = SUITES[suite]
    size = lengths.key + lengths.salt
    for read in (bytes.fromhex, _base64):
        try:
            secret = read(text)
        except (ValueError, binascii.Error):
            continue
        if len(secret) == size:
            return (secret,)
        if len(secret) == 2 * size:
            keys, salts = secret[: 2 * lengths.key], secret[2 * lengths.key :]
            return (
                keys[: lengths.key] + salts[: lengths.salt],
                keys[lengths.key :] + salts[lengths.salt :],
            )
    raise BadKey(
        f"the secret of key {number} is neither base64 nor hexadecimal of {size} bytes "
        f"(master key and salt), nor of {2 * size} (what DTLS exports)"
    )


def _base64(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
