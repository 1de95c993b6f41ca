"""Telling SIP, media and the rest apart by the first bytes."""

import pytest

from recorder.protocol import classify, udp
from tests.recorder import frames

RTP = b"\x80\0" + bytes(10)


def classes_of(*payloads: bytes) -> tuple[list[int], list[int], list[int]]:
    found = classify.parse(
        udp.parse(frames.batch([frames.ethernet(frames.ipv4(frames.udp(one))) for one in payloads]))
    )
    return found.sip.tolist(), found.media.tolist(), found.other.tolist()


@pytest.mark.parametrize(
    "data",
    [
        b"INVITE sip:1001@127.0.0.1 SIP/2.0\r\n",
        b"BYE sip:a@b SIP/2.0\r\nVia: x\r\n",
        b"SUBSCRIBE sip:a@b SIP/2.0\r\n",
        b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP x\r\n",
        b"\r\n\r\nACK sip:a@b SIP/2.0\r\n",
    ],
)
def test_sip(data: bytes) -> None:
    assert classes_of(data) == ([0], [], [])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0",
        b"\r\n\r\n",
        b"\r\n" * 20,
        b"A sip:short method name SIP/2.0",
        b"Invite sip:1001@127.0.0.1 SIP/2.0",
        b"INVITEINVITEINVITE sip:1001 SIP/2.0",
        b"SIP/2.0\r\n" + bytes(30),
        b"HTTP/1.1 200 OK\r\nServer: x",
        b"\x00\x01\x00\x08\x21\x12\xa4\x42" + bytes(20),
        b"\x16\xfe\xfd" + bytes(40),
        b"\x80\xc9\0\1\0\0\0",
        b"\xff" * 40,
    ],
)
def test_other(data: bytes) -> None:
    assert classes_of(data) == ([], [], [0])


def test_every_row_is_in_one_class() -> None:
    assert classes_of(RTP, b"", b"BYE sip:a@b SIP/2.0\r\n", b"\xbf" + bytes(11), b"x") == (
        [2],
        [0, 3],
        [1, 4],
    )


def test_nothing_in_nothing_out() -> None:
    assert classes_of() == ([], [], [])


@pytest.mark.parametrize("ports", [(2427, 2727), (50_000, 2427), (2727, 4000)])
def test_mgcp_is_told_by_its_port_and_its_beginning(ports: tuple[int, int]) -> None:
    contents = [
        b"CRCX 1 aaln/1@gw MGCP 1.0\r\n",
        b"200 7 OK\r\n",
        b"INVITE sip:1001@127.0.0.1 SIP/2.0\r\n",
        b"ntfy 9 a@b MGCP 1.0\r\n",
        b"hello hello hello hello",
        b"\x80" + bytes(20),
        b"200 OK\r\n",
    ]
    found = classify.parse(
        udp.parse(frames.batch([frames.ethernet(frames.ipv4(frames.udp(one, *ports))) for one in contents]))
    )
    assert found.mgcp.tolist() == [0, 1, 3]
    assert (found.sip.tolist(), found.media.tolist(), found.other.tolist()) == ([2], [5], [4, 6])


def test_elsewhere_there_is_no_mgcp() -> None:
    contents = [b"200 7 OK\r\n", b"200 1204 OK and so on until it is long"]
    found = classify.parse(
        udp.parse(
            frames.batch([frames.ethernet(frames.ipv4(frames.udp(one, 5000, 5004))) for one in contents])
        )
    )
    assert len(found.mgcp) == 0
