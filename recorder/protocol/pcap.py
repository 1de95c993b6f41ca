"""The pcap file format (draft-ietf-opsawg-pcap): microseconds and nanoseconds, both byte orders."""

import struct
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from recorder.batch import Batch
from recorder.protocol import gather
from recorder.protocol.errors import CaptureFileError
from recorder.protocol.pcap_search import (
    A_DAY,
    FILE_HEADER,
    LONGEST,
    LONGEST_ON_WIRE,
    MAGICS,
    RECORD_HEADER,
    Search,
    starts_file,
)
from recorder.protocol.records import Damage, Layout, Part, walk


class PcapReader:
    """Frames of a pcap file, or of some one behind the other, stretch by stretch; see ``CaptureReader``."""

    header_bytes = FILE_HEADER

    def __init__(self, head: bytes) -> None:
        """``head`` is the first 24 bytes of the file; raises CaptureFileError if they are no pcap header."""
        if len(head) < FILE_HEADER or head[:4] not in MAGICS:
            raise CaptureFileError("a pcap file begins with a header of 24 bytes")
        self.damage = Damage()
        self._position = FILE_HEADER
        self._lost_at: int | None = None
        self._begin(head)

    def _begin(self, head: bytes) -> None:
        """Read on as this file header says."""
        order, self._fractions = MAGICS[head[:4]]
        (network,) = struct.unpack_from(order + "I", head, 20)
        self.link_type = int(network & 0xFFFF)
        self._layout = Layout(order, 8, RECORD_HEADER, 0, LONGEST)
        self._search = Search(order, self._fractions)

    def read(self, data: NDArray[np.uint8], size: int, is_last: bool) -> Part:
        """See ``CaptureReader.read``. Damaged stretches are skipped up to the next believable records."""
        batches: list[Batch] = []
        at = 0
        while True:
            if self._lost_at is not None:
                at, is_found = self._skip(data, at, size, is_last)
                if not is_found:
                    break
            at = self._enter_file(data, at, size)
            near = self._search.near
            batch, at = self._frames(data, at, size)
            is_file = self._is_file(data, at, size)
            is_broken = not is_file and self._is_broken(data, at, size, is_last)
            if is_broken:
                self._lost_at = self._position + at
                # Where a length lies, the next record begins inside what was taken for the last one.
                at = int(batch.offsets[-1]) - RECORD_HEADER + 1 if len(batch) else at + 1
                batch = self._without_doubtful_last(batch, near)
            if len(batch):
                batches.append(batch)
            if not (is_broken or is_file):
                break
        self._position += at
        return Part(batches, at)

    def _is_file(self, data: NDArray[np.uint8], at: int, size: int) -> bool:
        """Whether the whole header of another file is at ``at``."""
        return at + FILE_HEADER <= size and bool(starts_file(data, np.array([at]))[0])

    def _enter_file(self, data: NDArray[np.uint8], at: int, size: int) -> int:
        """Where the records of another file begin, if one begins at ``at``, else ``at``."""
        while self._is_file(data, at, size):
            self._begin(data[at : at + FILE_HEADER].tobytes())
            at += FILE_HEADER
        return at

    def _frames(self, data: NDArray[np.uint8], at: int, size: int) -> tuple[Batch, int]:
        """The frames from ``at`` up to the first record that is not whole or not sound, and its place."""
        starts, end = walk(data, at, size, self._layout)
        header = gather.headers(data, starts, self._search.record)
        odd = self._is_odd(header)
        if odd.any():
            first = int(odd.argmax())
            end = int(starts[first])
            starts, header = starts[:first], header[:first]
        seconds = header["seconds"].astype(np.int64)
        if len(seconds):
            self._search.near = int(seconds[-1])
        nanoseconds = header["fraction"].astype(np.int64) * (1_000_000_000 // self._fractions)
        batch = Batch(
            data=data,
            offsets=starts + RECORD_HEADER,
            lengths=header["captured"].astype(np.int32),
            wire_lengths=np.minimum(header["original"], LONGEST_ON_WIRE).astype(np.int32),
            times=seconds * 1_000_000_000 + nanoseconds,
            link_type=self.link_type,
        )
        return batch, end

    def _is_broken(self, data: NDArray[np.uint8], at: int, size: int, is_last: bool) -> bool:
        """Whether no record can be at ``at``; one that only lacks bytes is broken at the end of the file."""
        if size - at < RECORD_HEADER or starts_file(data, np.array([at]))[0]:
            return is_last and size > at
        header = gather.headers(data, np.array([at]), self._search.record)
        return is_last or int(header["captured"][0]) > LONGEST or bool(self._is_odd(header)[0])

    def _is_odd(self, header: NDArray[np.void]) -> NDArray[np.bool_]:
        """Which headers cannot be any: later than their second, or of no frame at all, like runs of zeros."""
        original = header["original"]
        odd: NDArray[np.bool_] = header["fraction"] >= self._fractions
        odd |= (header["captured"] == 0) & ((original == 0) | (original > LONGEST_ON_WIRE))
        return odd

    def _without_doubtful_last(self, batch: Batch, near: int) -> Batch:
        """Leave out the last frame before damage if its time is far off: then its header was damaged too."""
        seconds = batch.times[-2:] // 1_000_000_000
        before = int(seconds[0]) if len(seconds) == 2 else near
        if not len(seconds) or before < 0 or abs(int(seconds[-1]) - before) <= A_DAY:
            return batch
        self._search.near = before
        return replace(
            batch,
            offsets=batch.offsets[:-1],
            lengths=batch.lengths[:-1],
            wire_lengths=batch.wire_lengths[:-1],
            times=batch.times[:-1],
        )

    def _skip(self, data: NDArray[np.uint8], at: int, size: int, is_last: bool) -> tuple[int, bool]:
        """Where records begin again and True, or up to where there are none and False."""
        lost_at = self._lost_at or 0
        found, decided = self._search.find(data, at, size, is_last)
        if found >= 0:
            lost = self._position + found - lost_at
            self.damage.add(
                f"{lost} bytes from byte {lost_at} are damaged and were skipped"
                if lost > 0
                else f"the length of the packet before byte {lost_at} is wrong"
            )
            self._lost_at = None
            return found, True
        if is_last:
            left = self._position + size - lost_at
            self.damage.add(f"the last {left} bytes, from byte {lost_at}, hold no whole packet")
            return size, False
        return decided, False
