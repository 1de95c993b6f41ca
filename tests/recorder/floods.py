"""Floods: traffic that may look like calls and never becomes any, as batches of whole frames."""

import gc
import random
import struct
import sys
from collections.abc import Callable, Iterable, Iterator
from types import FunctionType, ModuleType

import numpy as np

from recorder.batch import Batch
from tests.recorder import frames
from tests.recorder.frames import START
from tests.recorder.protocol import skinny

SPACING = 100_000
"""Nanoseconds between two frames: 10,000 a second."""
Flood = Callable[[int, int], Iterator[bytes]]
"""Frames of a flood from number to number."""


def _sip(text: str, number: int) -> bytes:
    host = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    return frames.ethernet(frames.ipv4(frames.udp(text.encode()), host, "192.0.2.250"))


def _sdp(number: int) -> str:
    host = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    lines = (
        "v=0",
        f"o=- 1 1 IN IP4 {host}",
        "s=-",
        f"c=IN IP4 {host}",
        "t=0 0",
        "m=audio 4000 RTP/AVP 0 8",
        "",
    )
    return "\r\n".join(lines)


def _request(method: str, number: int, caller: str, body: str = "") -> str:
    kind = "Content-Type: application/sdp\r\n" if body else ""
    return (
        f"{method} sip:9{number % 97}@192.0.2.250 SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK{number}\r\n"
        f"From: <sip:{caller}@h>;tag={number}\r\nTo: <sip:9{number % 97}@192.0.2.250>\r\n"
        f"Call-ID: {number}@h\r\n"
        f"CSeq: 1 {method}\r\n{kind}Content-Length: {len(body)}\r\n\r\n{body}"
    )


def invites(first: int, last: int) -> Iterator[bytes]:
    """INVITEs that nobody answers, each of another caller and Call-ID, with a place for media."""
    for number in range(first, last):
        yield _sip(_request("INVITE", number, str(number), _sdp(number)), number)


def invites_of_one_caller(first: int, last: int) -> Iterator[bytes]:
    """INVITEs that nobody answers, all of one caller to few numbers, and all want media at one place."""
    for number in range(first, last):
        yield _sip(_request("INVITE", number, "100", _sdp(7)), 7)


def half_open(first: int, last: int) -> Iterator[bytes]:
    """INVITEs that are answered at once, and then nothing: neither ACK nor media nor BYE."""
    for number in range(first, last):
        if number % 2:
            yield _answer(number - 1)
        else:
            yield _sip(_request("INVITE", number, str(number), _sdp(number)), number)


def answers(first: int, last: int) -> Iterator[bytes]:
    """Answers to INVITEs that nobody saw."""
    for number in range(first, last):
        yield _answer(number)


def _answer(number: int) -> bytes:
    host = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    text = _request("INVITE", number, str(number), _sdp(number))
    text = text.replace(f"INVITE sip:9{number % 97}@192.0.2.250 SIP/2.0", "SIP/2.0 200 OK")
    text = text.replace(f"To: <sip:9{number % 97}@192.0.2.250>", f"To: <sip:9@h>;tag=b{number}")
    return frames.ethernet(frames.ipv4(frames.udp(text.encode()), "192.0.2.250", host))


def invites_of_one_session(first: int, last: int) -> Iterator[bytes]:
    """INVITEs that all say to be of one conversation (RFC 7989), as those of a broken phone do."""
    for number in range(first, last):
        text = _request("INVITE", number, str(number), _sdp(number))
        yield _sip(text.replace("CSeq", f"Session-ID: {7:032x};remote={8:032x}\r\nCSeq"), number)


def garbage(first: int, last: int) -> Iterator[bytes]:
    """Datagrams that begin like SIP and are none, or none of a call."""
    rng = random.Random(first)
    for number in range(first, last):
        heads = (
            "INVITE ",
            "SIP/2.0 200 OK\r\n",
            _request("OPTIONS", number, "1"),
            _request("INVITE", number, "1")[:90],
        )
        yield _sip(rng.choice(heads) + rng.randbytes(40).decode("latin-1"), number)


def _rtp(source: int, ports: int, ssrc: int, sequence: int, destination: int = 0xC6336402) -> bytes:
    carried = struct.pack("!BBHII", 0x80, 0, sequence & 0xFFFF, sequence * 160 & 0xFFFFFFFF, ssrc) + bytes(
        range(160)
    )
    udp = struct.pack("!HHHH", ports, 5000, 8 + len(carried), 0) + carried
    head = struct.pack("!BBHHHBBHII", 0x45, 0, 20 + len(udp), 1, 0x4000, 64, 17, 0, source, destination)
    return frames.MAC + b"\x08\x00" + head + udp


def strays(first: int, last: int) -> Iterator[bytes]:
    """One packet each of streams between random places."""
    rng = random.Random(first)
    for number in range(first, last):
        yield _rtp(0x0B000000 + number, rng.randrange(1024, 65536), rng.getrandbits(32), rng.getrandbits(16))


def short_streams(first: int, last: int) -> Iterator[bytes]:
    """Streams of 12 packets in sequence, then never again."""
    for number in range(first, last):
        yield _rtp(0x0B000000 + number // 12, 4000, number // 12, number % 12)


def streams_of_one_place(first: int, last: int) -> Iterator[bytes]:
    """Packets between two places that are always the same, each of another SSRC."""
    for number in range(first, last):
        yield _rtp(0x0B000001, 4000, number, number)


def fragments(first: int, last: int) -> Iterator[bytes]:
    """First fragments of datagrams whose rest never comes."""
    for number in range(first, last):
        packet = frames.udp(bytes(1480), 5060, 5060, 3000)
        yield frames.ethernet(
            frames.ipv4(
                packet[:1480], fragment=0x2000, ident=number & 0xFFFF, source=f"10.0.{number >> 16 & 255}.1"
            )
        )


def crumbs(first: int, last: int) -> Iterator[bytes]:
    """Fragments of eight bytes, many a datagram, with the first always missing."""
    for number in range(first, last):
        at = 1 + number % 6000
        yield frames.ethernet(frames.ipv4(bytes(8), fragment=0x2000 | at, ident=number // 6000 & 0xFFFF))


def connections(first: int, last: int) -> Iterator[bytes]:
    """TCP connections that begin a message and never end it."""
    for number in range(first, last):
        begin = b"INVITE sip:a SIP/2.0\r\nVia: SIP/2.0/TCP h\r\nSubject: " + b"x" * 900
        segment = frames.tcp(begin, 1024 + number % 60000, 5060, 1)
        yield frames.ethernet(frames.ipv4(segment, f"10.1.{number >> 8 & 255}.{number & 255}", protocol=6))


def phones_that_ring(first: int, last: int) -> Iterator[bytes]:
    """Phones of SCCP that call, each on a connection of its own, with media that goes to one place."""
    for number in range(first, last):
        host = f"10.3.{number >> 8 & 255}.{number & 255}"
        said = skinny.state(3, number) + skinny.call_info(number, 2, (str(number), ""), ("9", ""))
        said += skinny.start_media(number, number, ("192.0.2.9", 5000))
        segment = frames.tcp(said, 1024 + number % 60000, 2000, 1)
        yield frames.ethernet(frames.ipv4(segment, host, protocol=6))


def holes(first: int, last: int) -> Iterator[bytes]:
    """Single bytes of TCP connections, each behind a gap."""
    for number in range(first, last):
        port, at = 1024 + number % 8, 10 + 2 * (number // 8)
        segment = frames.tcp(b"x", port, 5060, at)
        yield frames.ethernet(frames.ipv4(segment, "10.2.0.1", protocol=6))


FLOODS: dict[str, Flood] = {
    one.__name__: one
    for one in (
        invites,
        invites_of_one_caller,
        invites_of_one_session,
        half_open,
        answers,
        garbage,
        strays,
        short_streams,
        streams_of_one_place,
        fragments,
        crumbs,
        connections,
        holes,
    )
}


def batches(
    flood: Flood, count: int, start: int = START, size: int = 2000, spacing: int = SPACING
) -> Iterator[Batch]:
    """A flood of ``count`` frames, ``spacing`` apart (ns)."""
    for first in range(0, count, size):
        last = min(first + size, count)
        batch = frames.batch(list(flood(first, last)), gap=0)
        batch.times[:] = start + np.arange(first, last) * spacing
        yield batch


def mixed(some: Iterable[Batch], others: Iterable[Batch]) -> Batch:
    """All frames of both in the order of their times."""
    parts = [*some, *others]
    sizes = np.cumsum([0, *(len(part.data) for part in parts)])
    times = np.concatenate([part.times for part in parts])
    order = np.argsort(times, kind="stable")
    offsets = [part.offsets + size for part, size in zip(parts, sizes[:-1], strict=True)]
    return Batch(
        np.concatenate([part.data for part in parts]),
        np.concatenate(offsets)[order],
        np.concatenate([part.lengths for part in parts])[order],
        np.concatenate([part.wire_lengths for part in parts])[order],
        times[order],
    )


def weight(root: object) -> tuple[int, int]:
    """How many objects are held by ``root``, and how many bytes they take."""
    seen: set[int] = set()
    waiting: list[object] = [root]
    size = 0
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, (type, ModuleType, FunctionType)):
            continue
        seen.add(id(one))
        size += one.nbytes if isinstance(one, np.ndarray) and one.base is None else sys.getsizeof(one)
        waiting += gc.get_referents(one)
    return len(seen), size
