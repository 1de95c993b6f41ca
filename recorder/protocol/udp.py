"""From a batch of frames to its UDP datagrams alone."""

from recorder.batch import Batch
from recorder.protocol import transport
from recorder.protocol.datagrams import Datagrams
from recorder.protocol.fragments import Fragments
from recorder.protocol.link import count

__all__ = ["Datagrams", "parse"]


def parse(batch: Batch, fragments: Fragments | None = None) -> Datagrams:
    """See ``transport.parse``; TCP segments count under ``other-protocol``."""
    found = transport.parse(batch, fragments)
    count(found.rejected, "other-protocol", len(found.segments))
    return found.datagrams
