"""From IP packets to what they carry (RFC 791, RFC 8200), for a whole batch at once."""

import numpy as np
from numpy.typing import NDArray

from recorder.protocol import ipv4, ipv6
from recorder.protocol.carried import Carried, Piece, merge
from recorder.protocol.link import Packets, count


def parse(
    data: NDArray[np.uint8], packets: Packets, rejected: dict[str, int], pieces: list[Piece]
) -> Carried:
    """What is looked into of what the packets carry, in order; offsets point at the transport header.

    Packets end where IP says, which cuts the padding of short Ethernet frames. Counts under ``truncated``,
    ``malformed``, ``not-ip``, ``fragment`` and ``other-protocol`` what it leaves out. Fragments
    that the capture did not cut are added to ``pieces``.
    """
    versions = data[packets.offsets] >> 4
    four = versions == 4
    if four.all():
        return ipv4.parse(data, packets, rejected, pieces)
    six = versions == 6
    count(rejected, "not-ip", int(np.count_nonzero(~four & ~six)))
    old = ipv4.parse(data, packets.select(four), rejected, pieces)
    new = ipv6.parse(data, packets.select(six), rejected, pieces)
    return merge(old, new)
