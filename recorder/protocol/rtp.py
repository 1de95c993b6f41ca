"""RTP packets (RFC 3550, 5.1): of a whole batch as rows of arrays, and one by one."""

import struct
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from recorder.protocol import gather
from recorder.protocol.errors import RtpError
from recorder.protocol.link import count
from recorder.protocol.udp import Datagrams

_FIXED = np.dtype(
    [("flags", "u1"), ("type", "u1"), ("sequence", ">u2"), ("timestamp", ">u4"), ("ssrc", ">u4")]
)
_EXTENSION = np.dtype([("profile", ">u2"), ("words", ">u2")])
_HEADER = struct.Struct("!BBHII")


@dataclass(slots=True)
class Wrapped:
    """The few packets that have more around their payload than the fixed header: CSRCs, a header extension,
    padding. Packets that the capture cut off are none.

    All arrays have shape (few,): ``at`` (int64) are positions among all packets, ascending; ``flags`` (uint8)
    the first byte of the header; ``offsets`` (int64) and ``lengths`` (int32) everything behind its 12 bytes.
    """

    at: NDArray[np.int64]
    flags: NDArray[np.uint8]
    offsets: NDArray[np.int64]
    lengths: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.at)

    @classmethod
    def none(cls) -> "Wrapped":
        """Of packets that all have a plain header."""
        few = np.zeros(0, np.int64)
        return cls(few, few.astype(np.uint8), few, few.astype(np.int32))


@dataclass(slots=True)
class RtpRows:
    """RTP packets among datagrams; all arrays but ``rtcp`` have shape (packets,).

    ``rows`` (int64) index the datagrams, ascending. ``payload_types`` is uint8, ``markers`` bool,
    ``sequences`` uint16, ``timestamps`` and ``ssrcs`` uint32. ``offsets`` (int64) and ``lengths`` (int32)
    are the payload in ``Datagrams.data``: behind CSRCs and header extension, without padding.
    ``rtcp`` (int64) are the rows of RTCP packets. ``rejected`` counts by reason: ``not-rtp`` (version),
    ``short`` (ends inside its header).
    """

    rows: NDArray[np.int64]
    payload_types: NDArray[np.uint8]
    markers: NDArray[np.bool_]
    sequences: NDArray[np.uint16]
    timestamps: NDArray[np.uint32]
    ssrcs: NDArray[np.uint32]
    offsets: NDArray[np.int64]
    lengths: NDArray[np.int32]
    rtcp: NDArray[np.int64]
    rejected: dict[str, int]
    wrapped: Wrapped

    def __len__(self) -> int:
        return len(self.rows)


def parse(datagrams: Datagrams, rows: NDArray[np.int64] | None = None) -> RtpRows:
    """The RTP packets among the candidates ``rows`` (all datagrams where None).

    RTCP is told by RFC 5761, 4: second byte 192 to 223. Padding that cannot be true, or that the capture
    cut off, stays part of the payload: media is never rejected for it.
    """
    rejected: dict[str, int] = {}
    if rows is None:
        rows = np.arange(len(datagrams), dtype=np.int64)
    offsets = datagrams.offsets[rows]
    ends = offsets + datagrams.lengths[rows]
    fixed = gather.headers(datagrams.data, offsets, _FIXED)
    version_two = (fixed["flags"] & 0xC0 == 0x80) & (ends > offsets + 1)
    is_rtcp = version_two & (fixed["type"] & 0xE0 == 0xC0)
    starts = _payload_starts(datagrams.data, fixed["flags"], offsets, ends)
    is_rtp = version_two & ~is_rtcp & (starts <= ends)
    if is_rtp.all():
        rtcp = rows[:0]
    else:
        rtcp = rows[is_rtcp]
        count(rejected, "not-rtp", int(np.count_nonzero(~version_two)))
        count(rejected, "short", int(np.count_nonzero(version_two & ~is_rtcp & ~is_rtp)))
        rows, fixed, starts, ends = rows[is_rtp], fixed[is_rtp], starts[is_rtp], ends[is_rtp]
    return RtpRows(
        rows=rows,
        payload_types=fixed["type"] & np.uint8(0x7F),
        markers=fixed["type"] >= 0x80,
        sequences=fixed["sequence"].astype(np.uint16),
        timestamps=fixed["timestamp"].astype(np.uint32),
        ssrcs=fixed["ssrc"].astype(np.uint32),
        offsets=starts,
        lengths=_payload_lengths(datagrams, rows, fixed["flags"], starts, ends),
        rtcp=rtcp,
        rejected=rejected,
        wrapped=_wrapped(datagrams, rows, fixed["flags"]),
    )


def _wrapped(datagrams: Datagrams, rows: NDArray[np.int64], flags: NDArray[np.uint8]) -> Wrapped:
    at = np.flatnonzero(flags & 0x3F)
    if not len(at):
        return Wrapped.none()
    at = at[datagrams.lengths[rows[at]] >= datagrams.wire_lengths[rows[at]]]
    some = rows[at]
    return Wrapped(
        at,
        np.ascontiguousarray(flags[at]),
        datagrams.offsets[some] + _FIXED.itemsize,
        (datagrams.lengths[some] - _FIXED.itemsize).astype(np.int32),
    )


def _payload_starts(
    data: NDArray[np.uint8], flags: NDArray[np.uint8], offsets: NDArray[np.int64], ends: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Where payloads begin; past the end for packets that end inside their header."""
    if not (flags & 0x1F).any():
        return offsets + 12
    starts = offsets + 12 + 4 * (flags & 0x0F).astype(np.int64)
    extended = np.flatnonzero((flags & 0x10) != 0)
    extended_starts = starts[extended]
    words = gather.headers(data, np.minimum(extended_starts, ends[extended]), _EXTENSION)["words"]
    is_cut = extended_starts + 4 > ends[extended]
    starts[extended] += 4 + np.where(is_cut, 0, 4 * words.astype(np.int64))
    return starts


def _payload_lengths(
    datagrams: Datagrams,
    rows: NDArray[np.int64],
    flags: NDArray[np.uint8],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
) -> NDArray[np.int32]:
    lengths = (ends - starts).astype(np.int32)
    padded = np.flatnonzero(((flags & 0x20) != 0) & (lengths > 0))
    if len(padded):
        paddings = datagrams.data[ends[padded] - 1].astype(np.int32)
        is_cut = datagrams.lengths[rows[padded]] < datagrams.wire_lengths[rows[padded]]
        lengths[padded] -= np.where(is_cut | (paddings > lengths[padded]), 0, paddings)
    return lengths


@dataclass(frozen=True, slots=True)
class RtpPacket:
    """One RTP packet. ``bytes(RtpPacket.parse(data)) == data``.

    ``extension`` is the header extension as (profile, data), its data a multiple of 4 bytes;
    ``padding`` is the padding as it stands at the end, with its count.
    """

    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes = b""
    marker: bool = False
    csrcs: tuple[int, ...] = ()
    extension: tuple[int, bytes] | None = None
    padding: bytes = field(default=b"", repr=False)

    @classmethod
    def parse(cls, data: bytes) -> "RtpPacket":
        """Read one packet; raises RtpError for anything that is none."""
        if len(data) < _HEADER.size:
            raise RtpError(f"an RTP packet has at least 12 bytes, not {len(data)}")
        flags, kind, sequence, timestamp, ssrc = _HEADER.unpack_from(data)
        if flags >> 6 != 2:
            raise RtpError(f"RTP is of version 2, not {flags >> 6}")
        at = _HEADER.size + 4 * (flags & 0x0F)
        if len(data) < at:
            raise RtpError("the RTP packet ends inside its CSRC list")
        csrcs = struct.unpack_from(f"!{flags & 0x0F}I", data, _HEADER.size)
        extension = None
        if flags & 0x10:
            extension, at = _read_extension(data, at)
        end = len(data) - (data[-1] if flags & 0x20 else 0)
        if end < at or (flags & 0x20 and not data[-1]):
            raise RtpError("the padding of the RTP packet is longer than its payload, or empty")
        return cls(
            kind & 0x7F, sequence, timestamp, ssrc, data[at:end], kind > 0x7F, csrcs, extension, data[end:]
        )

    def __bytes__(self) -> bytes:
        flags = 0x80 | len(self.csrcs) | (0x10 if self.extension else 0) | (0x20 if self.padding else 0)
        kind = self.payload_type | (0x80 if self.marker else 0)
        head = _HEADER.pack(flags, kind, self.sequence, self.timestamp, self.ssrc)
        head += struct.pack(f"!{len(self.csrcs)}I", *self.csrcs)
        if self.extension:
            profile, content = self.extension
            head += struct.pack("!HH", profile, len(content) // 4) + content
        return head + self.payload + self.padding


def _read_extension(data: bytes, at: int) -> tuple[tuple[int, bytes], int]:
    if len(data) < at + 4:
        raise RtpError("the RTP packet ends before its header extension")
    profile, words = struct.unpack_from("!HH", data, at)
    end = at + 4 + 4 * words
    if len(data) < end:
        raise RtpError("the RTP packet ends inside its header extension")
    return (profile, data[at + 4 : end]), end
