"""From frames to the IP packets in them, for a whole batch at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recorder.batch import Batch
from recorder.protocol import gather

NULL, ETHERNET, RAW, LOOP, LINUX_COOKED, IPV4, IPV6, LINUX_COOKED_V2 = 0, 1, 101, 108, 113, 228, 229, 276

_ETHERTYPED = {ETHERNET: (12, 14), LINUX_COOKED: (14, 16), LINUX_COOKED_V2: (0, 20)}
"""Where the EtherType stands, and where the payload begins."""
_BARE = {NULL: 4, LOOP: 4, RAW: 0, IPV4: 0, IPV6: 0}
"""Where the IP header begins; its version field says which IP it is."""
_IP_TYPES = (0x0800, 0x86DD)
_TAG_TYPES = (0x8100, 0x88A8, 0x9100)
_MAX_TAGS = 4

LINK_TYPES = frozenset(_ETHERTYPED) | frozenset(_BARE)
"""The LINKTYPE numbers that can be read."""


@dataclass(slots=True)
class Packets:
    """IP packets of a batch. All arrays have shape (packets,) and type int64.

    ``frames`` are rows of the batch, ascending; ``offsets`` point at the IP header; ``ends`` is where the
    captured bytes end, ``wire_ends`` where the packet would end had the capture not cut it.
    """

    frames: NDArray[np.int64]
    offsets: NDArray[np.int64]
    ends: NDArray[np.int64]
    wire_ends: NDArray[np.int64]

    def select(self, keep: NDArray[np.bool_]) -> "Packets":
        """Those packets for which ``keep`` holds."""
        return Packets(self.frames[keep], self.offsets[keep], self.ends[keep], self.wire_ends[keep])


def count(rejected: dict[str, int], reason: str, how_many: int) -> None:
    """Add to the number of frames that were left out for ``reason``; reasons without any are not kept."""
    total = rejected.pop(reason, 0) + how_many
    if total:
        rejected[reason] = total


def parse(batch: Batch, rejected: dict[str, int]) -> Packets:
    """The IP packets of ``batch``; VLAN tags (802.1Q, 802.1ad) are skipped.

    Counts under ``truncated``, ``not-ip`` and ``unknown-link`` what it leaves out.
    """
    ends = batch.offsets + batch.lengths
    wire_ends = batch.offsets + np.maximum(batch.wire_lengths, batch.lengths)
    frames = np.arange(len(batch), dtype=np.int64)
    if batch.link_type in _BARE:
        packets = Packets(frames, batch.offsets + _BARE[batch.link_type], ends, wire_ends)
    elif batch.link_type in _ETHERTYPED:
        offsets, is_ip, is_cut = _ethertyped(batch, ends, *_ETHERTYPED[batch.link_type])
        packets = Packets(frames, offsets, ends, wire_ends)
        if not is_ip.all():
            count(rejected, "truncated", int(np.count_nonzero(is_cut)))
            count(rejected, "not-ip", int(np.count_nonzero(~is_ip & ~is_cut)))
            packets = packets.select(is_ip)
    else:
        count(rejected, "unknown-link", len(batch))
        return Packets(frames[:0], frames[:0], frames[:0], frames[:0])
    whole = packets.offsets < packets.ends
    if whole.all():
        return packets
    count(rejected, "truncated", int(np.count_nonzero(~whole)))
    return packets.select(whole)


def _ethertyped(
    batch: Batch, ends: NDArray[np.int64], type_at: int, payload_at: int
) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_]]:
    """Where the payloads begin, which of them are IP, and which frames end before their type."""
    types = _types_at(batch, batch.offsets + type_at)
    offsets = batch.offsets + payload_at
    is_cut = offsets > ends
    tagged = np.flatnonzero(np.isin(types, _TAG_TYPES) & ~is_cut) if not _all_ip(types) else offsets[:0]
    for _ in range(_MAX_TAGS):
        if not len(tagged):
            break
        types[tagged] = _types_at(batch, offsets[tagged] + 2)
        offsets[tagged] += 4
        is_cut[tagged] = offsets[tagged] > ends[tagged]
        tagged = tagged[np.isin(types[tagged], _TAG_TYPES) & ~is_cut[tagged]]
    return offsets, ((types == _IP_TYPES[0]) | (types == _IP_TYPES[1])) & ~is_cut, is_cut


def _all_ip(types: NDArray[np.uint16]) -> bool:
    return bool((types == _IP_TYPES[0]).all())


def _types_at(batch: Batch, offsets: NDArray[np.int64]) -> NDArray[np.uint16]:
    return gather.headers(batch.data, offsets, ">u2").astype(np.uint16)
