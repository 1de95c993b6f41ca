"""MGCP messages, alone and together."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.protocol import mgcp
from recorder.protocol.errors import MgcpError
from recorder.protocol.mgcp import Command, Event, Response
from recorder.protocol.sdp import SessionDescription
from tests.recorder.protocol import gateway

LINE = "aaln/1@rgw-2567.whatever.net"
SDP = gateway.description("192.0.2.5", 3456)


@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_a_command_and_its_description(end: str) -> None:
    content = gateway.command("CRCX", 1204, LINE, "C: A3C47F21456789F0", "M:recvonly", sdp=SDP, end=end)
    (found,) = mgcp.parse(content)
    assert isinstance(found, Command)
    assert (found.verb, found.transaction, found.endpoint) == ("CRCX", 1204, LINE)
    assert (found.get("C"), found.get("M"), found.get("X")) == ("A3C47F21456789F0", "recvonly", "")
    assert SessionDescription.parse(found.sdp).media[0].port == 3456


def test_messages_in_one_datagram_are_read_one_by_one() -> None:
    content = gateway.together(
        [
            gateway.response(200, 2005),
            gateway.command("DLCX", 1244, "card23/21@tgw-7", "C: A3C4", "I: FDE234C8"),
            b"what is this\r\n",
            gateway.response(200, 2006, "I: FDE2", sdp=SDP),
        ]
    )
    first, second, third = mgcp.parse(content)
    assert first == Response(200, 2005)
    assert second == Command("DLCX", 1244, "card23/21@tgw-7", (("C", "A3C4"), ("I", "FDE234C8")))
    assert isinstance(third, Response)
    assert (third.get("I"), third.sdp) == ("FDE2", SDP.strip())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\r\n.\r\n.\r\n",
        b"INFO sip:a@b SIP/2.0\r\n",
        b"CRCX one aaln/1@x MGCP 1.0\r\n",
        b"CRCX 1 aaln/1@x\r\n",
        b"20 1 OK\r\n",
    ],
)
def test_what_is_none_is_refused(content: bytes) -> None:
    with pytest.raises(MgcpError):
        mgcp.parse(content)


def test_a_command_that_is_too_long_to_be_kept_is_refused() -> None:
    head = b"RQNT 1201 aaln/1@gateway.example MGCP 1.0\nX: 1\nS: L/ci(10/14/17/26, 5551212, "
    assert len(mgcp.parse(head + b"x" * 4000 + b")\n")) == 1
    with pytest.raises(MgcpError, match="a datagram of 60000 bytes is none of MGCP"):
        mgcp.parse(head.ljust(60_000, b"x"))


def test_empty_lines_come_before_a_message_or_are_none() -> None:
    assert mgcp.parse(b"\r\n \r\n200 7 OK\r\n") == [Response(200, 7)]
    with pytest.raises(MgcpError):
        mgcp.parse(b"\n" * 60_000)


def test_letters_of_any_case_are_the_same() -> None:
    (found,) = mgcp.parse(b"ntfy 5 AALN/1@GW mgcp 1.0\r\no:L/HD\r\n")
    assert isinstance(found, Command)
    assert (found.verb, found.endpoint, found.get("O")) == ("NTFY", "aaln/1@gw", "L/HD")
    assert mgcp.events(found.get("O")) == [Event("l", "hd", ())]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", []),
        ("D/9, D/#,D/*", [("d", "9"), ("d", "#"), ("d", "*")]),
        ("hd", [("", "hd")]),
        ("L/rg@364823", [("l", "rg")]),
        ("L/hd,!!,L/hu", [("l", "hd"), ("l", "hu")]),
    ],
)
def test_events_of_a_list(value: str, expected: list[tuple[str, str]]) -> None:
    assert [(one.package, one.name) for one in mgcp.events(value)] == expected


def test_commas_in_brackets_and_quotes_separate_nothing() -> None:
    found = mgcp.events('L/ci(09/14/17/26,"3035551234","Doe, J. (home)"), L/rg')
    assert found == [
        Event("l", "ci", ("09/14/17/26", "3035551234", "Doe, J. (home)")),
        Event("l", "rg", ()),
    ]


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for content in (data, b"CRCX 1 a@b MGCP 1.0\r\n" + data, b"200 1 OK\n" + data):
        with contextlib.suppress(MgcpError):
            for message in mgcp.parse(content):
                mgcp.events(message.get("O"))
