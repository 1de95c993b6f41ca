"""Messages that a mirror shows twice."""

from collections import OrderedDict

from recorder.protocol.received import Received

WINDOW = 200_000_000
"""Nanoseconds. A sender repeats a message after 500 ms at the earliest (RFC 3261, 17.1.1.1, T1)."""
_MOST = 4096


class Repeats:
    """Tells the copies of a message from the message.

    A copy has the same bytes and addresses. The IP identification is not asked for: it is lost where
    fragments were put together, and a mirror behind a tunnel shows another one.
    """

    def __init__(self) -> None:
        self._seen: OrderedDict[int, int] = OrderedDict()

    def __len__(self) -> int:
        """How many messages are remembered."""
        return len(self._seen)

    def is_copy(self, message: Received) -> bool:
        """Whether the same was received a moment ago."""
        key = hash((message.source, message.destination, message.content))
        before = self._seen.pop(key, None)
        self._seen[key] = message.time
        while len(self._seen) > _MOST:
            self._seen.popitem(last=False)
        return before is not None and 0 <= message.time - before <= WINDOW
