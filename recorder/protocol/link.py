"""From frames to the IP packets in them, for a whole batch at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recorder.batch import Batch
from recorder.protocol import gather

NULL, ETHERNET, RAW, LOOP, LINUX_COOKED, IPV4, IPV6, LINUX_COOKED_V2 = 0, 1, 101, 108, 113, 228, 229, 276
OLD_RAW = 12
"""What some tools write for ``RAW``, as libpcap calls it on most systems (its pcap-linktype manual page)."""

_ETHERTYPED = {ETHERNET: (12, 14), LINUX_COOKED: (14, 16), LINUX_COOKED_V2: (0, 20)}
"""Where the EtherType stands, and where the payload begins."""
_BARE = {NULL: 4, LOOP: 4, RAW: 0, OLD_RAW: 0, IPV4: 0, IPV6: 0}
"""Where the IP header begins; its version field says which IP it is."""
_IP_TYPES = (0x0800, 0x86DD)
BRIDGED, PPPOE, MPLS = 0x6558, 0x8864, (0x8847, 0x8848)
_LAYERS = {0x8100: (2, 4), 0x88A8: (2, 4), 0x9100: (2, 4), BRIDGED: (12, 14), PPPOE: (6, 8)}
"""Where the next type stands in a layer of this type, and where that layer's payload begins."""
_WRAPPED = (*_LAYERS, *MPLS)
KNOWN = (*_IP_TYPES, *_WRAPPED)
"""EtherTypes of what may hold IP."""
_PPP = {0x0021: 0x0800, 0x0057: 0x86DD}
"""PPP protocol numbers and their EtherTypes."""
_MAX_LAYERS = 8
_BEHIND_LABELS = np.dtype(
    {
        "names": ["word", "version", "total", "payload", "type"],
        "formats": [">u4", "u1", ">u2", ">u2", ">u2"],
        "offsets": [0, 0, 2, 4, 12],
    }
)
"""The first word, fields of IPv4 and IPv6, and where Ethernet has its type."""

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

    @classmethod
    def none(cls) -> "Packets":
        """No packets."""
        nothing = np.zeros(0, np.int64)
        return cls(nothing, nothing, nothing, nothing)

    def select(self, keep: NDArray[np.bool_]) -> "Packets":
        """Those packets for which ``keep`` holds."""
        return Packets(self.frames[keep], self.offsets[keep], self.ends[keep], self.wire_ends[keep])


def count(rejected: dict[str, int], reason: str, how_many: int) -> None:
    """Add to the number of frames that were left out for ``reason``; reasons without any are not kept."""
    total = rejected.pop(reason, 0) + how_many
    if total:
        rejected[reason] = total


def parse(batch: Batch, rejected: dict[str, int]) -> Packets:
    """The IP packets of ``batch``, see ``unwrapped``.

    Counts under ``truncated``, ``not-ip`` and ``unknown-link`` what it leaves out.
    """
    ends = batch.offsets + batch.lengths
    wire_ends = batch.offsets + np.maximum(batch.wire_lengths, batch.lengths)
    frames = np.arange(len(batch), dtype=np.int64)
    if batch.link_type in _BARE:
        return _not_empty(Packets(frames, batch.offsets + _BARE[batch.link_type], ends, wire_ends), rejected)
    if batch.link_type in _ETHERTYPED:
        type_at, payload_at = _ETHERTYPED[batch.link_type]
        types = _types_at(batch.data, batch.offsets + type_at)
        return unwrapped(
            batch.data, types, Packets(frames, batch.offsets + payload_at, ends, wire_ends), rejected
        )
    count(rejected, "unknown-link", len(batch))
    return Packets.none()


def unwrapped(
    data: NDArray[np.uint8], types: NDArray[np.uint16], packets: Packets, rejected: dict[str, int]
) -> Packets:
    """The IP packets in what has an EtherType, ``types``, and begins at the offsets of ``packets``.

    VLAN tags, PPPoE sessions (RFC 2516), MPLS labels (RFC 3032) and Ethernet in any of them are looked
    through. Both arguments are written to. Counts under ``truncated`` and ``not-ip`` what it leaves out.
    """
    offsets, ends = packets.offsets, packets.ends
    is_cut = offsets > ends
    rows = offsets[:0] if _all_ip(types) else np.flatnonzero(np.isin(types, _WRAPPED) & ~is_cut)
    for _ in range(_MAX_LAYERS):
        if not len(rows):
            break
        _unwrap(data, types, packets, rows, is_cut)
        is_cut[rows] |= offsets[rows] > ends[rows]
        rows = rows[np.isin(types[rows], _WRAPPED) & ~is_cut[rows]]
    is_ip = ((types == _IP_TYPES[0]) | (types == _IP_TYPES[1])) & ~is_cut
    if not is_ip.all():
        count(rejected, "truncated", int(np.count_nonzero(is_cut)))
        count(rejected, "not-ip", int(np.count_nonzero(~is_ip & ~is_cut)))
        packets = packets.select(is_ip)
    return _not_empty(packets, rejected)


def _unwrap(
    data: NDArray[np.uint8],
    types: NDArray[np.uint16],
    packets: Packets,
    rows: NDArray[np.int64],
    is_cut: NDArray[np.bool_],
) -> None:
    """Move types and offsets of ``rows`` past one layer."""
    offsets, kinds = packets.offsets, types[rows]
    for kind in np.unique(kinds).tolist():
        some = rows[kinds == kind]
        if kind in MPLS:
            _unlabel(data, types, packets, some, is_cut)
            continue
        type_at, size = _LAYERS[kind]
        inner = _types_at(data, offsets[some] + type_at)
        if kind == PPPOE:
            inner = np.select([inner == one for one in _PPP], list(_PPP.values()), 0).astype(np.uint16)
        types[some] = inner
        offsets[some] += size


def _unlabel(
    data: NDArray[np.uint8],
    types: NDArray[np.uint16],
    packets: Packets,
    rows: NDArray[np.int64],
    is_cut: NDArray[np.bool_],
) -> None:
    """One MPLS label, and behind the last one what it leads to: nothing on the wire says what that is."""
    offsets = packets.offsets
    is_last = (gather.headers(data, offsets[rows] + 2, "u1").view(np.uint8) & 1).astype(np.bool_)
    offsets[rows] += 4
    last = rows[is_last]
    is_cut[last] |= offsets[last] >= packets.ends[last]
    types[last], skipped = _behind_labels(data, offsets[last], packets.wire_ends[last] - offsets[last])
    offsets[last] += skipped


def _behind_labels(
    data: NDArray[np.uint8], offsets: NDArray[np.int64], room: NDArray[np.int64]
) -> tuple[NDArray[np.uint16], NDArray[np.int64]]:
    """The EtherType of what begins at the offsets with ``room`` bytes, 0 for nothing that is looked into, and
    the bytes of its control word.

    The first four bits tell IP (RFC 4928, 2.1), and a control word before Ethernet (RFC 4448, 4.6). Ethernet
    without one may begin with any: it has an EtherType in its place, and what would be IP is too long then.
    """
    head = gather.headers(data, offsets, _BEHIND_LABELS)
    versions = head["version"] >> 4
    sizes = np.where(versions == 4, head["total"], 40 + head["payload"].astype(np.int64))
    is_frame = np.isin(head["type"], KNOWN) & (head["word"] != 0)
    is_ip = ((versions == 4) & (head["version"] & 0x0F >= 5)) | (versions == 6)
    is_frame &= ~(is_ip & (sizes <= room))
    kinds = [is_frame, versions == 4, versions == 6, versions == 0]
    types = np.select(kinds, [BRIDGED, *_IP_TYPES, BRIDGED], 0).astype(np.uint16)
    return types, np.where(~is_frame & (versions == 0), 4, 0)


def _not_empty(packets: Packets, rejected: dict[str, int]) -> Packets:
    whole = packets.offsets < packets.ends
    if whole.all():
        return packets
    count(rejected, "truncated", int(np.count_nonzero(~whole)))
    return packets.select(whole)


def _all_ip(types: NDArray[np.uint16]) -> bool:
    return bool((types == _IP_TYPES[0]).all())


def _types_at(data: NDArray[np.uint8], offsets: NDArray[np.int64]) -> NDArray[np.uint16]:
    return gather.headers(data, offsets, ">u2").astype(np.uint16)
