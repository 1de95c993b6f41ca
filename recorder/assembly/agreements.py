"""Between which places keys for media were agreed on within the media itself, by DTLS or ZRTP."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from recorder.assembly.leg import Leg, LegStream
from recorder.protocol import handshake
from recorder.protocol.udp import Datagrams

Way = tuple[int, int, int, int, int]
"""Addresses and ports of a stream, as in ``StreamKey`` but without its SSRC."""

SOON = 60_000_000_000
"""Media that begins this long (ns) after a handshake has nothing to do with it: ports are used again."""
AT_ONCE = 1_000_000_000
"""Nor has what begins this long after the media that the keys were for; before, a call was handed on."""
MOST_AT_ONCE = 512
"""Handshakes of a batch that are looked at; more are no telephones."""
MOST = 4096
"""Pairs of places remembered; handshakes of what is no telephone pass by, too."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How the keys were agreed on, and when (ns): what is sent from then on is encrypted. ``until`` is when
    media must begin (ns) to be it."""

    exchange: str
    at: int
    until: int


@dataclass(slots=True)
class Agreements:
    """Those of a tap. DTLS counts once both places have taken part, ZRTP once one of them confirms."""

    _half: dict[Way, int] = field(default_factory=dict)
    _known: dict[Way, Agreement] = field(default_factory=dict)
    _news: set[Way] = field(default_factory=set)

    def take(self, datagrams: Datagrams, rows: NDArray[np.int64]) -> None:
        """Look for handshakes among datagrams that are neither RTP nor text."""
        found = handshake.find(datagrams, rows)
        for way, at in _ways(datagrams, found.dtls):
            if _back(way) in self._half:
                self._note(way, handshake.DTLS, at)
            self._half.setdefault(way, at)
        _shorten(self._half)
        for way, at in _ways(datagrams, found.zrtp):
            self._note(way, handshake.ZRTP, at)

    def mark(self, leg: Leg, stream: LegStream) -> None:
        """A new stream: it is encrypted if keys were just agreed on where it runs, or for one before it."""
        way = stream.key[:5]
        known = self._known.get(way)
        if known is not None and stream.first < known.until:
            _secure(stream, known)
        for other in leg.streams.values():
            if other.secured and other.key[:5] in (way, _back(way)):
                stream.exchange, stream.secured = other.exchange, other.secured

    def news(self, legs: Iterable[Leg]) -> list[Leg]:
        """Mark the running streams for which keys were agreed on since the last time; answer their legs."""
        if not self._news:
            return []
        news, self._news = self._news, set()
        changed = []
        for leg in legs:
            for stream in leg.streams.values():
                way = stream.key[:5]
                if way in news and not stream.secured:
                    _secure(stream, self._known[way])
                    changed.append(leg)
        return changed

    def forget(self, leg: Leg) -> None:
        """The leg is over. If its call goes on in another one, then at once; later its places are free."""
        for stream in leg.streams.values():
            for way in (stream.key[:5], _back(stream.key[:5])):
                self._half.pop(way, None)
                self._news.discard(way)
                if way in self._known:
                    self._known[way] = replace(self._known[way], until=leg.last_media + AT_ONCE)

    def _note(self, way: Way, exchange: str, at: int) -> None:
        for one in (way, _back(way)):
            before = self._known.pop(one, None)
            if before is not None and at < before.until:
                self._known[one] = before
            else:
                self._known[one] = Agreement(exchange, at, at + SOON)
                self._news.add(one)
        for gone in _shorten(self._known):
            self._news.discard(gone)


def _secure(stream: LegStream, agreement: Agreement) -> None:
    stream.exchange, stream.secured = agreement.exchange, agreement.at


def _back(way: Way) -> Way:
    a, b, c, d, ports = way
    return c, d, a, b, ports >> 16 | (ports & 0xFFFF) << 16


def _shorten(table: dict[Way, int] | dict[Way, Agreement]) -> list[Way]:
    """Forget the oldest beyond ``MOST``; answer which."""
    gone = list(table)[: max(len(table) - MOST, 0)]
    for way in gone:
        del table[way]
    return gone


def _ways(datagrams: Datagrams, rows: NDArray[np.int64]) -> Iterator[tuple[Way, int]]:
    """Each way that the datagrams go, once, and when (ns) the first of them did."""
    seen: dict[Way, int] = {}
    for row in rows[:MOST_AT_ONCE].tolist():
        a, b = datagrams.sources[row].tolist()
        c, d = datagrams.destinations[row].tolist()
        ports = int(datagrams.source_ports[row]) << 16 | int(datagrams.destination_ports[row])
        seen.setdefault((a, b, c, d, ports), int(datagrams.times[row]))
    return iter(seen.items())
