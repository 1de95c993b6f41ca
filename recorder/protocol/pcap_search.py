"""Finding the next records of a pcap file behind a damaged stretch."""

import numpy as np
from numpy.typing import NDArray

from recorder.protocol import gather
from recorder.protocol.windows import windows

MAGICS = {
    b"\xd4\xc3\xb2\xa1": ("<", 1_000_000),
    b"\xa1\xb2\xc3\xd4": (">", 1_000_000),
    b"\x4d\x3c\xb2\xa1": ("<", 1_000_000_000),
    b"\xa1\xb2\x3c\x4d": (">", 1_000_000_000),
}
"""First four bytes of a file to byte order and fractions a second."""
FILE_HEADER, RECORD_HEADER = 24, 16
LONGEST = 262_144
"""The longest frame that libpcap and Wireshark believe in."""
LONGEST_ON_WIRE = 1 << 20
A_DAY = 86_400

_CHAIN = 3
_STARTS = [
    int.from_bytes(magic + (b"\2\0\4\0" if order == "<" else b"\0\2\0\4"), "big")
    for magic, (order, _) in MAGICS.items()
]
"""Magic and version, 2.4."""


def starts_file(data: NDArray[np.uint8], places: NDArray[np.int64]) -> NDArray[np.bool_]:
    """At which of the places the header of a file begins: files are put one behind the other."""
    found: NDArray[np.bool_] = np.isin(gather.headers(data, places, ">u8").view(">u8"), _STARTS)
    return found


class Search:
    """Knows what a record header looks like. ``near`` is the second of the last sound record, -1 for none."""

    def __init__(self, order: str, fractions: int) -> None:
        """``order`` is ``<`` or ``>``; ``fractions`` is how many there are in a second."""
        names = ("seconds", "fraction", "captured", "original")
        self.record: np.dtype[np.void] = np.dtype([(name, order + "u4") for name in names])
        self.near = -1
        self._fractions = fractions

    def find(self, data: NDArray[np.uint8], at: int, size: int, is_last: bool) -> tuple[int, int]:
        """The first place from ``at`` on where a chain of believable records begins, or a file, or -1.

        The second number is the place up to which it is sure that none does; from there on more bytes are
        needed to tell, unless ``is_last``.
        """
        end = size - RECORD_HEADER + 1
        for places in windows(at, end):
            header = gather.headers(data, places, self.record)
            is_file = starts_file(data, places)
            for place in places[self._believable(header) | is_file].tolist():
                is_chain = bool(is_file[place - places[0]]) or self._is_chain(data, place, size, is_last)
                if is_chain or is_chain is None:
                    return (place if is_chain else -1), place
        return -1, max(at, end)

    def _believable(self, header: NDArray[np.void]) -> NDArray[np.bool_]:
        captured, original = header["captured"].astype(np.int64), header["original"].astype(np.int64)
        believable: NDArray[np.bool_] = (captured > 0) & (captured <= LONGEST) & (captured <= original)
        believable &= (original <= LONGEST_ON_WIRE) & (header["fraction"] < self._fractions)
        if self.near >= 0:
            believable &= np.abs(header["seconds"].astype(np.int64) - self.near) <= A_DAY
        return believable

    def _is_chain(self, data: NDArray[np.uint8], at: int, size: int, is_last: bool) -> bool | None:
        """Whether believable records follow one another from ``at``; None where more bytes must tell."""
        for _ in range(_CHAIN):
            if at == size and is_last:
                return True
            if at + RECORD_HEADER > size:
                return False if is_last else None
            header = gather.headers(data, np.array([at]), self.record)
            if not self._believable(header)[0]:
                return False
            at += RECORD_HEADER + int(header["captured"][0])
        return True
