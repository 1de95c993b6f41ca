"""Packet blocks of pcapng (draft-ietf-opsawg-pcapng, 4.3, 4.4 and appendix A), many at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recorder.protocol import gather
from recorder.protocol.pcapng_blocks import OLD_PACKET, SIMPLE_PACKET
from recorder.protocol.pcapng_interface import Interface

_WORDS = ("kind", "length", "interface", "high", "low", "captured", "original")
_LONGEST_ON_WIRE = 1 << 20


@dataclass(slots=True)
class Packets:
    """Frames of packet blocks, in their order; arrays as in ``Batch``, and each frame's link type.

    ``damaged`` counts those that were left out.
    """

    offsets: NDArray[np.int64]
    lengths: NDArray[np.int32]
    wire_lengths: NDArray[np.int32]
    times: NDArray[np.int64]
    link_types: NDArray[np.int64]
    damaged: int


def read_packets(
    data: NDArray[np.uint8],
    starts: NDArray[np.int64],
    order: str,
    interfaces: list[Interface],
    last_time: int,
) -> Packets:
    """The frames of the whole packet blocks at ``starts``.

    Simple packets have no time: they get that of the packet before, at first ``last_time``.
    """
    header = gather.headers(data, starts, [(name, order + "u4") for name in _WORDS])
    is_simple = header["kind"] == SIMPLE_PACKET
    is_old = header["kind"] == OLD_PACKET
    room = header["length"].astype(np.int64) - np.where(is_simple, 16, 32)
    original = np.where(is_simple, header["interface"], header["original"]).astype(np.int64)
    captured = np.where(is_simple, np.minimum(original, room), header["captured"]).astype(np.int64)
    named = header["interface"].astype(np.int64)
    named[is_simple] = 0
    # In the obsolete packet block the number of dropped packets shares the word.
    named[is_old] = gather.headers(data, starts[is_old] + 8, order + "u2")
    keep = (captured >= 0) & (captured <= room) & (named < len(interfaces))
    ticks = header["high"].astype(np.uint64) << np.uint64(32) | header["low"]
    named = named[keep]
    times, link_types = _clocks(ticks[keep], named, interfaces)
    captured = np.minimum(captured[keep], _limits(is_simple[keep], interfaces))
    return Packets(
        offsets=starts[keep] + np.where(is_simple[keep], 12, 28),
        lengths=captured.astype(np.int32),
        wire_lengths=np.minimum(original[keep], _LONGEST_ON_WIRE).astype(np.int32),
        times=_filled(times, is_simple[keep], last_time),
        link_types=link_types,
        damaged=int(np.count_nonzero(~keep)),
    )


def _clocks(
    ticks: NDArray[np.uint64], named: NDArray[np.int64], interfaces: list[Interface]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Times in nanoseconds and link types of packets, by their interface."""
    times = np.zeros(len(ticks), np.int64)
    link_types = np.zeros(len(ticks), np.int64)
    for number in np.unique(named).tolist():
        which = named == number
        times[which] = interfaces[number].nanoseconds(ticks[which])
        link_types[which] = interfaces[number].link_type
    return times, link_types


def _limits(is_simple: NDArray[np.bool_], interfaces: list[Interface]) -> NDArray[np.int64]:
    """The most bytes that can be captured: simple packets tell it by the snap length alone."""
    snap = interfaces[0].snap_length if interfaces else 0
    return np.where(is_simple & bool(snap), snap, np.int64(1 << 24))


def _filled(times: NDArray[np.int64], is_simple: NDArray[np.bool_], last_time: int) -> NDArray[np.int64]:
    """Times where simple packets take that of the packet before them."""
    if not is_simple.any():
        return times
    known = np.maximum.accumulate(np.where(is_simple, -1, np.arange(len(times))))
    return np.where(known < 0, last_time, times[known])
