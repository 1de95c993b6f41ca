"""A TLS connection that somebody else holds, read with the keys of the operator (RFC 5246, RFC 8446)."""

from typing import NamedTuple

from recorder.protocol import tls_records
from recorder.protocol.errors import TlsError
from recorder.protocol.tls_exchange import Exchange
from recorder.protocol.tls_handshake import CLIENT_HELLO, KEY_UPDATE
from recorder.protocol.tls_keys import TlsKeys
from recorder.protocol.tls_openers import opener
from recorder.protocol.tls_schedule import next_secret, traffic_keys
from recorder.protocol.tls_side import MOST_CLOSED, Arrived, Side

PATIENCE = 60_000_000_000
"""Nanoseconds that a key may come after what it opens: a log may be copied from another machine."""
ROOM = 1 << 16
"""Bytes of one connection that wait for a key."""
NO_KEY, WRONG_KEY, SUITE, MIDDLE, GAP, MALFORMED = (
    f"tls-{reason}" for reason in ("no-key", "wrong-key", "suite", "middle", "gap", "malformed")
)
"""Why a connection is given up: no key for it, a key that opens nothing, a suite that cannot be opened,
captured from its middle, too much missing, not what TLS allows."""


class Plain(NamedTuple):
    """What one side wrote, at ``time`` (ns); ``follows_gap`` where something before it is missing."""

    is_client: bool
    content: bytes
    follows_gap: bool
    time: int


class TlsSession:
    """Both sides of one connection. It raises nothing: ``trouble`` says why it was given up, if it was."""

    def __init__(self, keys: TlsKeys, now: int) -> None:
        self.trouble = ""
        self._keys = keys
        self._exchange = Exchange(keys)
        self._sides = {True: Side(True), False: Side(False)}
        self._since = now
        self._fed = 0

    def __len__(self) -> int:
        """Bytes that wait for something."""
        return self._exchange.held + sum(side.held for side in self._sides.values())

    @property
    def is_waiting(self) -> bool:
        """Whether there are records that wait for a key or for what the other side says."""
        return any(side.records for side in self._sides.values())

    def feed(self, is_client: bool, content: bytes, follows_gap: bool, now: int) -> list[Plain]:
        """What can be read now that this was sent, of both sides."""
        if self.trouble:
            return []
        side = self._sides[is_client]
        self._fed += 1
        side.feed(content, follows_gap, self._fed, now)
        return self.go_on(now)

    def go_on(self, now: int) -> list[Plain]:
        """What can be read now: keys may have come."""
        found: list[Plain] = []
        try:
            while not self.trouble and (step := self._step()) is not None:
                found += step
        except TlsError:
            self._give_up(MALFORMED)
        if not self.trouble:
            self._look_at_what_waits(now)
        return found

    def close(self) -> None:
        """The connection is over; a key that was waited for does not come any more."""
        if self.trouble:
            return
        if self.is_waiting:
            self._give_up(self._missing())
        elif any(side.closed for side in self._sides.values()) and not self._was_opened():
            self._give_up(WRONG_KEY)

    def _step(self) -> list[Plain] | None:
        """Read one record, of those that can be read now the first that came; None where there is none."""
        waiting = [side for side in self._sides.values() if side.records]
        for side in sorted(waiting, key=lambda one: one.records[0].number):
            found = self._record(side, side.records[0])
            if self.trouble:
                return None
            if found is not None:
                side.records.popleft()
                return found
        return None

    def _record(self, side: Side, arrived: Arrived) -> list[Plain] | None:
        """What is in a record; None where that cannot be known yet."""
        record = arrived.record
        if arrived.follows_gap:
            side.doubt()
        if side.is_changing and not self._changed(side):
            return None
        if side.opener is None:
            return self._in_clear(side, arrived)
        if self._exchange.is_1_3 and record.kind != tls_records.DATA:
            return []
        follows_gap = side.is_unsure
        opened = side.open(record)
        if opened is None:
            self._stays_closed(side)
            return []
        kind, content = opened
        if kind == tls_records.DATA:
            return [Plain(side.is_client, content, follows_gap, arrived.time)] if content else []
        if kind == tls_records.HANDSHAKE:
            self._messages(side, content)
        elif kind == tls_records.CHANGE:
            side.is_changing = True
        return []

    def _in_clear(self, side: Side, arrived: Arrived) -> list[Plain] | None:
        record = arrived.record
        if record.kind == tls_records.HANDSHAKE:
            self._messages(side, record.fragment)
        elif record.kind == tls_records.CHANGE:
            side.is_changing = True
        elif record.kind == tls_records.DATA:
            return self._record(side, arrived) if self._begun(side) else None
        return []

    def _begun(self, side: Side) -> bool:
        """Take the first keys for a side that sends data; False without them."""
        exchange = self._exchange
        if exchange.client is None or exchange.server is None:
            return False
        if not exchange.is_1_3:
            # Only a gap can hide that it changed its keys.
            if not side.is_unsure:
                self._give_up(MALFORMED)
                return False
            return self._changed(side)
        traffic = exchange.traffic(side.is_client)
        if traffic is None:
            self._look_at_suite()
            return False
        side.begin(traffic.opener, traffic.secret)
        return True

    def _changed(self, side: Side) -> bool:
        """Take the keys that a side changes to; TLS 1.3 says that it changes, but means nothing by it."""
        exchange = self._exchange
        if exchange.client is None or exchange.server is None:
            return False
        if not exchange.is_1_3:
            openers = exchange.openers()
            if openers is None:
                self._look_at_suite()
                return False
            side.begin(openers[0] if side.is_client else openers[1])
        side.is_changing = False
        return True

    def _messages(self, side: Side, fragment: bytes) -> None:
        exchange = self._exchange
        for message in side.handshakes(fragment):
            if exchange.is_1_3 and side.opener is not None:
                if message.kind == KEY_UPDATE and exchange.server and exchange.suite:
                    secret = next_secret(side.secret, exchange.suite)
                    keys = traffic_keys(secret, exchange.suite)
                    side.begin(opener(exchange.server, exchange.suite, keys), secret)
                continue
            if message.kind == CLIENT_HELLO and side.opener is not None:
                exchange = self._exchange = Exchange(self._keys)
            exchange.take(side.is_client, message)

    def _stays_closed(self, side: Side) -> None:
        """TLS 1.3: the handshake has keys of its own, and its records are passed over."""
        is_first = not side.was_opened
        if side.closed > MOST_CLOSED or (is_first and not side.is_unsure and not self._exchange.is_1_3):
            self._give_up(WRONG_KEY if is_first else GAP)
        elif not is_first:
            side.is_unsure = True

    def _look_at_suite(self) -> None:
        if self._exchange.suite is None:
            self._give_up(SUITE)

    def _look_at_what_waits(self, now: int) -> None:
        """Bound how long and how much waits; nothing need be waited for where a hello is lost."""
        hellos = {True: self._exchange.client, False: self._exchange.server}
        silent = [side for side in self._sides.values() if hellos[side.is_client] is None]
        if any(side.has_gap and side.opener is None for side in silent):
            self._give_up(GAP)
        elif not self.is_waiting:
            self._since = now
        elif now - self._since > PATIENCE or len(self) > ROOM:
            self._give_up(self._missing())

    def _missing(self) -> str:
        is_known = self._exchange.client is not None and self._exchange.server is not None
        return NO_KEY if is_known else MIDDLE

    def _was_opened(self) -> bool:
        return any(side.was_opened for side in self._sides.values())

    def _give_up(self, reason: str) -> list[Plain]:
        self.trouble = reason
        self._exchange = Exchange(self._keys)
        self._sides = {True: Side(True), False: Side(False)}
        return []
