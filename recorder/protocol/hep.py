"""HEP3, the Homer encapsulation protocol: a SIP server mirrors its traffic, over UDP or TCP."""

import struct
import zlib
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recorder.protocol import gather
from recorder.protocol.address import Words
from recorder.protocol.datagrams import Datagrams
from recorder.protocol.errors import HepError

MAGIC = b"HEP3"
_HEAD = 6
"""Bytes of the magic and of the length."""
SKEW = 5_000_000_000
"""Nanoseconds that the sender's clock may differ from ours; beyond it the time of capture holds."""
_IP4_SOURCE, _IP4_DESTINATION, _IP6_SOURCE, _IP6_DESTINATION = 3, 4, 5, 6
_SOURCE_PORT, _DESTINATION_PORT, _SECONDS, _MICROSECONDS, _PAYLOAD, _DEFLATED = 7, 8, 9, 10, 15, 16
_LONGEST = 1 << 16
_ZLIB_OR_GZIP = 32 + zlib.MAX_WBITS
"""Both are in use: the protocol does not say which compression is meant."""
_MAPPED = 0xFFFF00000000


class HepPacket(NamedTuple):
    """What was mirrored; ``time`` is ns since the epoch, 0 where the sender did not say."""

    source: Words
    destination: Words
    source_port: int
    destination_port: int
    time: int
    payload: bytes


def parse(data: bytes) -> HepPacket:
    """Read one mirror; raises HepError where it is none or lacks addresses or payload."""
    if len(data) < _HEAD or not data.startswith(MAGIC):
        raise HepError("no HEP3 packet: it does not begin with HEP3")
    chunks = _chunks(data[: int.from_bytes(data[4:6], "big")])
    payload = chunks.get(_PAYLOAD) or _inflated(chunks.get(_DEFLATED, b""))
    if not payload:
        raise HepError("a HEP3 packet without payload")
    is_old = _IP4_SOURCE in chunks
    source, destination = (_IP4_SOURCE, _IP4_DESTINATION) if is_old else (_IP6_SOURCE, _IP6_DESTINATION)
    seconds, fraction = (_number(chunks.get(kind, b"")) for kind in (_SECONDS, _MICROSECONDS))
    return HepPacket(
        source=_words(chunks.get(source, b"")),
        destination=_words(chunks.get(destination, b"")),
        source_port=_number(chunks.get(_SOURCE_PORT, b"")) & 0xFFFF,
        destination_port=_number(chunks.get(_DESTINATION_PORT, b"")) & 0xFFFF,
        time=(seconds * 1_000_000 + fraction) * 1000,
        payload=payload,
    )


def sent(packet: HepPacket, seen: int) -> int:
    """When the packet was mirrored, as its sender says where that is near to when it was ``seen`` (ns)."""
    return packet.time if abs(packet.time - seen) <= SKEW else seen


class HepStream:
    """Cuts one direction of a connection into mirrors; what stands between them is passed over."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def __len__(self) -> int:
        """Bytes that wait for the rest of their mirror."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[bytes]:
        """The mirrors that ``data`` completes, each for ``parse``."""
        buffer = self._buffer
        buffer += data
        found: list[bytes] = []
        while (start := buffer.find(MAGIC)) >= 0:
            del buffer[:start]
            if len(buffer) < _HEAD:
                return found
            size = max(_HEAD, int.from_bytes(buffer[4:_HEAD], "big"))
            if len(buffer) < size:
                return found
            found.append(bytes(buffer[:size]))
            del buffer[:size]
        # The start of a mirror may stand at the end.
        del buffer[: max(0, len(buffer) - len(MAGIC) + 1)]
        return found

    def gap(self) -> list[bytes]:
        """Bytes are missing here: the mirror that they cut is lost."""
        self._buffer.clear()
        return []


def opened(datagrams: Datagrams) -> Datagrams:
    """The datagrams with what is mirrored in place of its mirror; the same object where nothing is.

    Mirrors that cannot be read stay as they are.
    """
    rows = _mirrors(datagrams)
    if not len(rows):
        return datagrams
    found = []
    for row in rows.tolist():
        try:
            found.append((row, parse(datagrams.payload(row))))
        except HepError:
            continue
    return _replaced(datagrams, found) if found else datagrams


def _mirrors(datagrams: Datagrams) -> NDArray[np.int64]:
    first = gather.headers(datagrams.data, datagrams.offsets, "u1").view(np.uint8)
    maybe = np.flatnonzero(first == MAGIC[0])
    if not len(maybe):
        return maybe
    words = gather.headers(datagrams.data, datagrams.offsets[maybe], ">u4").view(">u4")
    rows: NDArray[np.int64] = maybe[words == int.from_bytes(MAGIC, "big")]
    return rows


def _replaced(datagrams: Datagrams, found: list[tuple[int, HepPacket]]) -> Datagrams:
    rows = np.array([row for row, _ in found], np.int64)
    packets = [packet for _, packet in found]
    lengths = np.array([len(packet.payload) for packet in packets], np.int64)
    tail = np.frombuffer(b"".join(packet.payload for packet in packets), np.uint8)
    changed = replace(
        datagrams,
        data=np.concatenate([datagrams.data, tail]),
        times=datagrams.times.copy(),
        sources=datagrams.sources.copy(),
        destinations=datagrams.destinations.copy(),
        source_ports=datagrams.source_ports.copy(),
        destination_ports=datagrams.destination_ports.copy(),
        offsets=datagrams.offsets.copy(),
        lengths=datagrams.lengths.copy(),
        wire_lengths=datagrams.wire_lengths.copy(),
    )
    said = np.array([min(packet.time, 1 << 62) for packet in packets], np.int64)
    seen = datagrams.times[rows]
    changed.times[rows] = np.where(np.abs(said - seen) <= SKEW, said, seen)
    changed.sources[rows] = np.array([packet.source for packet in packets], np.uint64)
    changed.destinations[rows] = np.array([packet.destination for packet in packets], np.uint64)
    changed.source_ports[rows] = [packet.source_port for packet in packets]
    changed.destination_ports[rows] = [packet.destination_port for packet in packets]
    changed.offsets[rows] = len(datagrams.data) + np.cumsum(lengths) - lengths
    changed.lengths[rows] = changed.wire_lengths[rows] = lengths
    return changed


def _chunks(data: bytes) -> dict[int, bytes]:
    """The chunks of the registered kinds (vendor 0), the first of each."""
    found: dict[int, bytes] = {}
    at = 6
    while at + 6 <= len(data):
        vendor, kind, length = struct.unpack_from("!HHH", data, at)
        if length < 6 or at + length > len(data):
            break
        if not vendor:
            found.setdefault(kind, data[at + 6 : at + length])
        at += length
    return found


def _inflated(data: bytes) -> bytes:
    try:
        return zlib.decompressobj(_ZLIB_OR_GZIP).decompress(data, _LONGEST)
    except zlib.error:
        return b""


def _number(data: bytes) -> int:
    return int.from_bytes(data[:4], "big")


def _words(data: bytes) -> Words:
    if len(data) == 4:
        return 0, _MAPPED | int.from_bytes(data, "big")
    if len(data) == 16:
        return int.from_bytes(data[:8], "big"), int.from_bytes(data[8:], "big")
    raise HepError("a HEP3 packet without addresses")
