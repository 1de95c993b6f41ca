"""From a batch of frames to the UDP datagrams and TCP segments in them."""

from dataclasses import dataclass

from recorder.batch import Batch
from recorder.protocol import ip, link
from recorder.protocol.carried import UDP, Piece
from recorder.protocol.datagrams import Datagrams
from recorder.protocol.fragments import Fragments, appended
from recorder.protocol.tcp import Segments


@dataclass(slots=True)
class Transport:
    """What the frames of one batch carry.

    ``rejected`` counts the frames that are neither, by reason: ``not-ip``, ``unknown-link``,
    ``other-protocol``, ``fragment``, ``truncated``, ``malformed``.
    """

    datagrams: Datagrams
    segments: Segments
    rejected: dict[str, int]


def parse(batch: Batch, fragments: Fragments | None = None) -> Transport:
    """The datagrams and segments of ``batch``; never raises for what the frames hold.

    With ``fragments``, the same for all batches of a tap, packets in fragments are put together and stand
    at the place of the frame that completed them.
    """
    rejected: dict[str, int] = {}
    packets = link.parse(batch, rejected)
    pieces: list[Piece] = []
    data = batch.data
    carried = ip.parse(data, packets, rejected, pieces)
    if fragments is not None and (found := fragments.take(data, batch.times, pieces)):
        link.count(rejected, "fragment", -len(found))
        data, carried = appended(data, carried, found)
    is_udp = carried.protocols == UDP
    if is_udp.all():
        return Transport(Datagrams.read(data, batch.times, carried, rejected), Segments.none(data), rejected)
    datagrams = Datagrams.read(data, batch.times, carried.select(is_udp), rejected)
    segments = Segments.read(data, batch.times, carried.select(~is_udp), rejected)
    return Transport(datagrams, segments, rejected)
