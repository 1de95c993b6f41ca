"""What one side of a TLS connection sends: records in clear, then those opened in order of their numbers."""

from collections import deque
from typing import NamedTuple

from recorder.protocol.errors import TlsError
from recorder.protocol.tls_handshake import Handshake, HandshakeStream
from recorder.protocol.tls_openers import Opener
from recorder.protocol.tls_records import Record, RecordStream

WINDOW = 256
"""Records that may be missing in one gap."""
MOST_CLOSED = 64
"""Records that stay closed one after the other before a connection is given up."""


class Arrived(NamedTuple):
    """A record and when it came: ``number`` counts what was fed on either side, ``time`` is in ns."""

    record: Record
    follows_gap: bool
    number: int
    time: int


class Side:
    """One direction.

    ``is_changing`` from where new keys were announced until they are taken, ``is_unsure`` after a gap: the
    number of the next record is searched then. ``has_gap`` where anything was ever missing.
    """

    def __init__(self, is_client: bool) -> None:
        self.is_client = is_client
        self.records: deque[Arrived] = deque()
        self.has_gap = False
        self.opener: Opener | None = None
        self.secret = b""
        self.is_changing = False
        self.is_unsure = False
        self.was_opened = False
        self.closed = 0
        self._is_cut = False
        self._stream = RecordStream()
        self._handshakes = HandshakeStream()
        self._number = 0

    @property
    def held(self) -> int:
        """Bytes that wait: for the rest of their record or message, or for a key."""
        waiting = sum(len(arrived.record.fragment) for arrived in self.records)
        return waiting + len(self._stream) + len(self._handshakes)

    def feed(self, content: bytes, follows_gap: bool, number: int, time: int) -> None:
        """Cut what was sent into records."""
        if follows_gap:
            self._stream.gap()
            self._is_cut = True
        for record in self._stream.feed(content):
            self.records.append(Arrived(record, self._is_cut, number, time))
            self._is_cut = False
        self._is_cut |= self._stream.is_lost
        self.has_gap |= follows_gap or self._is_cut

    def doubt(self) -> None:
        """A gap comes before the record that is read now."""
        self._handshakes.clear()
        self.is_unsure = True
        if self.opener is not None:
            self.opener.lost()

    def handshakes(self, fragment: bytes) -> list[Handshake]:
        """The handshake messages that a fragment completes, none where a gap cut one; raises TlsError."""
        try:
            return self._handshakes.feed(fragment)
        except TlsError:
            if not self.is_unsure:
                raise
            self._handshakes.clear()
            return []

    def begin(self, opener: Opener, secret: bytes = b"") -> None:
        """New keys: their first record has the number 0."""
        self.opener, self.secret = opener, secret
        if self.is_unsure:
            opener.lost()
        self.is_changing = False
        self._handshakes.clear()
        self._number = 0

    def open(self, record: Record) -> tuple[int, bytes] | None:
        """Content type and content; None where it stays closed, which counts it in ``closed``."""
        assert self.opener is not None
        for number in range(self._number, self._number + (WINDOW if self.is_unsure else 1)):
            found = self.opener.open(number, record)
            if found is not None:
                self.opener.passed(record)
                self._number = number + 1
                self.is_unsure, self.was_opened, self.closed = False, True, 0
                return found
        self.opener.passed(record)
        self.closed += 1
        return None
