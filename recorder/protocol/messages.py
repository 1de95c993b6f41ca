"""Everything in a batch that may be signalling, whatever carried it, in the order of its arrival."""

from collections import Counter
from collections.abc import Sequence
from operator import attrgetter

from recorder.protocol.classify import Classes
from recorder.protocol.connections import MOST, PORTS, Connections
from recorder.protocol.datagrams import Datagrams
from recorder.protocol.received import H225, MGCP, SCCP, SIP, Received
from recorder.protocol.repeats import Repeats
from recorder.protocol.sip_stream import whole_lines
from recorder.protocol.tcp import Segments
from recorder.protocol.tls_keys import TlsKeys

_CUT = (SCCP, H225)
"""Only ever in connections, whose copies are gone by their sequence numbers: the same again is meant so."""


class Messages:
    """The messages of one tap: datagrams, what TCP connections put together, without a mirror's copies.

    Arguments are those of ``Connections``.
    """

    def __init__(
        self,
        ports: Sequence[int] = PORTS,
        keys: TlsKeys | None = None,
        rejected: Counter[str] | None = None,
        most: int = MOST,
    ) -> None:
        self.copies = 0
        self._connections = Connections(ports, keys, rejected, most)
        self._repeats = Repeats()

    def take(self, datagrams: Datagrams, classes: Classes, segments: Segments, now: int) -> list[Received]:
        """The messages of a batch that ends at ``now``; ``classes`` are those of its datagrams."""
        found = [_received(datagrams, row, SIP) for row in classes.sip.tolist()]
        commands = [_received(datagrams, row, MGCP) for row in classes.mgcp.tolist()]
        streamed = self._connections.take(segments, now) + commands
        if streamed:
            found = sorted(found + streamed, key=attrgetter("frame"))
        return self._new(found)

    def finish(self) -> list[Received]:
        """Nothing comes any more: the messages that waited for others before them."""
        return self._new(self._connections.finish())

    def _new(self, found: list[Received]) -> list[Received]:
        kept = [one for one in found if one.protocol in _CUT or not self._repeats.is_copy(one)]
        self.copies += len(found) - len(kept)
        return kept


def _received(datagrams: Datagrams, row: int, protocol: str) -> Received:
    a, b = datagrams.sources[row].tolist()
    c, d = datagrams.destinations[row].tolist()
    content = datagrams.payload(row)
    return Received(
        frame=int(datagrams.frames[row]),
        time=int(datagrams.times[row]),
        source=((a, b), int(datagrams.source_ports[row])),
        destination=((c, d), int(datagrams.destination_ports[row])),
        content=whole_lines(content) if len(content) < datagrams.wire_lengths[row] else content,
        protocol=protocol,
    )
