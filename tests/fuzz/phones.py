"""Fuzz targets and input for phones that do not speak SIP: SCCP, MGCP and H.323."""

import contextlib
import struct
from collections.abc import Callable

from recorder.assembly.book import CallBook
from recorder.assembly.describe import describe, files, plan
from recorder.assembly.media import MediaDesk
from recorder.assembly.numbering import Numbering
from recorder.assembly.phones import Phones
from recorder.protocol import h225, h245, h245_control, mgcp, sccp
from recorder.protocol.address import pack
from recorder.protocol.errors import MgcpError, PerError, ProtocolError, Q931Error, SccpError
from recorder.protocol.q931 import Q931Message
from recorder.protocol.received import H225, MGCP, SCCP, Endpoint, Received
from recorder.protocol.sccp_stream import LONGEST, SccpStream
from recorder.protocol.tpkt import TpktStream
from recorder.spool.callfile import CallFile
from tests.fuzz.rewritten import rewritten
from tests.recorder import frames
from tests.recorder.protocol import gateway, skinny
from tests.recorder.protocol.h323_samples import CHANNELS, CONTROL, MESSAGES, OFFER

_PROTOCOLS = (SCCP, MGCP, H225)
_MANAGER: dict[str, Endpoint] = {
    SCCP: (pack("192.0.2.10"), 2000),
    MGCP: (pack("192.0.2.10"), 2727),
    H225: (pack("192.0.2.62"), 1720),
}
_HOSTS = tuple((pack(f"192.0.2.{20 + one}"), 2427) for one in range(4))


def fuzz_sccp(data: bytes) -> None:
    """One message of SCCP."""
    with contextlib.suppress(SccpError):
        sccp.parse(data)


def fuzz_sccp_stream(data: bytes) -> None:
    """A connection of SCCP, in pieces of a size that the first byte chooses, then a gap."""
    stream, size = SccpStream(), 1 + (data[0] if data else 0)
    for at in range(1, len(data), size):
        for one in stream.feed(data[at : at + size]):
            assert struct.unpack_from("<I", one)[0] + 8 == len(one)
        assert len(stream) <= LONGEST + 8
    assert stream.gap() == []
    assert len(stream) == 0


def fuzz_tpkt(data: bytes) -> None:
    """A connection of H.323 call signalling, in pieces of a size that the first byte chooses."""
    stream, size = TpktStream(), 1 + (data[0] if data else 0)
    for at in range(1, len(data), size):
        for one in stream.feed(data[at : at + size]):
            assert one.startswith(b"\x08")
        assert len(stream) < 1 << 16


def fuzz_mgcp(data: bytes) -> None:
    """A datagram of MGCP."""
    with contextlib.suppress(MgcpError):
        for message in mgcp.parse(data):
            for code in ("O", "S"):
                mgcp.events(message.get(code))


def fuzz_q931(data: bytes) -> None:
    """A message of Q.931."""
    with contextlib.suppress(Q931Error):
        assert Q931Message.parse(data).cause < 128


def fuzz_h225(data: bytes) -> None:
    """User-user information, with the channels in it, and the same bytes as a channel."""
    with contextlib.suppress(PerError):
        for element in (*h225.parse(data).fast_start, data):
            with contextlib.suppress(PerError):
                channel = h245.logical_channel(element)
                assert channel is None or 0 <= channel.port < 65536
    for read in (h245.logical_channel, h245_control.message):
        with contextlib.suppress(PerError):
            read(data)


def fuzz_phones(data: bytes) -> None:
    """Messages of all protocols and hosts in turn, as legs that are described and written.

    Each has its way in one byte and its length in two before it.
    """
    book = CallBook()
    desk = MediaDesk(book)
    phones = Phones(book, desk.endpoints)
    at = 0
    while at + 3 <= len(data):
        way, length = struct.unpack_from("!BH", data, at)
        content = data[at + 3 : at + 3 + length]
        at += 3 + length
        protocol = _PROTOCOLS[way % 3]
        ends = [_HOSTS[way >> 2 & 3], _MANAGER[protocol]]
        source, destination = ends if way & 0x80 else ends[::-1]
        now = frames.START + at * 1_000_000
        with contextlib.suppress(ProtocolError):
            for told in phones.take(Received(0, now, source, destination, content, protocol)):
                assert book.of(told.leg.id) is not None
                for twin in (*told.twins, *desk.twins(told.leg, list(told.ends))):
                    book.link(told.leg.id, twin.id)
                if told.handover is not None:
                    desk.withdraw(told.handover.before)
                    desk.announce(told.leg, told.leg.dialog.ends if told.leg.dialog else [])
                desk.claim(told.leg, list(told.ends))
                desk.announce(told.leg, list(told.ends))
        phones.expire(now)
    for call in list(book.calls.values()):
        again = rewritten(CallFile(describe(call, Numbering()), plan(call), files(call), legs=call.legs))
        book.drop(call)
        for leg in again.legs:
            phones.restore(leg)
            phones.forget(leg, frames.START)


def _session() -> list[bytes]:
    where = ("192.0.2.21", 20_000)
    found = [skinny.register("SEP1"), skinny.off_hook(), skinny.keypad(5, reference=9), skinny.soft_key(9, 9)]
    for version in (0, 11, 17, 18):
        found += [
            skinny.state(1, 9, version),
            skinny.dialled("8002", 9, version),
            skinny.call_info(9, 2, ("8001", "Anna"), ("8002", "Bernd"), version),
            skinny.state(3, 9, version),
            skinny.state(5, 9, version),
            skinny.open_receive(9, 5, version=version, secret=skinny.cipher(1, bytes(16), bytes(14))),
            skinny.receives(5, where, version=version),
            skinny.start_media(9, 5, ("192.0.2.30", 3000), version=version),
            skinny.state(8, 9, version),
            skinny.keypad(11),
        ]
    return [
        *found,
        skinny.close_receive(9, 5),
        skinny.stop_media(9, 5),
        skinny.on_hook(9),
        skinny.state(2, 9),
    ]


def _given_away() -> bytes:
    """A phone asks a colleague about a call that it holds, and gives it to them."""
    anna, customer, emil = ("8001", "Anna"), ("0015551230001", ""), ("8005", "Emil")
    said = [
        (0, skinny.call_info(1, 2, anna, customer, 17)),
        (0, skinny.state(5, 1)),
        (0, skinny.start_media(1, 5, ("192.0.2.30", 3000), version=17)),
        (0, skinny.state(8, 1)),
        (0, skinny.stop_media(1, 5)),
        (0, skinny.call_info(2, 2, anna, emil, 17)),
        (1, skinny.call_info(3, 1, anna, emil, 17)),
        (0, skinny.state(5, 2)),
        (1, skinny.state(5, 3)),
        (0, skinny.state(2, 1)),
        (0, skinny.state(2, 2)),
        (1, skinny.call_info(3, 1, customer, emil, 17)),
        (1, skinny.start_media(3, 7, ("192.0.2.30", 3000), version=17)),
        (1, skinny.state(2, 3)),
    ]
    ways = [
        next(way for way in range(host << 2, 1 << 7) if way % 3 == 0 and way >> 2 & 3 == host)
        for host, _ in said
    ]
    return b"".join(struct.pack("!BH", way, len(one)) + one for way, (_, one) in zip(ways, said, strict=True))


def _line() -> list[bytes]:
    name, call, sdp = "aaln/1@rgw", "C: A3", gateway.description("192.0.2.20", 3000)
    return [
        gateway.command("NTFY", 1, name, "X: 1", "O: L/hd, D/5, D/1"),
        gateway.command("CRCX", 2, name, call, "M: recvonly", 'S: L/ci(10/14/17/26,5550001,"A, B"), L/rg'),
        gateway.response(200, 2, "I: F", "Z: aaln/2@rgw", sdp=sdp),
        gateway.command("RQNT", 3, name, "S: L/rt, L/bz"),
        gateway.command("MDCX", 4, name, call, "M: sendrecv", sdp=sdp),
        gateway.together([gateway.response(200, 4), gateway.command("NTFY", 5, name, "O: D/#")]),
        gateway.command("DLCX", 6, name, call),
    ]


def _signalling() -> list[bytes]:
    kinds = {"setup": 5, "callProceeding": 2, "alerting": 1, "progress": 3, "connect": 7, "facility": 0x62}
    found = []
    for name, user in MESSAGES.items():
        kind = kinds.get(name.split()[0], 0x5A if name.startswith("release") else 0x7B)
        head = struct.pack("!BBHB", 8, 2, 0x8007 if kind not in (5, 0x7B) else 7, kind)
        elements = b"\x28\x04Anna\x6c\x06\x01\x808001\x70\x05\x818002\x2c\x014\x08\x02\x80\x91"
        found.append(head + elements + struct.pack("!BHB", 0x7E, len(user) + 1, 5) + user)
    return found


def _told(kind: int, messages: list[bytes]) -> bytes:
    ways = [kind | (0x80 if number % 2 else 0) for number in range(len(messages))]
    return b"".join(
        struct.pack("!BH", way + (-(way - kind) % 3), len(one)) + one
        for way, one in zip(ways, messages, strict=True)
    )


def _packets(messages: list[bytes]) -> bytes:
    return b"".join(struct.pack("!BBH", 3, 0, len(one) + 4) + one for one in messages)


TARGETS: dict[str, Callable[[bytes], None]] = {
    "sccp": fuzz_sccp,
    "sccp-stream": fuzz_sccp_stream,
    "tpkt": fuzz_tpkt,
    "mgcp": fuzz_mgcp,
    "q931": fuzz_q931,
    "h225": fuzz_h225,
    "phones": fuzz_phones,
}
CORPUS: dict[str, list[bytes]] = {
    "sccp": _session(),
    "sccp-stream": [b"\x20" + b"".join(_session()), b"\xff" + b"".join(_session())[7:]],
    "tpkt": [b"\x10" + _packets(_signalling()), b"\xff" + _packets(_signalling())[3:]],
    "mgcp": _line(),
    "q931": _signalling(),
    "h225": [*MESSAGES.values(), *CHANNELS.values(), *CONTROL.values(), *OFFER],
    "phones": [_given_away(), _told(0, _session()), _told(1, _line()), _told(2, _signalling())],
}
