"""Interfaces of a pcapng file: link type, snap length and clock (draft-ietf-opsawg-pcapng, 4.2)."""

import struct
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

_END, _RESOLUTION, _OFFSET = 0, 9, 14


@dataclass(frozen=True, slots=True)
class Interface:
    """A clock of ``base ** exponent`` ticks a second, ``offset`` in seconds; no ``snap_length`` is 0."""

    link_type: int
    snap_length: int = 0
    base: int = 10
    exponent: int = 6
    offset: int = 0

    @classmethod
    def parse(cls, block: bytes, order: str) -> Self | None:
        """Read a whole Interface Description Block; None where it is too short. Odd options are ignored."""
        if len(block) < 20:
            return None
        link_type, _, snap_length = struct.unpack_from(order + "HHI", block, 8)
        options = _options(block, order)
        resolution = options.get(_RESOLUTION, b"\x06")
        shift = options.get(_OFFSET, bytes(8))
        base, exponent = (2, resolution[0] & 0x7F) if resolution and resolution[0] & 0x80 else (10, 6)
        if base == 10 and resolution:
            exponent = resolution[0]
        offset = struct.unpack(order + "q", shift)[0] if len(shift) == 8 else 0
        return cls(link_type, snap_length, base, exponent, offset)

    def nanoseconds(self, ticks: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Times in ticks of this interface as nanoseconds since the epoch; wraps where they cannot be."""
        if self.base == 2:
            whole = ticks >> np.uint64(self.exponent) if self.exponent < 64 else ticks * np.uint64(0)
            part = _binary_fraction(ticks, self.exponent)
            times = whole * np.uint64(1_000_000_000) + part
        elif self.exponent <= 9:
            times = ticks * np.uint64(10 ** (9 - self.exponent))
        else:
            times = ticks // np.uint64(min(10 ** (self.exponent - 9), (1 << 64) - 1))
        shift = (self.offset * 1_000_000_000) & ((1 << 64) - 1)
        return (times + np.uint64(shift)).astype(np.int64)


def _binary_fraction(ticks: NDArray[np.uint64], exponent: int) -> NDArray[np.uint64]:
    """Nanoseconds of the fraction of a second; 30 bits of it are as fine as nanoseconds are."""
    part = ticks & np.uint64((1 << min(exponent, 64)) - 1)
    if exponent > 30:
        part = part >> np.uint64(exponent - 30) if exponent - 30 < 64 else part * np.uint64(0)
    return (part * np.uint64(1_000_000_000)) >> np.uint64(min(exponent, 30))


def _options(block: bytes, order: str) -> dict[int, bytes]:
    """Options of an Interface Description Block by their code, up to the first that is not whole."""
    found: dict[int, bytes] = {}
    at, end = 16, len(block) - 4
    while at + 4 <= end:
        code, length = struct.unpack_from(order + "HH", block, at)
        value = block[at + 4 : at + 4 + length]
        if code == _END or at + 4 + length > end:
            break
        found.setdefault(code, value)
        at += 4 + (length + 3) // 4 * 4
    return found
