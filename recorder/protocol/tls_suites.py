"""Cipher suites of TLS that can be opened (IANA, TLS Cipher Suites). How keys were agreed is all the same,
but for static RSA."""

from typing import Literal, NamedTuple

Mode = Literal["cbc", "gcm", "ccm", "chacha"]


class Suite(NamedTuple):
    """``key`` and ``tag`` in bytes; ``digest`` is that of the key schedule, ``mac`` that of CBC records."""

    mode: Mode
    key: int
    digest: str
    mac: str = ""
    tag: int = 16

    @property
    def mac_key(self) -> int:
        """Bytes of the key for the MAC, none with AEAD."""
        return {"": 0, "sha1": 20, "sha256": 32, "sha384": 48}[self.mac]

    @property
    def fixed_iv(self) -> int:
        """Bytes of the IV that come from the key block, for versions from 1.1 to 1.2."""
        return {"cbc": 0, "gcm": 4, "ccm": 4, "chacha": 12}[self.mode]


RSA = frozenset({0x2F, 0x35, 0x3C, 0x3D, 0x9C, 0x9D, 0xC09C, 0xC09D, 0xC0A0, 0xC0A1})
"""Where the client sends the secret encrypted with the server's RSA key."""

_NUMBERS: dict[Suite, tuple[int, ...]] = {
    Suite("cbc", 16, "sha256", "sha1"): (
        *(0x2F, 0x30, 0x31, 0x32, 0x33, 0x34, 0x8C, 0x90, 0x94),
        *(0xC004, 0xC009, 0xC00E, 0xC013, 0xC018, 0xC035),
    ),
    Suite("cbc", 32, "sha256", "sha1"): (
        *(0x35, 0x36, 0x37, 0x38, 0x39, 0x3A, 0x8D, 0x91, 0x95),
        *(0xC005, 0xC00A, 0xC00F, 0xC014, 0xC019, 0xC036),
    ),
    Suite("cbc", 16, "sha256", "sha256"): (
        *(0x3C, 0x3E, 0x3F, 0x40, 0x67, 0x6C, 0xAE, 0xB2, 0xB6),
        *(0xC023, 0xC025, 0xC027, 0xC029, 0xC037),
    ),
    Suite("cbc", 32, "sha256", "sha256"): (0x3D, 0x68, 0x69, 0x6A, 0x6B, 0x6D),
    Suite("cbc", 32, "sha384", "sha384"): (*(0xAF, 0xB3, 0xB7, 0xC024, 0xC026, 0xC028, 0xC02A, 0xC038),),
    Suite("gcm", 16, "sha256"): (
        *(0x9C, 0x9E, 0xA0, 0xA2, 0xA4, 0xA6, 0xA8, 0xAA, 0xAC),
        *(0xC02B, 0xC02D, 0xC02F, 0xC031, 0xD001, 0x1301),
    ),
    Suite("gcm", 32, "sha384"): (
        *(0x9D, 0x9F, 0xA1, 0xA3, 0xA5, 0xA7, 0xA9, 0xAB, 0xAD),
        *(0xC02C, 0xC02E, 0xC030, 0xC032, 0xD002, 0x1302),
    ),
    Suite("ccm", 16, "sha256"): (0xC09C, 0xC09E, 0xC0A4, 0xC0A6, 0xC0AC, 0xD005, 0x1304),
    Suite("ccm", 32, "sha256"): (0xC09D, 0xC09F, 0xC0A5, 0xC0A7, 0xC0AD),
    Suite("ccm", 16, "sha256", tag=8): (0xC0A0, 0xC0A2, 0xC0A8, 0xC0AA, 0xC0AE, 0xD003, 0x1305),
    Suite("ccm", 32, "sha256", tag=8): (0xC0A1, 0xC0A3, 0xC0A9, 0xC0AB, 0xC0AF),
    Suite("chacha", 32, "sha256"): (0xCCA8, 0xCCA9, 0xCCAA, 0xCCAB, 0xCCAC, 0xCCAD, 0xCCAE, 0x1303),
}
SUITES: dict[int, Suite] = {number: suite for suite, numbers in _NUMBERS.items() for number in numbers}
