"""TLS connections of which something is missing: bytes, keys, or sense."""

import functools
import random
import ssl
import tempfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from recorder.protocol import tls_session
from recorder.protocol.tls_handshake import HandshakeStream
from recorder.protocol.tls_hello import client_hello, server_hello
from recorder.protocol.tls_keylog import MASTER, SERVER_TRAFFIC
from recorder.protocol.tls_keys import TlsKeys
from recorder.protocol.tls_records import RecordStream
from recorder.protocol.tls_schedule import WriteKeys, next_secret, traffic_keys, write_keys
from recorder.protocol.tls_session import PATIENCE, ROOM, TlsSession
from recorder.protocol.tls_suites import SUITES
from tests.recorder.protocol import tls_talk
from tests.recorder.protocol.tls_talk import V1_0, V1_2, V1_3, Said, TlsTalk

VERSIONS = [(V1_3, ""), (V1_2, "AES128-GCM-SHA256"), (V1_2, "AES128-SHA"), (V1_0, "AES128-SHA")]
LINES = [b"line %d" % number for number in range(20)]


@pytest.fixture(scope="module", params=VERSIONS, ids=lambda one: f"{one[0].name} {one[1]}")
def recorded(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[list[Said], list[Said], bytes]:
    """A handshake, then twenty lines of the client, each in a segment; and the key log."""
    return record(tmp_path_factory.mktemp("tls"), *request.param)


def record(folder: Path, version: ssl.TLSVersion, ciphers: str) -> tuple[list[Said], list[Said], bytes]:
    log = folder / "keys"
    talk = TlsTalk(tls_talk.client_context(log, version, ciphers), tls_talk.server_context("rsa"))
    handshake = list(talk.shake_hands().said)
    talk.said.clear()
    for line in LINES:
        talk.say(line)
    return handshake, talk.said, log.read_bytes()


def keys(log: bytes) -> TlsKeys:
    pieces = [log]
    return TlsKeys(lambda: pieces.pop() if pieces else b"")


def heard(session: TlsSession, said: list[Said], follows_gap: bool = False, now: int = 0) -> list[bytes]:
    found = []
    for who, data in said:
        found += [plain.content for plain in session.feed(who, data, follows_gap and who, now)]
        follows_gap = False
    return found


def test_what_follows_a_gap_is_read(recorded: tuple[list[Said], list[Said], bytes]) -> None:
    handshake, lines, log = recorded
    session = TlsSession(keys(log), 0)
    assert heard(session, handshake) == []
    assert heard(session, lines[:5]) == LINES[:5]
    # OpenSSL puts an empty record before each of TLS 1.0, which is lost for want of the block before it.
    after = session.feed(*lines[12], True, 0) + session.feed(*lines[13], False, 0)
    assert [(plain.content, plain.follows_gap) for plain in after] == [(LINES[12], True), (LINES[13], False)]
    assert session.trouble == ""


def test_a_segment_that_begins_inside_a_record_is_passed_over(
    recorded: tuple[list[Said], list[Said], bytes],
) -> None:
    handshake, lines, log = recorded
    session = TlsSession(keys(log), 0)
    heard(session, handshake + lines[:3])
    assert session.feed(True, lines[4][1][7:], True, 0) == []
    assert heard(session, lines[5:8])[-2:] == LINES[6:8]


def test_a_gap_in_the_certificates_does_no_harm(recorded: tuple[list[Said], list[Said], bytes]) -> None:
    handshake, lines, log = recorded
    session = TlsSession(keys(log), 0)
    flight = next(number for number, (who, _) in enumerate(handshake) if not who)
    before, (_, certificates), after = handshake[:flight], handshake[flight], handshake[flight + 1 :]
    heard(session, before)
    session.feed(False, certificates[:200], False, 0)
    for who, data in after:
        session.feed(who, data, not who, 0)
    assert heard(session, lines) == LINES
    assert session.trouble == ""


def test_a_key_that_comes_late_opens_what_waited(recorded: tuple[list[Said], list[Said], bytes]) -> None:
    handshake, lines, log = recorded
    pieces: list[bytes] = []
    session = TlsSession(TlsKeys(lambda: pieces.pop() if pieces else b""), 0)
    assert heard(session, handshake + lines) == []
    assert session.is_waiting
    assert session.go_on(PATIENCE // 2) == []
    pieces.append(log)
    assert [plain.content for plain in session.go_on(PATIENCE)] == LINES
    assert not session.is_waiting
    assert len(session) == 0


def test_a_gap_in_what_waits_stays_where_it_was(recorded: tuple[list[Said], list[Said], bytes]) -> None:
    handshake, lines, log = recorded
    pieces: list[bytes] = []
    session = TlsSession(TlsKeys(lambda: pieces.pop() if pieces else b""), 0)
    heard(session, handshake + lines[:5])
    session.feed(*lines[10], True, 0)
    heard(session, lines[11:13])
    pieces.append(log)
    found = [(plain.content, plain.follows_gap) for plain in session.go_on(1)]
    first = found[5][0]
    assert found[:5] == [(line, False) for line in LINES[:5]]
    assert [one[0] for one in found[5:]] == LINES[LINES.index(first) : 13]
    assert [one[1] for one in found[5:]] == [True] + [False] * (len(found) - 6)


def test_a_key_that_never_comes_is_given_up(recorded: tuple[list[Said], list[Said], bytes]) -> None:
    handshake, lines, _ = recorded
    session = TlsSession(TlsKeys(lambda: b""), 0)
    heard(session, handshake + lines)
    session.go_on(PATIENCE + 1)
    assert (session.trouble, len(session)) == (tls_session.NO_KEY, 0)
    assert heard(session, lines) == []


def test_what_waits_for_a_key_is_bounded(recorded: tuple[list[Said], list[Said], bytes]) -> None:
    handshake, lines, _ = recorded
    session = TlsSession(TlsKeys(lambda: b""), 0)
    heard(session, handshake)
    for _ in range(4000):
        heard(session, lines[:1])
        assert len(session) <= ROOM + 100
    assert session.trouble == tls_session.NO_KEY


def test_a_key_of_another_connection_is_told(recorded: tuple[list[Said], list[Said], bytes]) -> None:
    handshake, lines, log = recorded
    words = [line.split() for line in log.decode().splitlines() if not line.startswith("#")]
    wrong = "".join(f"{label} {one} {secret[::-1]}\n" for label, one, secret in words)
    session = TlsSession(keys(wrong.encode()), 0)
    assert heard(session, handshake + lines) == []
    session.close()
    assert session.trouble == tls_session.WRONG_KEY


def test_the_key_of_another_server_opens_nothing(recorded: tuple[list[Said], list[Said], bytes]) -> None:
    handshake, lines, _ = recorded
    session = TlsSession(TlsKeys(rsa_keys=[tls_talk.private_key("another")]), 0)
    assert heard(session, handshake + lines) == []
    session.close()
    assert session.trouble == tls_session.NO_KEY


def test_a_suite_that_is_not_known_is_told(tmp_path: Path) -> None:
    handshake, lines, log = record(tmp_path, V1_2, "ECDHE-ARIA128-GCM-SHA256")
    session = TlsSession(keys(log), 0)
    assert heard(session, handshake + lines) == []
    assert (session.trouble, len(session)) == (tls_session.SUITE, 0)


def test_without_the_hello_of_one_side_nothing_is_known(
    recorded: tuple[list[Said], list[Said], bytes],
) -> None:
    handshake, lines, log = recorded
    session = TlsSession(keys(log), 0)
    heard(session, [one for one in handshake + lines if one[0]])
    session.close()
    assert session.trouble == tls_session.MIDDLE


def test_a_hello_that_is_cut_by_a_gap_is_told(recorded: tuple[list[Said], list[Said], bytes]) -> None:
    handshake, _, log = recorded
    session = TlsSession(keys(log), 0)
    session.feed(True, handshake[0][1][:60], False, 0)
    session.feed(True, handshake[0][1][80:], True, 0)
    assert session.trouble == tls_session.GAP


@pytest.mark.parametrize(
    "bad",
    [
        b"\x16\x03\x01\x00\x06\x01\x00\x00\x02\x03\x03",
        b"\x16\x03\x01\x00\x04\x01\xff\xff\xff",
        b"\x16\x03\x01\x00\x2e\x01\x00\x00\x2a" + bytes(34) + b"\xff" * 8,
    ],
)
def test_a_hello_that_makes_no_sense_is_told(bad: bytes) -> None:
    session = TlsSession(TlsKeys(lambda: b""), 0)
    assert session.feed(True, bad, False, 0) == []
    assert session.trouble == tls_session.MALFORMED


def test_keys_are_updated(tmp_path: Path) -> None:
    """The server's next keys, which Python's ssl cannot ask for: its records are sealed here."""
    log = tmp_path / "keys"
    client = tls_talk.client_context(log, V1_3)
    said = TlsTalk(client, tls_talk.server_context("rsa")).shake_hands().said
    opened = keys(log.read_bytes())
    session = TlsSession(opened, 0)
    heard(session, said)
    number = int.from_bytes(said[1][1][76:78], "big")
    suite = SUITES[number]
    secret = opened.secret(said[0][1][11:43], SERVER_TRAFFIC)
    assert secret is not None

    def sealed(count: int, kind: int, content: bytes) -> bytes:
        made = traffic_keys(secret, suite)
        nonce = (int.from_bytes(made.iv, "big") ^ count).to_bytes(12, "big")
        head = b"\x17\3\3" + (len(content) + 1 + 16).to_bytes(2, "big")
        return head + AESGCM(made.key).encrypt(nonce, content + bytes([kind]), head)

    tickets = 2
    update = sealed(tickets, 22, b"\x18\0\0\1\0")
    assert heard(session, [(False, update)]) == []
    assert heard(session, [(False, sealed(tickets + 1, 23, b"the old keys"))]) == []
    secret = next_secret(secret, suite)
    assert heard(session, [(False, sealed(0, 23, b"the new keys") + sealed(1, 23, b"still"))]) == [
        b"the new keys",
        b"still",
    ]


class Sealer:
    """What a side of TLS 1.2 writes with AES-GCM, from record ``number`` on."""

    def __init__(self, made: WriteKeys, number: int = 0) -> None:
        self._made = made
        self._number = number

    def __call__(self, kind: int, content: bytes) -> bytes:
        count = self._number.to_bytes(8, "big")
        said = count + bytes([kind, 3, 3]) + len(content).to_bytes(2, "big")
        sealed = count + AESGCM(self._made.key).encrypt(self._made.iv + count, content, said)
        self._number += 1
        return bytes([kind, 3, 3]) + len(sealed).to_bytes(2, "big") + sealed


@pytest.mark.parametrize("with_gap", [True, False])
def test_a_handshake_inside_the_connection_changes_the_keys(tmp_path: Path, with_gap: bool) -> None:
    """A renegotiation, which Python's ssl cannot ask for: both sides are sealed here."""
    said, _, log = record(tmp_path, V1_2, "AES128-GCM-SHA256")
    hello = HandshakeStream().feed(RecordStream().feed(said[0][1])[0].fragment)[0]
    answer = HandshakeStream().feed(RecordStream().feed(said[1][1])[0].fragment)[0]
    client, server = client_hello(hello.body), server_hello(answer.body)
    suite = SUITES[server.suite]
    master = bytes.fromhex(log.split()[-1].decode())
    one, other = (Sealer(made, 1) for made in write_keys(master, client, server, suite))
    new_client, new_server = client._replace(random=b"c" * 32), server._replace(random=b"s" * 32)
    new_master = b"m" * 48
    again = f"{MASTER} {new_client.random.hex()} {new_master.hex()}\n".encode()
    session = TlsSession(keys(log + again), 0)
    assert heard(session, said) == []
    if with_gap:
        one(23, b"lost")
    inside = hello.raw.replace(client.random, new_client.random)
    assert session.feed(True, one(22, inside), with_gap, 0) == []
    assert heard(session, [(True, one(23, b"meanwhile")), (False, other(23, b"yes"))]) == [
        b"meanwhile",
        b"yes",
    ]
    heard(session, [(False, other(22, answer.raw.replace(server.random, new_server.random)))])
    heard(session, [(True, one(20, b"\1")), (False, other(20, b"\1"))])
    one, other = (Sealer(made) for made in write_keys(new_master, new_client, new_server, suite))
    assert heard(session, [(True, one(23, b"new")), (False, other(23, b"keys"))]) == [b"new", b"keys"]
    assert session.trouble == ""


@functools.cache
def long_talk() -> tuple[list[Said], bytes]:
    """A handshake and the lines, and the key log."""
    with tempfile.TemporaryDirectory() as folder:
        handshake, lines, log = record(Path(folder), V1_2, "AES128-GCM-SHA256")
    return handshake + lines, log


@given(st.integers(0, 2**32))
def test_how_it_is_cut_makes_no_difference(seed: int) -> None:
    said, log = long_talk()
    rng = random.Random(seed)
    session = TlsSession(keys(log), 0)
    found = []
    for who, content in said:
        at = 0
        while at < len(content):
            size = rng.choice([1, 2, 5, 40, 700, 5000])
            found += [one.content for one in session.feed(who, content[at : at + size], False, 0)]
            at += size
    assert b"".join(found) == b"".join(LINES)


@given(st.binary(max_size=200), st.integers(0, 4000), st.booleans(), st.booleans())
def test_nothing_is_raised_or_hoarded_whatever_comes(
    junk: bytes, place: int, is_inserted: bool, follows_gap: bool
) -> None:
    said, log = long_talk()
    session = TlsSession(keys(log), 0)
    for who, content in said:
        changed = content
        if 0 <= place < len(content):
            changed = content[:place] + junk + content[place + (0 if is_inserted else len(junk)) :]
        place -= len(content)
        for plain in session.feed(who, changed, follows_gap and changed != content, 0):
            assert plain.content in LINES
        assert len(session) <= ROOM + 40_000
    session.close()
    assert len(session) == 0 or not session.trouble
