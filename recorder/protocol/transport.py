"""From a batch of frames to the UDP datagrams and TCP segments in them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recorder.batch import Batch
from recorder.protocol import columns, hep, ip, link, tunnels
from recorder.protocol.carried import TCP, UDP, Carried, Piece
from recorder.protocol.datagrams import Datagrams
from recorder.protocol.fragments import Fragments, appended
from recorder.protocol.link import Packets
from recorder.protocol.tcp import Segments

_DEEPEST = 4
"""Tunnels in tunnels."""


@dataclass(slots=True)
class Transport:
    """What the frames of one batch carry.

    ``rejected`` counts the frames that are neither, by reason: ``not-ip``, ``unknown-link``,
    ``other-protocol``, ``fragment``, ``truncated``, ``malformed``, ``too-deep``.
    """

    datagrams: Datagrams
    segments: Segments
    rejected: dict[str, int]


def parse(batch: Batch, fragments: Fragments | None = None) -> Transport:
    """The datagrams and segments of ``batch``, also those in tunnels and mirrors; never raises.

    With ``fragments``, the same for all batches of a tap, packets in fragments are put together and stand
    at the place of the frame that completed them.
    """
    rejected: dict[str, int] = {}
    data, packets = batch.data, link.parse(batch, rejected)
    datagrams: list[Datagrams] = []
    segments: list[Segments] = []
    for _ in range(_DEEPEST + 1):
        pieces: list[Piece] = []
        carried = ip.parse(data, packets, rejected, pieces)
        if fragments is not None and (found := fragments.take(data, batch.times, pieces)):
            link.count(rejected, "fragment", -len(found))
            data, carried = appended(data, carried, found)
        layer = _layer(data, batch.times, carried, rejected)
        datagrams.append(layer.datagrams)
        segments.append(layer.segments)
        packets = layer.inner
        if not len(packets.frames):
            break
    link.count(rejected, "too-deep", len(packets.frames))
    return Transport(hep.opened(columns.merged(datagrams, data)), columns.merged(segments, data), rejected)


@dataclass(slots=True)
class _Layer:
    """What is carried at one depth, and the packets inside of it."""

    datagrams: Datagrams
    segments: Segments
    inner: Packets


def _layer(
    data: NDArray[np.uint8], times: NDArray[np.int64], carried: Carried, rejected: dict[str, int]
) -> _Layer:
    is_udp = carried.protocols == UDP
    segments, inner = Segments.none(data), Packets.none()
    if not is_udp.all():
        rest, carried = carried.select(~is_udp), carried.select(is_udp)
        is_tcp = rest.protocols == TCP
        segments = Segments.read(data, times, rest.select(is_tcp), rejected)
        if not is_tcp.all():
            inner = tunnels.in_ip(data, rest.select(~is_tcp), rejected)
    datagrams = Datagrams.read(data, times, carried, rejected)
    found = tunnels.in_udp(data, datagrams, rejected)
    if found is not None:
        more, is_plain = found
        datagrams = columns.select(datagrams, is_plain)
        inner = tunnels.joined(inner, more)
    return _Layer(datagrams, segments, inner)
