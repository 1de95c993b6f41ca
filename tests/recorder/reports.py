"""RTCP packets, and calls of which every packet has its time, for tests of what reports tell."""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from recorder.batch import Batch
from tests.recorder import frames
from tests.recorder.assembly.messages import Talk, sdp
from tests.recorder.phones import CALLED, CALLER, sip

Place = tuple[str, int]
NTP_SECOND = 0xEED2_C3BA
ALICE, BOB = 0xA11CE, 0xB0B


def reception(ssrc: int, lost: int = 0, jitter: int = 0, last_report: int = 0, delay: int = 0) -> bytes:
    """A report block (RFC 3550, 6.4.1)."""
    return struct.pack("!IB3sIIII", ssrc, 0, lost.to_bytes(3, "big"), 0, jitter, last_report, delay)


def sender_report(ssrc: int, packets: int, at_ms: int = 0, blocks: Sequence[bytes] = ()) -> bytes:
    """SR whose NTP time is ``stamp(at_ms)``."""
    fraction = stamp(at_ms)
    head = struct.pack("!IIIIII", ssrc, 0xEED20000 | fraction >> 16, (fraction & 0xFFFF) << 16, 0, packets, 0)
    return _part(200, len(blocks), head + b"".join(blocks))


def receiver_report(ssrc: int, *blocks: bytes) -> bytes:
    """RR."""
    return _part(201, len(blocks), struct.pack("!I", ssrc) + b"".join(blocks))


def voip_metrics(ssrc: int, round_trip: int) -> bytes:
    """XR with VoIP metrics about ``ssrc`` (RFC 3611, 4.7), its round trip in ms."""
    return _part(207, 0, struct.pack("!IBBHI8xHH16x", 1, 7, 0, 8, ssrc, round_trip, 0))


def goodbye(ssrc: int) -> bytes:
    """BYE."""
    return _part(203, 1, struct.pack("!I", ssrc))


def stamp(at_ms: int) -> int:
    """The middle of an NTP time ``at_ms`` after some second."""
    return (NTP_SECOND << 16 & 0xFFFFFFFF) + at_ms * 65536 // 1000


def _part(kind: int, count: int, content: bytes) -> bytes:
    return struct.pack("!BBH", 0x80 | count, kind, len(content) // 4) + content


@dataclass
class Tapped:
    """What a tap sees of one call from CALLER to CALLED, by ms."""

    frames: list[tuple[float, bytes]] = field(default_factory=list)
    talk: Talk = field(default_factory=Talk)

    def send(self, at_ms: float, source: Place, destination: Place, content: bytes) -> None:
        """A datagram."""
        packet = frames.udp(content, source[1], destination[1])
        self.frames.append((at_ms, frames.ethernet(frames.ipv4(packet, source[0], destination[0]))))

    def begin(self, *lines: str, protocol: str = "RTP/AVP 0") -> None:
        """INVITE and 200 OK at 0 ms."""
        offer, answer = sdp(*CALLER, *lines, protocol=protocol), sdp(*CALLED, *lines, protocol=protocol)
        self.frames.append((0, sip(bytes(self.talk.request(body=offer)), CALLER[0], CALLED[0])))
        self.frames.append((0, sip(bytes(self.talk.response(200, answer)), CALLED[0], CALLER[0])))

    def end(self, at_ms: float) -> None:
        """BYE."""
        self.frames.append((at_ms, sip(bytes(self.talk.request("BYE", to_tag="b")), CALLER[0], CALLED[0])))

    def speak(self, ssrc: int, source: Place, destination: Place, packets: Iterable[int]) -> None:
        """Packets number n at 20 × n + 20 ms."""
        for n in packets:
            head = struct.pack("!BBHII", 0x80, 0, 7000 + n, 160 * n, ssrc)
            self.send(20 * n + 20, source, destination, head + bytes([n % 251]) * 160)

    def batch(self) -> Batch:
        """All of it in order of time."""
        ordered = sorted(self.frames, key=lambda one: one[0])
        made = frames.batch([content for _, content in ordered])
        made.times[:] = [frames.START + round(at * 1e6) for at, _ in ordered]
        return made

    def batches(self, step_ms: float = 100) -> list[Batch]:
        """The same in steps, as a live tap gives it."""
        whole = self.batch()
        steps = (whole.times - whole.times[0]) // int(step_ms * 1e6)
        parts = [np.flatnonzero(steps == step) for step in np.unique(steps)]
        return [_rows(whole, rows) for rows in parts]


def _rows(batch: Batch, rows: np.ndarray) -> Batch:
    return Batch(
        data=batch.data,
        offsets=batch.offsets[rows],
        lengths=batch.lengths[rows],
        wire_lengths=batch.wire_lengths[rows],
        times=batch.times[rows],
        link_type=batch.link_type,
    )
