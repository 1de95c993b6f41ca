"""The live tap on real interfaces: every packet is accounted for."""

import ctypes
import socket
import struct
import threading
from collections.abc import Iterator

import numpy as np
import pytest

from recorder.batch import Batch
from recorder.errors import TapError, TapNotPermitted
from recorder.simulate.callcentre import CallCentre
from recorder.simulate.errors import InterfaceRefused
from recorder.simulate.interface import InterfaceSink
from recorder.simulate.options import ALL_ANSWERED, SimulationOptions
from recorder.taps.af_packet import BLOCK_BYTES, AfPacketTap
from recorder.taps.bpf import IPV4
from recorder.taps.simulator import SimulatorTap
from tests.recorder.taps.drained import drained
from tests.recorder.taps.ethernet import DROP, PASS, ethernet, ipv4, ipv6, tcp, udp
from tests.recorder.taps.network_namespace import Namespace, connected_pair
from tests.waiting import PATIENCE, until

pytestmark = pytest.mark.root

LOAD = SimulationOptions(
    concurrent=200,
    calls=200,
    ramp_seconds=0.2,
    talk_seconds=3,
    talk_spread=0,
    ring_seconds=0.1,
    hold=0,
    legs=1,
    outcomes=ALL_ANSWERED,
)


@pytest.fixture
def cable() -> Iterator[Namespace]:
    with connected_pair(mtu=9000) as namespace:
        yield namespace


def tap_on(namespace: Namespace, interface: str = "receiver", **settings) -> AfPacketTap:
    return namespace.inside(lambda: AfPacketTap(interface, **settings))


def sender_on(namespace: Namespace) -> InterfaceSink:
    return namespace.inside(lambda: InterfaceSink("sender"))


def batch_of(frames: list[bytes]) -> Batch:
    lengths = np.array([len(frame) for frame in frames], np.int32)
    return Batch(
        data=np.frombuffer(b"".join(frames), np.uint8),
        offsets=np.cumsum(lengths, dtype=np.int64) - lengths,
        lengths=lengths,
        wire_lengths=lengths,
        times=np.zeros(len(frames), np.int64),
    )


def frames_of(batch: Batch) -> list[bytes]:
    return [
        batch.data[offset : offset + length].tobytes()
        for offset, length in zip(batch.offsets, batch.lengths, strict=True)
    ]


def send_and_receive(namespace: Namespace, frames: list[bytes], **settings) -> list[bytes]:
    with tap_on(namespace, **settings) as tap, sender_on(namespace) as sink:
        sink.write(batch_of(frames))
        return [frame for batch in drained(tap) for frame in frames_of(batch)]


def test_two_hundred_calls_are_captured_to_the_last_packet(cable: Namespace) -> None:
    with tap_on(cable) as tap, sender_on(cable) as sink:
        calls = SimulatorTap(LOAD, 1.0, step_seconds=0.02)

        def send() -> None:
            for batch in calls:
                sink.write(batch)

        sending = threading.Thread(target=send)
        sending.start()
        batches = list(drained(tap, done=lambda: not sending.is_alive()))
        sending.join()

        sent = calls.truths().frames
        received = sum(map(len, batches))
        dropped = sum(batch.dropped for batch in batches)
        assert sent == sink.sent > 60_000
        assert received + dropped == sent
        assert dropped == 0
        assert (tap.statistics.delivered, tap.statistics.passed) == (received, sent)
        assert all(batch.link_type == 1 for batch in batches)
        times = np.concatenate([batch.times for batch in batches])
        assert np.all(np.diff(times) >= 0)


def test_frames_arrive_as_they_were_sent(cable: Namespace) -> None:
    centre = CallCentre(LOAD)
    sent = centre.generate(centre.now_ns + 500_000_000)
    assert send_and_receive(cable, frames_of(sent)) == frames_of(sent)


def test_what_a_full_ring_loses_is_counted(cable: Namespace) -> None:
    centre = CallCentre(LOAD)
    sent = centre.generate(centre.now_ns + 1_000_000_000)
    with tap_on(cable, ring_bytes=4 * BLOCK_BYTES) as tap, sender_on(cable) as sink:
        sink.write(sent)
        batches = list(drained(tap))
        received = sum(map(len, batches))
        dropped = sum(batch.dropped for batch in batches)
        assert dropped > 0
        assert received > 1000
        assert received + dropped == len(sent)
        assert tap.statistics.dropped == dropped

        sink.write(batch_of([ethernet(*PASS["ipv4"])]))
        again = list(drained(tap))
        assert [len(batch) for batch in again if len(batch)] == [1]
        assert sum(batch.dropped for batch in again) == 0


def test_the_kernel_passes_what_it_should(cable: Namespace) -> None:
    for tags in ((), ((0x8100, 42),), ((0x88A8, 7), (0x8100, 42))):
        wanted = [ethernet(kind, body, *tags) for kind, body in PASS.values()]
        others = [ethernet(kind, body, *tags) for kind, body in DROP.values()]
        assert send_and_receive(cable, [*others, *wanted, *others]) == wanted


def test_ports_of_signalling_can_be_chosen(cable: Namespace) -> None:
    wanted = [ethernet(IPV4, ipv4(tcp(40000, port), protocol=6)) for port in (443, 7443, 7444)]
    others = [ethernet(IPV4, ipv4(tcp(40000, port), protocol=6)) for port in (5060, 442, 444, 7445)]
    received = send_and_receive(cable, [*others, *wanted, *others], tcp_ports=(7443, 443, 7444))
    assert received == wanted


def test_long_frames_come_whole_or_are_counted_as_cut(cable: Namespace) -> None:
    long = [
        ethernet(0x0800, ipv4(udp(payload=bytes(8900)))),
        ethernet(0x86DD, ipv6(udp(payload=b"v" * 1400))),
    ]
    assert send_and_receive(cable, long) == long
    with tap_on(cable, snap_length=200) as tap, sender_on(cable) as sink:
        sink.write(batch_of(long))
        batches = list(drained(tap))
        assert np.concatenate([batch.lengths for batch in batches]).tolist() == [200, 200]
        wire_lengths = np.concatenate([batch.wire_lengths for batch in batches])
        assert wire_lengths.tolist() == [len(frame) for frame in long]
        assert tap.statistics.truncated == 2


def test_loopback_gives_each_datagram_once(cable: Namespace) -> None:
    def datagram_socket() -> socket.socket:
        return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    with tap_on(cable, "lo") as tap, cable.inside(datagram_socket) as sender:
        for number in range(50):
            sender.sendto(b"%d" % number, ("127.0.0.1", 9))
        received = [frame for batch in drained(tap) for frame in frames_of(batch)]
    assert [frame[42:] for frame in received] == [b"%d" % number for number in range(50)]


def test_both_directions_of_an_interface_are_seen(cable: Namespace) -> None:
    frame = ethernet(*PASS["ipv4"])
    with tap_on(cable, "sender") as tap, sender_on(cable) as sink:
        sink.write(batch_of([frame]))
        assert [each for batch in drained(tap) for each in frames_of(batch)] == [frame]


def test_a_quiet_line_gives_empty_batches_and_close_ends_them(cable: Namespace) -> None:
    tap = tap_on(cable, poll_seconds=0.01)
    batches = iter(tap)
    assert len(next(batches)) == 0
    assert len(next(batches)) == 0
    tap.close()
    tap.close()
    assert list(batches) == []


def test_close_may_come_from_another_thread(cable: Namespace) -> None:
    tap = tap_on(cable, poll_seconds=0.02)
    reading = threading.Event()
    ended = threading.Event()

    def read() -> None:
        for _ in tap:
            reading.set()
        ended.set()

    reader = threading.Thread(target=read)
    reader.start()
    assert reading.wait(PATIENCE)
    tap.close()
    assert ended.wait(PATIENCE)
    reader.join()


def test_an_interface_that_goes_down_is_waited_for(cable: Namespace) -> None:
    frame = ethernet(*PASS["ipv4"])
    with tap_on(cable) as tap, sender_on(cable) as sink:
        cable.run("ip", "link", "set", "receiver", "down")
        assert sum(map(len, drained(tap))) == 0
        cable.run("ip", "link", "set", "receiver", "up")
        # Until the kernel has noticed at both ends, it drops what is sent.
        for end in ("sender", "receiver"):
            until(lambda end=end: "state UP" in cable.run("ip", "link", "show", end))
        sink.write(batch_of([frame]))
        assert sum(map(len, drained(tap))) == 1


def test_an_interface_that_is_removed_is_reported(cable: Namespace) -> None:
    with tap_on(cable) as tap:
        batches = iter(tap)
        next(batches)
        cable.run("ip", "link", "delete", "receiver")
        with pytest.raises(TapError, match="receiver was removed"):
            for _ in batches:
                pass


def test_what_is_wrong_with_an_interface_is_said(cable: Namespace) -> None:
    with pytest.raises(TapError, match=r"no interface 'eth9'; this host has lo, "):
        tap_on(cable, "eth9")
    with pytest.raises(TapError, match="at most 15 characters"):
        tap_on(cable, "a-name-that-is-too-long")
    with pytest.raises(InterfaceRefused, match="no such interface"):
        cable.inside(lambda: InterfaceSink("eth9"))
    cable.run("ip", "link", "set", "receiver", "down")
    with pytest.raises(TapError, match="ip link set receiver up"):
        tap_on(cable)
    cable.run("ip", "tuntap", "add", "tunnel", "mode", "tun")
    cable.run("ip", "link", "set", "tunnel", "up")
    with pytest.raises(TapError, match="has no Ethernet frames"):
        tap_on(cable, "tunnel")


def test_sending_on_a_line_that_is_down_is_refused(cable: Namespace) -> None:
    with sender_on(cable) as sink:
        cable.run("ip", "link", "set", "sender", "down")
        with pytest.raises(InterfaceRefused, match="ip link set sender up"):
            sink.write(batch_of([ethernet(*PASS["ipv4"])]))


def test_a_frame_longer_than_the_line_takes_is_refused(cable: Namespace) -> None:
    with sender_on(cable) as sink, pytest.raises(InterfaceRefused, match="longer than its MTU"):
        sink.write(batch_of([ethernet(0x0800, ipv4(udp(payload=bytes(9500))))]))


def test_without_the_capability_the_way_to_it_is_told() -> None:
    def without_capabilities() -> None:
        header = struct.pack("=IiIIIIII", 0x20080522, 0, 0, 0, 0, 0, 0, 0)
        libc = ctypes.CDLL(None, use_errno=True)
        assert libc.capset(header[:8], header[8:]) == 0
        for action in (lambda: AfPacketTap("lo"), lambda: InterfaceSink("lo")):
            try:
                action()
            except (TapNotPermitted, InterfaceRefused) as error:
                messages.append(str(error))

    messages: list[str] = []
    thread = threading.Thread(target=without_capabilities)
    thread.start()
    thread.join()
    assert len(messages) == 2
    assert "setcap cap_net_raw+ep" in messages[0]
    assert all("CAP_NET_RAW" in message for message in messages)
