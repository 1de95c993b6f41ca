"""A message as it was received, whatever carried it."""

from typing import NamedTuple

Endpoint = tuple[tuple[int, int], int]
"""Address as two 64-bit words, and port."""

SIP, SCCP, MGCP, H225 = "sip", "sccp", "mgcp", "h225"
"""The protocols of signalling; ``H225`` is H.225.0 call signalling, the way H.323 sets calls up."""


HEP = "hep"
"""Mirrors of messages (HEP3), which are taken for what they mirror."""


class Received(NamedTuple):
    """A message and the way it went; ``frame`` is the row of the frame that completed it, ``time`` in ns."""

    frame: int
    time: int
    source: Endpoint
    destination: Endpoint
    content: bytes
    protocol: str = SIP
