"""What IP packets carry, and what becomes of them: the part that IPv4 and IPv6 share."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recorder.protocol.link import Packets, count

TCP, UDP = 6, 17
IPV4, IPV6, GRE = 4, 41, 47
CARRIED = (TCP, UDP, IPV4, IPV6, GRE)
"""The protocols inside IP that are looked into (IANA protocol numbers)."""


@dataclass(slots=True)
class Carried:
    """What IP packets carry: transport headers and the addresses they go between.

    Arrays have shape (packets,), addresses (packets, 2) as uint64, high word first, IPv4 as mapped IPv6.
    ``protocols`` (uint8) are among ``CARRIED``.
    """

    packets: Packets
    sources: NDArray[np.uint64]
    destinations: NDArray[np.uint64]
    protocols: NDArray[np.uint8]

    def select(self, keep: NDArray[np.bool_]) -> "Carried":
        """Those for which ``keep`` holds."""
        return Carried(
            self.packets.select(keep), self.sources[keep], self.destinations[keep], self.protocols[keep]
        )


class Piece(NamedTuple):
    """A fragment of an IP packet.

    Its bytes are ``data[start:end]``, and stand ``at`` bytes behind the start of the transport header.
    """

    frame: int
    at: int
    is_followed: bool
    start: int
    end: int
    ident: int
    source: tuple[int, int]
    destination: tuple[int, int]
    protocol: int


def is_other(protocols: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which are not looked into."""
    other: NDArray[np.bool_] = protocols != UDP
    if not other.any():
        return other
    for protocol in CARRIED:
        other &= protocols != protocol
    return other


def merge(old: Carried, new: Carried) -> Carried:
    """Both in the order of their frames."""
    order = np.argsort(np.concatenate([old.packets.frames, new.packets.frames]), kind="stable")
    both = Packets(
        *(
            np.concatenate([getattr(old.packets, name), getattr(new.packets, name)])[order]
            for name in ("frames", "offsets", "ends", "wire_ends")
        )
    )
    return Carried(
        both,
        np.concatenate([old.sources, new.sources])[order],
        np.concatenate([old.destinations, new.destinations])[order],
        np.concatenate([old.protocols, new.protocols])[order],
    )


def sort_out(
    rejected: dict[str, int],
    is_cut: NDArray[np.bool_],
    is_malformed: NDArray[np.bool_],
    is_fragment: NDArray[np.bool_],
    is_other: NDArray[np.bool_],
) -> NDArray[np.bool_] | None:
    """Count each packet under the first reason that holds; which remain, or None where all do."""
    left_out = is_cut | is_malformed | is_fragment | is_other
    if not left_out.any():
        return None
    reasons = {
        "truncated": is_cut,
        "malformed": is_malformed,
        "fragment": is_fragment,
        "other-protocol": is_other,
    }
    undecided = left_out.copy()
    for reason, holds in reasons.items():
        count(rejected, reason, int(np.count_nonzero(undecided & holds)))
        undecided &= ~holds
    return ~left_out


def pieces_of(
    carried: Carried,
    rows: NDArray[np.int64],
    places: NDArray[np.int64],
    follows: NDArray[np.int64],
    idents: NDArray[np.uint32],
) -> Iterator[Piece]:
    """The fragments in ``rows`` that are whole on the capture."""
    packets = carried.packets
    for index, row in enumerate(rows.tolist()):
        if packets.ends[row] == packets.wire_ends[row]:
            high, low = carried.sources[row].tolist()
            yield Piece(
                frame=int(packets.frames[row]),
                at=int(places[index]),
                is_followed=bool(follows[index]),
                start=int(packets.offsets[row]),
                end=int(packets.ends[row]),
                ident=int(idents[index]),
                source=(high, low),
                destination=tuple(carried.destinations[row].tolist()),
                protocol=int(carried.protocols[row]),
            )
