"""A message as it was received, whatever carried it."""

from typing import NamedTuple

Endpoint = tuple[tuple[int, int], int]
"""Address as two 64-bit words, and port."""


class Received(NamedTuple):
    """A message and the way it went; ``frame`` is the row of the frame that completed it, ``time`` in ns."""

    frame: int
    time: int
    source: Endpoint
    destination: Endpoint
    content: bytes
