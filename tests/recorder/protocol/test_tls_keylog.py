"""Key-log files."""

from hypothesis import given
from hypothesis import strategies as st

from recorder.protocol.tls_keylog import CLIENT_TRAFFIC, MASTER, SERVER_TRAFFIC, KeyLog

RANDOM = bytes(range(32))


def test_secrets_are_found_by_client_random_and_label() -> None:
    log = KeyLog()
    log.feed(b"# made by a server\r\n\n")
    log.feed(b"CLIENT_RANDOM " + RANDOM.hex().upper().encode() + b" 0A0b\r\n")
    log.feed(f"{CLIENT_TRAFFIC} {RANDOM.hex()} 01\n{SERVER_TRAFFIC} {RANDOM.hex()} 02\n".encode())
    log.feed(f"CLIENT_HANDSHAKE_TRAFFIC_SECRET {RANDOM.hex()} 03\nRSA 0011223344556677 04\n".encode())
    assert log.secrets(RANDOM) == {MASTER: b"\x0a\x0b", CLIENT_TRAFFIC: b"\1", SERVER_TRAFFIC: b"\2"}
    assert log.secrets(bytes(32)) == {}
    assert log.bad_lines == 0


def test_lines_that_are_none_are_counted() -> None:
    log = KeyLog()
    log.feed(b"CLIENT_RANDOM 00\nCLIENT_RANDOM 0 00\nCLIENT_RANDOM zz 00\n\xff\xfe 00 00\n" + b"x" * 2000)
    log.feed(b"\n" + f"{MASTER} 01 02\n".encode())
    assert log.bad_lines == 4
    assert log.secrets(b"\1") == {MASTER: b"\2"}


def test_the_newest_connections_are_kept() -> None:
    log = KeyLog(most=3)
    for number in range(5):
        log.feed(f"{MASTER} {number:02x} 00\n{CLIENT_TRAFFIC} {number:02x} 00\n".encode())
    assert len(log) == 3
    assert [number for number in range(5) if log.secrets(bytes([number]))] == [2, 3, 4]


@given(st.lists(st.binary(max_size=40)))
def test_anything_may_stand_in_it(pieces: list[bytes]) -> None:
    log = KeyLog()
    for piece in pieces:
        log.feed(piece)
    log.feed(f"\n{MASTER} {RANDOM.hex()} 0102\n".encode())
    assert log.secrets(RANDOM) == {MASTER: b"\1\2"}
