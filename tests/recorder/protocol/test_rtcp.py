"""RTCP: what reports say, and bad parts that do not spoil their neighbours."""

import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.protocol import rtcp
from recorder.protocol.errors import RtcpError
from recorder.protocol.rtcp import (
    Goodbye,
    OtherPacket,
    ReceiverReport,
    Reception,
    SenderReport,
    SourceDescription,
    VoipMetrics,
)

BLOCK = bytes.fromhex("00000002 40fffffe 00010203 00000010 11223344 00010000")
RECEPTION = Reception(2, 64, -2, 0x10203, 16, 0x11223344, 65536)


def part(kind: int, count: int, content: bytes, flags: int = 0x80) -> bytes:
    return struct.pack("!BBH", flags | count, kind, len(content) // 4) + content


SENDER = part(200, 1, bytes.fromhex("00000001 eed2c3ba 80000000 0000a3c7 0000000a 00000640") + BLOCK)
RECEIVER = part(201, 1, bytes.fromhex("00000001") + BLOCK)
NAMES = part(202, 2, b"\0\0\0\1\1\6a@host\2\2Al\0\0\0\0" + b"\0\0\0\2\1\1b\0")
BYE = part(203, 1, b"\0\0\0\1\4done\0\0\0")
FEEDBACK = part(205, 1, bytes(12))


def test_a_compound_packet() -> None:
    found = rtcp.parse(SENDER + RECEIVER + NAMES + BYE + FEEDBACK)
    assert found.damaged == 0
    assert found.packets == (
        SenderReport(1, 1_797_801_274_500_000_000, 0xA3C7, 10, 1600, (RECEPTION,), 0xC3BA8000),
        ReceiverReport(1, (RECEPTION,)),
        SourceDescription({1: {"cname": "a@host", "name": "Al"}, 2: {"cname": "b"}}),
        Goodbye((1,), "done"),
        OtherPacket(205, 1, bytes(12)),
    )


METRICS = "00000002 05 01 00 00 0000 0000 0078 0028 e0 c0 7f 10 5a 7f 29 7f 00 00 0014 0028 0050"


def test_voip_metrics_behind_a_block_of_another_kind() -> None:
    times = bytes.fromhex("04000002 eed2c3ba 80000000")
    found = rtcp.parse(part(207, 0, bytes.fromhex("00000001") + times + bytes.fromhex("07000008" + METRICS)))
    assert found.packets == (VoipMetrics(2, 5, 1, 120, 40, 41, 127),)


@pytest.mark.parametrize("blocks", ["", "07000008 00000002", "04000002 eed2c3ba 80000000"])
def test_an_extended_report_without_whole_voip_metrics_stays_as_it_is(blocks: str) -> None:
    content = bytes.fromhex("00000001" + blocks)
    assert rtcp.parse(part(207, 0, content)).packets == (OtherPacket(207, 0, content),)


def test_a_packet_alone_is_read() -> None:
    assert rtcp.parse(FEEDBACK).packets == (OtherPacket(205, 1, bytes(12)),)  # RFC 5506, 3


def test_a_bad_part_leaves_its_neighbours() -> None:
    found = rtcp.parse(SENDER + part(200, 0, bytes(8)) + BYE)
    assert found.damaged == 1
    assert [type(one) for one in found.packets] == [SenderReport, Goodbye]


def test_a_tail_that_is_no_rtcp_is_counted() -> None:
    found = rtcp.parse(BYE + b"\0\1\2\3")
    assert (len(found.packets), found.damaged) == (1, 1)


def test_a_cut_report_keeps_its_whole_blocks() -> None:
    two = part(201, 2, bytes.fromhex("00000001") + BLOCK + BLOCK)
    assert rtcp.parse(two[:-1]).packets == (ReceiverReport(1, (RECEPTION,)),)


def test_padding_is_not_content() -> None:
    assert rtcp.parse(part(203, 1, bytes.fromhex("00000001 00000004"), 0xA0)).packets == (Goodbye((1,)),)


def test_times_of_the_next_ntp_era_and_none() -> None:
    of_2040 = part(200, 0, struct.pack("!6I", 1, 2_208_988_800 + 2_208_988_800 - (1 << 32), 0, 0, 0, 0))
    never = part(200, 0, bytes(24))
    first, second = rtcp.parse(of_2040 + never).packets
    assert isinstance(first, SenderReport)
    assert isinstance(second, SenderReport)
    assert first.time == 2_208_988_800_000_000_000
    assert second.time == 0


@pytest.mark.parametrize(
    "data", [b"", b"\x80", b"\x80\xc8\0", b"\x40\xc8\0\0", b"\x80\x60\0\0", part(200, 0, b"")]
)
def test_nothing_readable_is_an_error(data: bytes) -> None:
    with pytest.raises(RtcpError, match="no readable RTCP packet"):
        rtcp.parse(data)


@given(
    st.lists(st.sampled_from([SENDER, RECEIVER, NAMES, BYE, FEEDBACK]) | st.binary(max_size=12)).map(b"".join)
)
def test_any_bytes_are_a_compound_or_an_rtcp_error(data: bytes) -> None:
    with contextlib.suppress(RtcpError):
        assert rtcp.parse(data).packets
