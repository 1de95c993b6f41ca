"""Rows made by hand, for the tests of what happens to them at a flush."""

from dataclasses import dataclass

import numpy as np

from recorder.assembly.rows import Rows

MAPPED = 0xFFFF00000000


@dataclass(frozen=True)
class Packet:
    """One RTP packet; ``stream`` decides its addresses, ports and SSRC."""

    stream: int
    sequence: int
    timestamp: int = 0
    time: int = 0
    payload: bytes = b"\x55" * 20
    payload_type: int = 0


def rows(*packets: Packet) -> Rows:
    """The packets as the capture engine gathers them from one batch."""
    payload = b"".join(packet.payload for packet in packets)
    lengths = np.array([len(packet.payload) for packet in packets], np.int32)
    streams = np.array([packet.stream for packet in packets], np.uint64)
    addresses = np.zeros((len(packets), 2), np.uint64)
    addresses[:, 1] = MAPPED + streams
    return Rows(
        times=np.array([packet.time for packet in packets], np.int64),
        sources=addresses,
        destinations=addresses + np.uint64(1000),
        ports=np.full(len(packets), 4000 << 16 | 5000, np.uint32),
        ssrcs=streams.astype(np.uint32),
        sequences=np.array([packet.sequence & 0xFFFF for packet in packets], np.uint16),
        timestamps=np.array([packet.timestamp & 0xFFFFFFFF for packet in packets], np.uint32),
        payload_types=np.array([packet.payload_type for packet in packets], np.uint8),
        markers=np.zeros(len(packets), np.bool_),
        offsets=np.cumsum(lengths, dtype=np.int64) - lengths,
        lengths=lengths,
        buffers=[np.frombuffer(payload + b"\0" * 8, np.uint8)],
        bounds=np.array([0, len(packets)]),
    )
