"""The pcapng file format (draft-ietf-opsawg-pcapng): sections, interfaces and packets of all kinds."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from recorder.batch import Batch
from recorder.protocol.errors import CaptureFileError
from recorder.protocol.pcapng_blocks import INTERFACE, PACKETS, SECTION, Blocks, section_order
from recorder.protocol.pcapng_interface import Interface
from recorder.protocol.pcapng_packets import Packets, read_packets
from recorder.protocol.records import Damage, Part, walk

_NO_LINK = 0xFFFF
SLICE = 100_000_000
"""Nanoseconds. A call may pass with its signalling on one kind of link and its media on another."""


class PcapngReader:
    """Frames of a pcapng file, stretch by stretch; see ``CaptureReader``.

    Frames of interfaces with different link types come in batches of their own, so that among them the order
    in time holds to ``SLICE`` alone.
    """

    header_bytes = 0

    def __init__(self, head: bytes) -> None:
        """``head`` is at least the first 12 bytes; raises CaptureFileError if no section begins there."""
        order = section_order(head)
        if order is None:
            raise CaptureFileError("a pcapng file begins with a section header block")
        self.damage = Damage()
        self._blocks = Blocks(order)
        self._interfaces: list[Interface] = []
        self._position = 0
        self._last_time = 0
        self._lost_at: int | None = None

    def read(self, data: NDArray[np.uint8], size: int, is_last: bool) -> Part:
        """See ``CaptureReader.read``. Damaged stretches are skipped up to the next whole block."""
        batches: list[Batch] = []
        at = 0
        while True:
            if self._lost_at is not None:
                at, is_found = self._skip(data, at, size, is_last)
                if not is_found:
                    break
            at = self._enter_section(data, at, size)
            found, at = self._read_blocks(data, at, size)
            batches += found
            verdict = self._blocks.verdict(data, at, size)
            if verdict is None and not (is_last and at < size):
                break
            if not verdict:
                self._lost_at = self._position + at
                at += 1
        self._position += at
        return Part(batches, at)

    def _enter_section(self, data: NDArray[np.uint8], at: int, size: int) -> int:
        """Where the blocks of a new section begin, if one begins at ``at``, else ``at``."""
        order = section_order(data[at : at + 12].tobytes())
        if order is None or not self._blocks.verdict(data, at, size):
            return at
        self._blocks = Blocks(order)
        self._interfaces = []
        return at + self._blocks.length(data, at)

    def _read_blocks(self, data: NDArray[np.uint8], at: int, size: int) -> tuple[list[Batch], int]:
        """Frames of the whole blocks from ``at`` up to a new section or a damaged block, and its place."""
        starts, end = walk(data, at, size, self._blocks.layout)
        kinds, lengths, is_sound = self._blocks.read(data, starts)
        stops = ~is_sound | (kinds == SECTION)
        if stops.any():
            first = int(stops.argmax())
            end = int(starts[first])
            starts, kinds, lengths = starts[:first], kinds[:first], lengths[:first]
        for row in np.flatnonzero(kinds == INTERFACE).tolist():
            block = data[starts[row] : starts[row] + lengths[row]].tobytes()
            described = Interface.parse(block, self._blocks.order)
            self._interfaces.append(described or Interface(_NO_LINK))
        rows = np.flatnonzero(np.isin(kinds, PACKETS))
        if not len(rows):
            return [], end
        packets = read_packets(data, starts[rows], self._blocks.order, self._interfaces, self._last_time)
        if packets.damaged:
            self.damage.add(
                f"{packets.damaged} packets before byte {self._position + end} name no interface"
                " or are longer than their block"
            )
        if len(packets.times):
            self._last_time = int(packets.times[-1])
        return _batches(data, packets), end

    def _skip(self, data: NDArray[np.uint8], at: int, size: int, is_last: bool) -> tuple[int, bool]:
        """Where blocks begin again and True, or up to where there are none and False."""
        lost_at = self._lost_at or 0
        found, decided = self._blocks.find(data, at, size, is_last)
        if found >= 0:
            lost = self._position + found - lost_at
            self.damage.add(f"{lost} bytes from byte {lost_at} are damaged and were skipped")
            self._lost_at = None
            return found, True
        if is_last:
            left = self._position + size - lost_at
            self.damage.add(f"the last {left} bytes, from byte {lost_at}, hold no whole packet")
            return size, False
        return decided, False


def _batches(data: NDArray[np.uint8], packets: Packets) -> list[Batch]:
    """One batch for each link type among the packets; of several, one each for every slice of time."""
    links = np.unique(packets.link_types).tolist()
    if len(links) == 1:
        return [_batch(data, packets, slice(None), links[0])]
    slices = np.maximum.accumulate(packets.times) // SLICE
    cuts = np.flatnonzero(np.diff(slices)) + 1
    found = []
    for a, b in pairwise([0, *cuts.tolist(), len(slices)]):
        for link in np.unique(packets.link_types[a:b]).tolist():
            which = a + np.flatnonzero(packets.link_types[a:b] == link)
            found.append(_batch(data, packets, which, link))
    return found


def _batch(
    data: NDArray[np.uint8], packets: Packets, which: slice | NDArray[np.int64], link_type: int
) -> Batch:
    return Batch(
        data=data,
        offsets=packets.offsets[which],
        lengths=packets.lengths[which],
        wire_lengths=packets.wire_lengths[which],
        times=packets.times[which],
        link_type=link_type,
    )
