"""Fuzz targets: each takes any bytes and fails if a parser breaks its promise.

The promise: input is read, or the one error of its parser is raised; results stay inside the input.
"""

import contextlib
import struct
from collections.abc import Callable, Iterator

import numpy as np

from recorder.assembly.book import CallBook
from recorder.assembly.describe import describe, files, plan
from recorder.assembly.media import MediaDesk
from recorder.assembly.numbering import Numbering
from recorder.assembly.signalling import Signalling
from recorder.batch import Batch
from recorder.finish.srtp import Packets, session
from recorder.protocol import classify, gather, hep, rtcp, rtp, sdes, transport, udp
from recorder.protocol.address import pack
from recorder.protocol.connections import Connections
from recorder.protocol.errors import CaptureFileError, HepError, RtcpError, RtpError, SdpError, SipError
from recorder.protocol.fragments import Fragments
from recorder.protocol.reassembly import ROOM, Reassembly
from recorder.protocol.records import CaptureReader
from recorder.protocol.rtp import RtpPacket
from recorder.protocol.sdp import SessionDescription
from recorder.protocol.sip import SipMessage
from recorder.protocol.sip_stream import LONGEST_BODY, LONGEST_HEAD, SipStream, starts_message
from recorder.protocol.websocket import WebSocketStream
from recorder.spool.callfile import CallFile
from recorder.spool.record import ROW, Scanner
from recorder.taps.capture_file import recognise
from tests.fuzz import keeping, phones, tls
from tests.fuzz.rewritten import rewritten
from tests.fuzz.tls import fuzz_tls
from tests.recorder import frames
from tests.recorder.protocol import reference

_PHONES = ((pack("192.0.2.1"), 5060), (pack("192.0.2.2"), 5060))
LINK_TYPES = (1, 1, 1, 1, 0, 101, 108, 113, 228, 229, 276, 7)


def fuzz_sip(data: bytes) -> None:
    """A datagram as a SIP message, with everything that is read lazily, and back."""
    try:
        message = SipMessage.parse(data)
    except SipError:
        return
    for name in SipMessage.__dict__:
        getattr(message, name)
    for name, _ in message.fields:
        message.addresses(name)
    assert SipMessage.parse(bytes(message)).fields == message.fields


def fuzz_sdp(data: bytes) -> None:
    """A body as a session description."""
    with contextlib.suppress(SdpError):
        for media in SessionDescription.parse(data).media:
            assert 0 <= media.port < 65536
            assert 0 <= media.rtcp_port < 65536
            assert all(0 <= kind < 128 for kind in media.formats)
            assert isinstance(media.is_held, bool)
            for key in sdes.offered(media.crypto):
                assert 0 <= key.mki <= 128
                session(key).open(Packets([bytes(12)], [bytes(32)], np.zeros(1, np.int64), 0))


def fuzz_rtp(data: bytes) -> None:
    """A datagram as an RTP packet and back."""
    with contextlib.suppress(RtpError):
        assert bytes(RtpPacket.parse(data)) == data


def fuzz_rtcp(data: bytes) -> None:
    """A datagram as a compound of RTCP packets."""
    with contextlib.suppress(RtcpError):
        assert rtcp.parse(data).packets


def fuzz_frames(data: bytes) -> None:
    """Frames of a batch down to RTP, against the plain reading of the same frames.

    The first byte chooses the link type; then each frame has its length before it in two bytes.
    """
    batch = frames.batch(list(_cut(data[1:])), LINK_TYPES[data[0] % len(LINK_TYPES)] if data else 1)
    expected, rejected = reference.datagrams(batch)
    found = udp.parse(batch)
    assert found.rejected == rejected
    assert found.frames.tolist() == [one.frame for one in expected]
    assert [found.payload(row) for row in range(len(found))] == [one.payload for one in expected]
    pieced = udp.parse(batch, Fragments())
    assert len(pieced) + sum(pieced.rejected.values()) == len(batch)
    classes = classify.parse(found)
    rows = np.sort(np.concatenate([classes.sip, classes.media, classes.other]))
    assert rows.tolist() == list(range(len(found)))
    packets, reports, refused = reference.rtp(expected)
    media = rtp.parse(found)
    assert media.rejected == refused
    assert media.rtcp.tolist() == reports
    assert media.rows.tolist() == [one.row for one in packets]
    joined = gather.payloads(found.data, media.offsets, media.lengths)
    assert joined.tobytes() == b"".join(one.payload for one in packets)


def fuzz_stream(data: bytes) -> None:
    """Segments of one direction, then the messages in them: nothing is doubled, nothing kept for ever.

    The first byte is left out; each segment has its length, then its place before it, in two bytes each.
    """
    order, stream, read = Reassembly(), SipStream(), 0
    order.begin(0xFFFFFF00)
    for now, piece in enumerate(_cut(data[1:])):
        at, content = int.from_bytes(piece[:2], "big"), piece[2:]
        for part, follows_gap, _ in order.add((0xFFFFFF01 + at) & 0xFFFFFFFF, content, len(content), now):
            read += len(part)
            messages = stream.gap() if follows_gap else []
            for message in messages + stream.feed(part):
                assert starts_message(message)
        assert order.held <= ROOM
        assert len(stream) <= LONGEST_HEAD + LONGEST_BODY
    read += sum(len(one.content) for one in order.give_up())
    assert read <= len(data)
    assert order.held == 0


def fuzz_sip_stream(data: bytes) -> None:
    """A stream in one piece and in small ones."""
    assert _fed(SipStream(), data, len(data)) == _fed(SipStream(), data, 7)


def fuzz_websocket(data: bytes) -> None:
    """A WebSocket in one piece and in small ones, from its handshake or from its middle."""
    _fed(WebSocketStream(), data, 7)
    for message in _fed(WebSocketStream(), data, len(data)):
        assert len(message) <= LONGEST_HEAD + LONGEST_BODY


def _fed(stream: SipStream | WebSocketStream, data: bytes, size: int) -> list[bytes]:
    step = max(1, size)
    return [one for at in range(0, len(data), step) for one in stream.feed(data[at : at + step])]


def fuzz_hep(data: bytes) -> None:
    """A datagram as a mirror."""
    with contextlib.suppress(HepError):
        packet = hep.parse(data)
        assert packet.payload
        assert 0 <= packet.source_port < 65536


def fuzz_connections(data: bytes) -> None:
    """Frames of a batch as TCP connections; the first byte is left out."""
    connections = Connections(keys=tls.keys())
    segments = transport.parse(frames.batch(list(_cut(data[1:])))).segments
    for message in connections.take(segments, frames.START):
        assert starts_message(message.content)
    assert len(connections) <= len(segments)
    assert 0 <= connections.held <= 5 * len(data) * (len(connections) > 0)


def fuzz_calls(data: bytes) -> None:
    """Messages of many dialogs, to what is said and kept of their calls; the first byte is left out.

    Each message has its length before it in two bytes, then a byte whose first bit is its direction.
    """
    book = CallBook()
    signalling, desk = Signalling(book), MediaDesk(book)
    for at, piece in enumerate(_cut(data[1:])):
        with contextlib.suppress(SipError):
            message = SipMessage.parse(piece[1:])
            ends = _PHONES if piece[:1] < b"\x80" else _PHONES[::-1]
            followed = signalling.take(message, frames.START + at * 10**8, *ends)
            if followed is not None:
                desk.announce(followed.leg, followed.ends)
    for leg in list(signalling.legs):
        for port in (4000, 5000):
            desk.admit((0, 1, *_PHONES[0][0], port, 7), frames.START)
        assert book.of(leg.id) is not None
        signalling.forget(leg, frames.START)
    assert not signalling.legs
    for call in book.calls.values():
        rewritten(CallFile(describe(call, Numbering()), plan(call), files(call), legs=call.legs))


def fuzz_spool(data: bytes) -> None:
    """A spool file after an accident, in one piece and as it grows."""
    whole = Scanner()
    rows = sum(len(block) for _, blocks in whole.scan(memoryview(data)) for block in blocks)
    assert rows * ROW.itemsize <= len(data)
    assert whole.damaged <= len(data)


def _cut(data: bytes) -> Iterator[bytes]:
    while len(data) >= 2:
        (length,) = struct.unpack_from("!H", data)
        yield data[2 : 2 + length]
        data = data[2 + length :]


def fuzz_pcap(data: bytes) -> None:
    """A capture file in one piece and in small ones; the name of the target chooses only the corpus."""
    try:
        readers = [recognise(data[:24]) for _ in range(3)]
    except CaptureFileError:
        return
    for reader, piece in zip(readers, (len(data), 397, 1500), strict=True):
        times = [time for batch in _feed(reader, data, piece) for time in batch.times.tolist()]
        assert len(times) <= len(data)
        assert isinstance(str(reader.damage), str)


fuzz_pcapng = fuzz_pcap


def _feed(reader: CaptureReader, data: bytes, piece: int) -> Iterator[Batch]:
    """What a reader makes of a file that comes in pieces."""
    carry, at, is_last = b"", reader.header_bytes, False
    while not is_last:
        stretch = carry + data[at : at + piece]
        at += piece
        is_last = at >= len(data)
        buffer = np.frombuffer(stretch + bytes(128), np.uint8)
        batches, consumed = reader.read(buffer, len(stretch), is_last)
        assert 0 <= consumed <= len(stretch)
        for batch in batches:
            assert (batch.offsets >= 0).all()
            assert (batch.lengths >= 0).all()
            assert (batch.offsets + batch.lengths <= len(stretch)).all()
            yield batch
        carry = stretch[consumed:]


TARGETS: dict[str, Callable[[bytes], None]] = {
    "sip": fuzz_sip,
    "sdp": fuzz_sdp,
    "rtp": fuzz_rtp,
    "rtcp": fuzz_rtcp,
    "frames": fuzz_frames,
    "stream": fuzz_stream,
    "sip-stream": fuzz_sip_stream,
    "websocket": fuzz_websocket,
    "hep": fuzz_hep,
    "connections": fuzz_connections,
    "tls": fuzz_tls,
    "calls": fuzz_calls,
    "spool": fuzz_spool,
    "pcap": fuzz_pcap,
    "pcapng": fuzz_pcapng,
    **phones.TARGETS,
    **keeping.TARGETS,
}
