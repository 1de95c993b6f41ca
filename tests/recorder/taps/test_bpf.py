"""The kernel filter, run by a small machine here; test_af_packet has the kernel run it."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earwitness.settings import MOST_PORT_RANGES
from recorder.taps.bpf import IPV4, IPV6, PortRange, pack, ranges, udp_filter
from tests.recorder.taps.bpf_machine import run
from tests.recorder.taps.ethernet import DROP, PASS, ethernet, ipv4, ipv6, tcp, udp

TAGGED = [(), ((0x8100, 42),), ((0x88A8, 7), (0x8100, 42)), ((0x9100, 7), (0x8100, 42))]


@pytest.mark.parametrize("tags", TAGGED, ids=len)
@pytest.mark.parametrize("name", PASS)
def test_udp_and_what_may_be_part_of_it_passes(name: str, tags: tuple) -> None:
    kind, body = PASS[name]
    assert run(udp_filter(snap_length=1234), ethernet(kind, body, *tags)) == 1234


@pytest.mark.parametrize("tags", TAGGED, ids=len)
@pytest.mark.parametrize("name", DROP)
def test_everything_else_is_dropped(name: str, tags: tuple) -> None:
    kind, body = DROP[name]
    assert run(udp_filter(), ethernet(kind, body, *tags)) == 0


@pytest.mark.parametrize("tags", TAGGED, ids=len)
def test_ports_are_looked_for_on_both_sides(tags: tuple) -> None:
    program = udp_filter(ports=[PortRange(5060, 5061), PortRange(10000, 20000)])
    for source, destination, passes in (
        (5060, 9, True),
        (9, 5061, True),
        (5059, 5062, False),
        (10000, 9, True),
        (9, 20000, True),
        (9999, 20001, False),
    ):
        for kind, packet in (
            (IPV4, ipv4(udp(source, destination))),
            (IPV4, ipv4(udp(source, destination), options=b"\x94\x04\0\0")),
            (IPV6, ipv6(udp(source, destination))),
        ):
            assert bool(run(program, ethernet(kind, packet, *tags))) == passes


def test_fragments_pass_whatever_the_ports() -> None:
    program = udp_filter(ports=[PortRange(5060, 5060)])
    assert run(program, ethernet(*PASS["ipv4 later fragment"]))
    assert run(program, ethernet(*PASS["ipv6 fragment"]))
    assert not run(program, ethernet(*DROP["other tcp"]))


def test_ports_of_tcp_can_be_chosen() -> None:
    program = udp_filter(tcp_ports=[PortRange(8088, 8089)])
    assert run(program, ethernet(IPV4, ipv4(tcp(8089, 9), protocol=6)))
    assert not run(program, ethernet(*PASS["tcp"]))
    assert not run(udp_filter(tcp_ports=()), ethernet(*PASS["ipv6 tcp"]))


def test_neighbouring_ports_are_one_range_and_as_many_fit_as_can_be_set() -> None:
    assert ranges([5062, 5060, 5061, 443, 5060]) == (PortRange(443, 443), PortRange(5060, 5062))
    program = udp_filter(tcp_ports=ranges(range(6000, 6000 + 2 * MOST_PORT_RANGES, 2)))
    assert run(program, ethernet(IPV6, ipv6(tcp(40000, 6030), following=6), *TAGGED[2]))
    assert not run(program, ethernet(IPV6, ipv6(tcp(40000, 6031), following=6), *TAGGED[2]))


def test_outgoing_frames_are_dropped_where_asked() -> None:
    frame = ethernet(*PASS["ipv4"])
    program = udp_filter(ignore_outgoing=True)
    assert run(program, frame, packet_type=4) == 0
    assert run(program, frame, packet_type=0) == 65535
    assert run(udp_filter(), frame, packet_type=4) == 65535


def test_too_many_ports_are_refused() -> None:
    with pytest.raises(ValueError, match="fewer, wider"):
        udp_filter(ports=[PortRange(port, port) for port in range(0, 400, 2)])


def test_instructions_are_packed_as_the_kernel_reads_them() -> None:
    program = udp_filter()
    packed = pack(program)
    assert len(packed) == 8 * len(program)
    assert struct.unpack("=HBBI", packed[:8]) == tuple(program[0])


@given(st.binary(max_size=120))
def test_no_frame_confuses_it(frame: bytes) -> None:
    assert run(udp_filter(ports=[PortRange(1, 9)]), frame) in (0, 65535)
