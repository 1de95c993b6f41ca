"""A bad network, the same each time: what happens to a packet follows from its stream and its number alone.

Nothing is drawn from a running generator, so that the result does not depend on how the traffic is cut into
batches.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recorder.simulate.chance import U64, Floats, chance
from recorder.simulate.options import Network

SLOW_KNOT = 32
"""Packets between two corner points of the slow part of the jitter."""

_WHITE_SHARE = 1 / 8
"""The quick part of the jitter is at most this share of a packet time: six of it cannot change the order."""

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of each packet: lost, duplicated, held back past the next one, and its delay in ns."""

    lost: Bools
    duplicated: Bools
    reordered: Bools
    delay_ns: NDArray[np.int64]


def fate(network: Network, packet_ns: int, streams: U64, numbers: U64) -> Fate:
    """The fate of packets ``numbers`` of ``streams``, both of shape (packets,).

    Jitter alone never changes the order of a stream, as in a network of queues; ``reorder`` does.
    """
    lost = chance(streams, numbers // np.uint64(network.loss_burst), 1) < network.loss
    duplicated = ~lost & (chance(streams, numbers, 2) < network.duplicate)
    reordered = ~lost & (chance(streams, numbers, 3) < network.reorder)
    delay = _jitter(network.jitter_ms * 1e6, packet_ns, streams, numbers)
    delay += reordered * packet_ns * (2.0 + 0.9 * chance(streams, numbers, 4))
    return Fate(lost, duplicated, reordered, delay.astype(np.int64))


def _jitter(deviation: float, packet_ns: int, streams: U64, numbers: U64) -> Floats:
    """Delay of the wanted standard deviation: quick noise, and beyond that a slowly changing queue."""
    if not deviation:
        return np.zeros(len(numbers))
    quick = min(deviation, packet_ns * _WHITE_SHARE)
    white = sum(chance(streams, numbers, salt) for salt in (5, 6, 7, 8)) - 2.0
    delay = np.clip(3 + white * np.sqrt(3), 0, 6) * quick
    slow = np.sqrt(deviation**2 - quick**2) * np.sqrt(12)
    knot = numbers // np.uint64(SLOW_KNOT)
    part = (numbers % np.uint64(SLOW_KNOT)) / SLOW_KNOT
    before, after = chance(streams, knot, 9), chance(streams, knot + np.uint64(1), 9)
    return np.asarray(delay + slow * (before + (after - before) * part))
