"""Phones and a PBX on one wire, whose voices are tones that tell them apart."""

from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import numpy as np
import soundfile
from av.audio.frame import AudioFrame
from av.codec.context import CodecContext

from recorder.batch import Batch
from recorder.capture import CaptureOptions
from recorder.finish.policy import ArchivePolicy
from recorder.finish.worker import FinishWorker, WorkerOptions
from recorder.protocol.sip import SipMessage
from storage.model import Call
from tests.recorder import frames
from tests.recorder.assembly.messages import Talk, sdp
from tests.recorder.recording import captured, watched

PBX = "192.0.2.100"
PACKET = 160


@dataclass(frozen=True)
class Phone:
    """Somebody with an address, a number and a voice, in Hz."""

    host: str
    number: str
    voice: int


CUSTOMER = Phone("198.51.100.7", "15551230001", 400)
AGENT = Phone("192.0.2.11", "1001", 700)
COLLEAGUE = Phone("192.0.2.12", "1003", 1100)


@dataclass
class Line:
    """One dialog between two hosts, with a port for media at each."""

    wire: "Wire"
    call_id: str
    hosts: tuple[str, str]
    numbers: tuple[str, str]
    ports: tuple[int, int]

    @property
    def talk(self) -> Talk:
        """The messages of this dialog."""
        caller, called = (f"<sip:{number}@test>" for number in self.numbers)
        return Talk(self.call_id, f"{caller};tag=a", called)

    def begins(self, at: float, **more: str) -> None:
        """INVITE and its answer."""
        offer, answer = (
            sdp(host, port, "a=sendrecv") for host, port in zip(self.hosts, self.ports, strict=True)
        )
        self.says(at, self.talk.request(body=offer, **more))
        self.says(at + 0.1, self.talk.response(200, answer), from_called=True)

    def hangs_up(self, at: float, *, called: bool = False) -> None:
        """BYE."""
        self.says(at, self.talk.request("BYE", to_tag="b", from_called=called), from_called=called)

    def holds(self, at: float, *, called: bool = False, direction: str = "sendonly") -> None:
        """A re-INVITE of one side."""
        body = sdp(self.hosts[called], self.ports[called], f"a={direction}")
        self.says(
            at,
            self.talk.request(body=body, to_tag="b", from_called=called, CSeq="7 INVITE"),
            from_called=called,
        )

    def refers(self, at: float, to: str, replaces: "Line | None" = None, *, called: bool = False) -> None:
        """REFER, of an attended transfer where it names a dialog."""
        instead = (
            f"?Replaces={replaces.call_id.replace('@', '%40')}%3Bto-tag%3Db%3Bfrom-tag%3Da"
            if replaces
            else ""
        )
        target = f"<sip:{to}@test{instead}>"
        self.says(
            at,
            self.talk.request("REFER", to_tag="b", from_called=called, Refer_To=target),
            from_called=called,
        )

    def says(self, at: float, message: SipMessage, *, from_called: bool = False) -> None:
        """Put a message on the wire."""
        hosts = self.hosts[::-1] if from_called else self.hosts
        self.wire.put(at, frames.udp(bytes(message)), *hosts)

    def carries(self, voice: int, start: float, end: float, *, from_called: bool = False) -> None:
        """RTP of a voice from one end to the other, in one stream however often it is called."""
        way = slice(None, None, -1 if from_called else 1)
        self.wire.voice(voice, start, end, self.hosts[way], self.ports[way], f"{self.call_id}{from_called}")


@dataclass
class Wire:
    """What passes a tap, in order of time; times are in seconds from the beginning."""

    _frames: list[tuple[float, bytes]] = field(default_factory=list)
    _numbers: "dict[str, count[int]]" = field(default_factory=dict)
    _ports: "count[int]" = field(default_factory=lambda: count(10_000, 2))

    def line(self, call_id: str, hosts: tuple[str, str], numbers: tuple[str, str]) -> Line:
        """A dialog that has not begun."""
        return Line(self, f"{call_id}@test", hosts, numbers, (next(self._ports), next(self._ports)))

    def put(self, at: float, datagram: bytes, source: str, destination: str) -> None:
        """A UDP datagram."""
        self._frames.append((at, frames.ethernet(frames.ipv4(datagram, source, destination))))

    def voice(
        self,
        hertz: int,
        start: float,
        end: float,
        hosts: tuple[str, str],
        ports: tuple[int, int],
        stream: str,
        payload_type: int = 0,
        first: int = 0,
    ) -> None:
        """Packets of 20 ms of a tone; the same one for everybody, as a PBX passes it on. A new stream is
        numbered from ``first`` on."""
        numbers = self._numbers.setdefault(stream, count(first))
        ssrc = 0x1000 + list(self._numbers).index(stream)
        for number in range(round(start * 50), round(end * 50)):
            stamp, following = (number * PACKET).to_bytes(4), (next(numbers) & 0xFFFF).to_bytes(2)
            head = bytes([0x80, payload_type]) + following + stamp + ssrc.to_bytes(4)
            body = tone(hertz)[number % 50 * PACKET :][:PACKET].tobytes()
            self.put(number / 50, frames.udp(head + body, *ports), *hosts)

    def batch(self) -> Batch:
        """All of it."""
        ordered = sorted(self._frames, key=lambda one: one[0])
        made = frames.batch([frame for _, frame in ordered])
        made.times[:] = [frames.START + round(at * frames.SECOND) for at, _ in ordered]
        return made

    def recorded(self, folder: Path) -> list[tuple[Call, Path]]:
        """The calls of the wire in their order, each with its hand-off folder, as WAV."""
        captured(folder / "spool", [self.batch()])
        return finished(folder)

    def watched(self, folder: Path, options: CaptureOptions | None = None) -> list[tuple[Call, Path]]:
        """The same by a live tap, to which time passes."""
        watched(folder / "spool", self.batch(), options)
        return finished(folder)


def finished(folder: Path) -> list[tuple[Call, Path]]:
    """The calls of a spool in their order, each with its hand-off folder, as WAV."""
    done: list[Call] = []
    options = WorkerOptions(ArchivePolicy(format="wav"))
    FinishWorker(folder / "spool", folder / "out", options, done=done.append).poll()
    return [(call, folder / "out" / call.id) for call in sorted(done, key=lambda call: call.start)]


def tone(hertz: int) -> np.ndarray:
    """One second of a tone, as G.711 mu-law: uint8 of shape (8000,)."""
    samples = 8000 * np.sin(2 * np.pi * hertz * np.arange(8000) / 8000)
    encoder = CodecContext.create("pcm_mulaw", "w")
    encoder.sample_rate, encoder.layout, encoder.format = 8000, "mono", "s16"
    frame = AudioFrame.from_ndarray(samples.astype(np.int16)[None], format="s16", layout="mono")
    frame.sample_rate = 8000
    return np.frombuffer(b"".join(bytes(packet) for packet in encoder.encode(frame)), np.uint8)


def heard(folder: Path, channel: int, start: float, end: float) -> int:
    """The tone in Hz on a channel of the recording in that time; 0 where it is silent."""
    pcm, rate = soundfile.read(folder / "audio.wav")
    part = pcm[round(start * rate) : round(end * rate), channel]
    if not len(part) or np.abs(part).max() < 0.01:
        return 0
    spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part))))
    return round(float(np.argmax(spectrum)) * rate / len(part) / 100) * 100
