"""The blocks of which a pcapng file is made (draft-ietf-opsawg-pcapng, 3.1), and finding them again."""

import numpy as np
from numpy.typing import NDArray

from recorder.protocol import gather
from recorder.protocol.records import Layout
from recorder.protocol.windows import windows

MAGIC = b"\x0a\x0d\x0d\x0a"
SECTION, INTERFACE, OLD_PACKET, SIMPLE_PACKET, PACKET = 0x0A0D0D0A, 1, 2, 3, 6
PACKETS = (OLD_PACKET, SIMPLE_PACKET, PACKET)

_NAMES, _STATISTICS = 4, 5
_KNOWN = (SECTION, INTERFACE, *PACKETS, _NAMES, _STATISTICS)
_ORDERS = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}
_SHORTEST, _LONGEST = 12, 1 << 24


def section_order(head: bytes) -> str | None:
    """``<`` or ``>`` where a section header begins with ``head``, else None."""
    return _ORDERS.get(head[8:12]) if head[:4] == MAGIC else None


class Blocks:
    """Knows how the blocks of one section look: each has its length at both ends."""

    def __init__(self, order: str) -> None:
        """``order`` is ``<`` or ``>``."""
        self.order = order
        self.layout = Layout(order, 4, 0, _SHORTEST, _LONGEST)
        self._number = np.dtype(order + "u4")
        self._head = np.dtype([("kind", self._number), ("length", self._number)])

    def length(self, data: NDArray[np.uint8], at: int) -> int:
        """The length of the block at ``at``."""
        return int(gather.headers(data, np.array([at]), self._head)["length"][0])

    def read(
        self, data: NDArray[np.uint8], starts: NDArray[np.int64]
    ) -> tuple[NDArray[np.uint32], NDArray[np.int64], NDArray[np.bool_]]:
        """Kinds and lengths of the blocks at ``starts``, and whether both their lengths are the same."""
        head = gather.headers(data, starts, self._head)
        lengths = head["length"].astype(np.int64)
        tails = gather.headers(data, starts + np.maximum(lengths, 4) - 4, self._number)
        is_sound = (tails == head["length"]) & (lengths % 4 == 0) & (lengths >= _SHORTEST)
        return head["kind"].astype(np.uint32), lengths, is_sound

    def verdict(self, data: NDArray[np.uint8], at: int, size: int) -> bool | None:
        """Whether a block is at ``at``; None where the bytes up to ``size`` are too few to tell."""
        if size - at < _SHORTEST:
            return None
        head = data[at : at + 12].tobytes()
        if head[:4] == MAGIC:
            order = section_order(head)
            if order is None:
                return False
            if order != self.order:
                return Blocks(order).verdict(data, at, size)
        length = self.length(data, at)
        if not _SHORTEST <= length <= _LONGEST or length % 4:
            return False
        if at + length > size:
            return None
        return bool(self.read(data, np.array([at]))[2][0])

    def find(self, data: NDArray[np.uint8], at: int, size: int, is_last: bool) -> tuple[int, int]:
        """The first place from ``at`` on where a whole block of a known kind begins, or -1.

        The second number is the place up to which it is sure that none does; from there on more bytes are
        needed to tell, unless ``is_last``.
        """
        end = size - _SHORTEST + 1
        for places in windows(at, end):
            kinds = gather.headers(data, places, self._number)
            for place in places[np.isin(kinds, _KNOWN)].tolist():
                verdict = self.verdict(data, place, size)
                if verdict or (verdict is None and not is_last):
                    return (place if verdict else -1), place
        return -1, max(at, end)
