"""TCP connections that are TLS, among others."""

import random
import ssl
from collections import Counter
from pathlib import Path

import pytest

from recorder.key_files import tls_keys
from recorder.protocol.connections import MOST, Connections
from recorder.protocol.tcp import Segments
from recorder.protocol.tls_keys import TlsKeys
from tests.recorder import frames
from tests.recorder.protocol import tls_talk
from tests.recorder.protocol.tcp_talk import RST, Talk
from tests.recorder.protocol.test_connections import INVITE, OK, segments, taken
from tests.recorder.protocol.tls_talk import V1_2, V1_3, Said, TlsTalk
from tests.recorder.protocol.websocket_frames import REQUEST, RESPONSE, frame

CLIENT, SERVER = ("192.0.2.1", 40000), ("192.0.2.2", 5061)


class Line:
    """Connections that end at one follower, and why it gave some up."""

    def __init__(self, keys: TlsKeys | None) -> None:
        self.rejected: Counter[str] = Counter()
        self.connections = Connections(keys=keys, rejected=self.rejected)
        self._now = frames.START

    def take(self, some: list[bytes]) -> list[bytes]:
        """What the frames complete, all in one batch."""
        self._now += frames.SECOND
        return [one.content for one in taken(self.connections, segments(some, self._now))]


@pytest.fixture
def secure(tmp_path: Path) -> tuple[TlsTalk, TlsKeys]:
    log = tmp_path / "keys"
    talk = TlsTalk(tls_talk.client_context(log, V1_3), tls_talk.server_context("rsa"))
    place = 0

    def more() -> bytes:
        nonlocal place
        data = log.read_bytes()[place:] if log.exists() else b""
        place += len(data)
        return data

    return talk, TlsKeys(more)


def sent(talk: Talk, said: list[Said], size: int = 1400) -> list[bytes]:
    """What was said so far as frames; nothing of it is left."""
    some = [one for who, data in said for one in talk.say(data, size=size, from_client=who)]
    said.clear()
    return some


def test_messages_come_out_with_their_way(secure: tuple[TlsTalk, TlsKeys]) -> None:
    tls, keys = secure
    talk, line = Talk(CLIENT, SERVER), Line(keys)
    opening = talk.open() + sent(talk, tls.shake_hands().said)
    assert line.take(opening) == []
    assert line.take(sent(talk, tls.say(INVITE * 30).said, size=900)) == [INVITE] * 30
    found = taken(line.connections, segments(sent(talk, tls.say(OK, False).said)))
    assert [(one.source[1], one.destination[1], one.content) for one in found] == [(5061, 40000, OK)]
    line.take(sent(talk, tls.close().said) + talk.close())
    assert len(line.connections) == 0
    assert line.rejected == {}


@pytest.mark.parametrize(
    ("version", "ciphers", "is_logged"),
    [(V1_2, "AES128-SHA", False), (V1_2, "AES128-SHA", True), (V1_2, "", True), (V1_3, "", True)],
)
def test_any_segment_may_be_seen_late(
    tmp_path: Path, version: ssl.TLSVersion, ciphers: str, *, is_logged: bool
) -> None:
    """As where both directions are captured apart."""
    log, server = tmp_path / "keys", tmp_path / "server.pem"
    server.write_bytes(tls_talk.pem("rsa"))
    tls = TlsTalk(tls_talk.client_context(log, version, ciphers), tls_talk.server_context("rsa"))
    talk = Talk(CLIENT, SERVER)
    opening = talk.open()
    some = opening + sent(talk, tls.shake_hands().say(INVITE).say(OK, False).say(OK).said, size=200)
    for late in range(len(some)):
        keys = tls_keys(log, ()) if is_logged else tls_keys(None, (server,))
        order = [*some[:late], *some[late + 1 :], some[late]]
        line = Line(keys)
        found = line.take(order) + [one.content for one in line.connections.finish()]
        assert sorted(found) == sorted([INVITE, OK, OK])
        assert line.rejected == {}


def test_a_proxy_may_say_first_whom_it_speaks_for(secure: tuple[TlsTalk, TlsKeys]) -> None:
    tls, keys = secure
    talk, line = Talk(CLIENT, SERVER), Line(keys)
    some = talk.open() + talk.say(b"PROXY TCP4 198.51.100.7 192.0.2.2 50000 5061\r\n")
    some += sent(talk, tls.shake_hands().say(INVITE).say(OK, False).said)
    assert line.take(some) == [INVITE, OK]
    assert line.rejected == {}


def test_a_handshake_may_come_in_any_pieces_and_order(secure: tuple[TlsTalk, TlsKeys]) -> None:
    tls, keys = secure
    talk, line = Talk(CLIENT, SERVER), Line(keys)
    line.take(talk.open())
    some = sent(talk, tls.shake_hands().say(INVITE).say(OK, False).said, size=20)
    random.Random(1).shuffle(some)
    assert sorted(line.take(some)) == [INVITE, OK]


def test_the_first_record_may_come_byte_by_byte(secure: tuple[TlsTalk, TlsKeys]) -> None:
    tls, keys = secure
    talk, line = Talk(CLIENT, SERVER), Line(keys)
    some = talk.open() + sent(talk, tls.shake_hands().said[:1], size=1)
    line.take(some + sent(talk, tls.say(INVITE).said[1:]))
    assert line.take(sent(talk, tls.say(OK).said)) == [OK]


def test_a_missing_segment_loses_what_it_held(secure: tuple[TlsTalk, TlsKeys]) -> None:
    tls, keys = secure
    talk, line = Talk(CLIENT, SERVER), Line(keys)
    line.take(talk.open() + sent(talk, tls.shake_hands().said))
    lost = sent(talk, tls.say(INVITE).said)
    assert len(lost) == 1
    assert line.take(sent(talk, tls.say(OK).said)) == []
    found = [one for _ in range(4) for one in line.take(sent(talk, tls.say(OK).said))]
    assert found == [OK] * 5
    assert line.rejected == {}


def test_sip_in_a_websocket_is_read(secure: tuple[TlsTalk, TlsKeys]) -> None:
    tls, keys = secure
    talk, line = Talk(CLIENT, SERVER), Line(keys)
    tls.shake_hands().say(REQUEST).say(RESPONSE, False).say(frame(INVITE, mask=b"abcd")).say(frame(OK), False)
    assert line.take(talk.open() + sent(talk, tls.said)) == [INVITE, OK]


@pytest.mark.parametrize("with_keys", [True, False])
def test_one_that_cannot_be_read_is_counted_once_and_left_alone(
    secure: tuple[TlsTalk, TlsKeys], with_keys: bool
) -> None:
    tls, _ = secure
    talk, line = Talk(CLIENT, SERVER), Line(TlsKeys() if with_keys else None)
    line.take(talk.open() + sent(talk, tls.shake_hands().said))
    for _ in range(10):
        line.take(sent(talk, tls.say(bytes(20000)).said, size=1000))
    assert line.rejected == {"tls-no-key": 1}
    assert len(line.connections) == 0


def test_one_captured_from_the_middle_is_counted_once(secure: tuple[TlsTalk, TlsKeys]) -> None:
    tls, keys = secure
    talk, line = Talk(CLIENT, SERVER), Line(keys)
    tls.shake_hands().said.clear()
    for _ in range(3):
        line.take(sent(talk, tls.say(bytes(5000)).said) + sent(talk, tls.say(OK, False).said))
    assert line.rejected == {"tls-middle": 1}


def test_the_next_connection_between_the_same_ports_is_read(tmp_path: Path) -> None:
    log = tmp_path / "keys"
    context, server = tls_talk.client_context(log, V1_2), tls_talk.server_context("rsa")
    refused, first, second = (TlsTalk(context, server).shake_hands().say(INVITE) for _ in range(3))
    pieces = [log.read_bytes()]
    line = Line(TlsKeys(lambda: pieces.pop() if pieces else b""))
    talk = Talk(CLIENT, SERVER)
    sent(talk, refused.said[:3])
    line.take(sent(talk, refused.said[3:]))
    assert line.rejected == {"tls-middle": 1}
    for number, tls in enumerate((first, second)):
        again = Talk(CLIENT, SERVER, {True: number << 28, False: number << 27})
        assert line.take(again.open() + sent(again, tls.said)) == [INVITE]
    assert len(line.connections) == 1


def test_the_next_connection_is_read_although_its_first_segments_are_missing(
    secure: tuple[TlsTalk, TlsKeys], tmp_path: Path
) -> None:
    tls, keys = secure
    line = Line(keys)
    talk = Talk(CLIENT, SERVER)
    line.take(talk.open() + sent(talk, tls.shake_hands().say(INVITE).said))
    again = TlsTalk(tls.client_context, tls.server_context).shake_hands().say(OK)
    other = Talk(CLIENT, SERVER, {True: 1 << 28, False: 1 << 27})
    assert line.take(sent(other, again.said)) == [OK]
    assert line.rejected == {}


def test_what_is_closed_before_its_key_came_is_counted(secure: tuple[TlsTalk, TlsKeys]) -> None:
    tls, _ = secure
    talk, line = Talk(CLIENT, SERVER), Line(TlsKeys(lambda: b""))
    some = talk.open() + sent(talk, tls.shake_hands().say(INVITE).said)
    assert line.take([*some, talk.frame(b"", RST)]) == []
    assert line.rejected == {"tls-no-key": 1}


def test_a_flood_of_connections_without_keys_is_bounded(secure: tuple[TlsTalk, TlsKeys]) -> None:
    tls, _ = secure
    said = tls.shake_hands().say(bytes(12000)).said
    line = Line(TlsKeys(lambda: b""))
    for burst in range(3):
        some = []
        for number in range(1000):
            talk = Talk(("192.0.2.1", 10000 + number), (f"198.51.100.{burst}", 5061))
            some += [one for who, data in said for one in talk.say(data, from_client=who)]
        line.take(some)
    assert 16 << 20 < line.connections.held <= 32 << 20


def test_a_flood_of_half_open_connections_forgets_none_that_is_in_use(
    secure: tuple[TlsTalk, TlsKeys],
) -> None:
    tls, keys = secure
    talk, line = Talk(CLIENT, SERVER), Line(keys)
    assert line.take(talk.open() + sent(talk, tls.shake_hands().say(INVITE).said)) == [INVITE]
    for burst in range(5):
        ends = [(("198.51.100.1", 10000 + number), (f"192.0.2.{burst}", 5061)) for number in range(4000)]
        line.take([Talk(*both).open()[0] for both in ends])
    assert len(line.connections) == MOST
    assert line.take(sent(talk, tls.say(OK, False).said)) == [OK]


def test_a_connection_that_the_log_knows_is_read_on_any_port(secure: tuple[TlsTalk, TlsKeys]) -> None:
    tls, keys = secure
    talk, line = Talk(CLIENT, ("192.0.2.2", 15061)), Line(keys)
    some = talk.open() + sent(talk, tls.shake_hands().say(INVITE).say(OK, False).said)
    assert line.take(some) == [INVITE, OK]


@pytest.mark.parametrize("is_known", [True, False])
def test_others_on_any_port_are_left_alone(secure: tuple[TlsTalk, TlsKeys], is_known: bool) -> None:
    tls, keys = secure
    talk, line = Talk(CLIENT, ("192.0.2.2", 443)), Line(keys if is_known else TlsKeys(lambda: b""))
    tls.shake_hands().say(b"GET / HTTP/1.1\r\nHost: shop\r\n\r\n").say(bytes(30000), False)
    assert line.take(talk.open() + sent(talk, tls.said)) == []
    assert len(line.connections) == 0
    assert line.rejected == ({"tls-other": 1} if is_known else {})


def test_what_waits_is_read_when_time_passes_without_segments(secure: tuple[TlsTalk, TlsKeys]) -> None:
    tls, _ = secure
    pieces: list[bytes] = []
    talk, line = Talk(CLIENT, SERVER), Line(TlsKeys(lambda: pieces.pop() if pieces else b""))
    tls.shake_hands().say(INVITE).say(OK, False).say(INVITE)
    assert line.take(talk.open() + sent(talk, tls.said)) == []
    pieces.append(Path(str(tls.client_context.keylog_filename)).read_bytes())
    nothing = Segments.none(segments([]).data)
    found = line.connections.take(nothing, frames.START + 20 * frames.SECOND)
    assert [one.content for one in found] == [INVITE, OK, INVITE]
    assert [one.time // frames.SECOND - frames.START // frames.SECOND for one in found] == [1, 1, 1]
    assert found[0].time < found[1].time < found[2].time
