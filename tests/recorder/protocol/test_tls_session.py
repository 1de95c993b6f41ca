"""TLS connections read with keys from a log or of the server."""

import random
import ssl
from pathlib import Path

import pytest

from recorder.protocol.tls_keys import TlsKeys
from recorder.protocol.tls_records import HANDSHAKE, RecordStream
from recorder.protocol.tls_session import TlsSession
from tests.recorder.protocol import tls_talk
from tests.recorder.protocol.tls_talk import V1_0, V1_1, V1_2, V1_3, Said, TlsTalk

SECOND = 1_000_000_000
LONG = random.Random(1).randbytes(40_000)


def talked(
    log: Path | None,
    version: ssl.TLSVersion = V1_3,
    ciphers: str = "",
    kind: str = "rsa",
    options: int = 0,
) -> TlsTalk:
    """A connection in which both sides said something, short and long."""
    context = tls_talk.client_context(log, version, ciphers, options)
    talk = TlsTalk(context, tls_talk.server_context(kind)).shake_hands()
    return talk.say(b"hello").say(b"good day", False).say(LONG).say(LONG[:100], False).say(b"bye").close()


def keys(log: Path) -> TlsKeys:
    pieces = [log.read_bytes(), b""]
    return TlsKeys(lambda: pieces.pop(0) if pieces else b"")


def read(
    said: list[Said], session: TlsSession, size: int = 1 << 20, missing: tuple[int, ...] = ()
) -> dict[bool, bytes]:
    """What each side wrote, from segments of ``size`` bytes; those numbered ``missing`` never came."""
    found = {True: b"", False: b""}
    segments = [(who, data[at : at + size]) for who, data in said for at in range(0, len(data), size)]
    gaps: set[bool] = set()
    for number, (who, data) in enumerate(segments):
        if number in missing:
            gaps.add(who)
            continue
        for plain in session.feed(who, data, who in gaps, number):
            found[plain.is_client] += plain.content
        gaps.discard(who)
    session.close()
    return found


WHOLE = {True: b"hello" + LONG + b"bye", False: b"good day" + LONG[:100]}
AEAD = ["AES128-GCM-SHA256", "AES256-GCM-SHA384", "AES128-CCM", "AES256-CCM8"]
CBC = ["AES128-SHA", "AES256-SHA", "AES128-SHA256", "AES256-SHA256"]
EPHEMERAL = ["ECDHE-RSA-AES256-SHA384", "ECDHE-RSA-CHACHA20-POLY1305"]
NO_EXTENDED_MASTER, NO_ENCRYPT_THEN_MAC = 1 << 0, 1 << 19
"""Options of OpenSSL that Python has no names for."""


@pytest.mark.parametrize(
    ("version", "ciphers"),
    [
        (V1_3, ""),
        *((V1_2, name) for name in (*AEAD, *CBC, *EPHEMERAL)),
        *((version, name) for version in (V1_0, V1_1) for name in CBC[:2]),
    ],
)
def test_what_was_said_is_read_with_a_key_log(tmp_path: Path, version: ssl.TLSVersion, ciphers: str) -> None:
    log = tmp_path / "keys"
    said = talked(log, version, ciphers).said
    for size in (1 << 20, 700):
        session = TlsSession(keys(log), 0)
        assert read(said, session, size) == WHOLE
        assert session.trouble == ""
        assert len(session) == 0


@pytest.mark.parametrize("options", [0, NO_EXTENDED_MASTER, NO_ENCRYPT_THEN_MAC, ssl.OP_NO_TICKET])
@pytest.mark.parametrize(
    ("version", "ciphers"), [*((V1_2, name) for name in (*AEAD[:2], *CBC)), (V1_1, CBC[0]), (V1_0, CBC[1])]
)
def test_what_was_said_is_read_with_the_key_of_the_server(
    version: ssl.TLSVersion, ciphers: str, options: int
) -> None:
    said = talked(None, version, ciphers, options=options).said
    rsa_keys = [tls_talk.private_key("another"), tls_talk.private_key("rsa")]
    session = TlsSession(TlsKeys(rsa_keys=rsa_keys), 0)
    assert read(said, session, 1000) == WHOLE
    assert session.trouble == ""


@pytest.mark.parametrize("options", [0, ssl.OP_NO_TICKET])
@pytest.mark.parametrize("version", [V1_2, V1_3])
def test_a_session_that_is_resumed_is_read(tmp_path: Path, version: ssl.TLSVersion, options: int) -> None:
    log = tmp_path / "keys"
    context = tls_talk.client_context(log, version, "AES128-GCM-SHA256" if version == V1_2 else "", options)
    server = tls_talk.server_context("rsa")
    first = TlsTalk(context, server).shake_hands().say(b"first").close()
    again = TlsTalk(context, server, first.client.session).shake_hands().say(b"again")
    assert again.client.session_reused
    rsa_only = TlsKeys(rsa_keys=[tls_talk.private_key("rsa")])
    for given in [keys(log), rsa_only] if version == V1_2 else [keys(log)]:
        assert read(first.said, TlsSession(given, 0))[True] == b"first"
        assert read(again.said, TlsSession(given, 0))[True] == b"again"


def test_a_server_may_ask_for_another_hello(tmp_path: Path) -> None:
    log = tmp_path / "keys"
    server = tls_talk.server_context("asks again")
    server.set_ecdh_curve("secp384r1")
    said = TlsTalk(tls_talk.client_context(log, V1_3), server).shake_hands().say(b"hello").said
    records = RecordStream().feed(b"".join(data for who, data in said if who))
    assert [record.kind for record in records].count(HANDSHAKE) == 2
    assert read(said, TlsSession(keys(log), 0))[True] == b"hello"


def test_ecdsa_and_short_tags(tmp_path: Path) -> None:
    said = talked(tmp_path / "keys", V1_2, "ECDHE-ECDSA-AES128-CCM8", "ec").said
    assert read(said, TlsSession(keys(tmp_path / "keys"), 0)) == WHOLE
