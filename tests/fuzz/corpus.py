"""Valid input of every kind, from which the fuzzer starts."""

import random
import struct
import zlib
from collections.abc import Iterable

import numpy as np

from recorder.spool.record import MESSAGE, ROW, framed, media_record, names_record
from tests.fuzz import keeping, phones, tls, tls_sample
from tests.recorder import capture_files as files
from tests.recorder import frames
from tests.recorder.assembly.messages import Talk, sdp
from tests.recorder.protocol.tcp_talk import Talk as TcpTalk
from tests.recorder.protocol.websocket_frames import REQUEST as HANDSHAKE
from tests.recorder.protocol.websocket_frames import frame

SDP = b"""v=0
o=- 1 2 IN IP4 192.0.2.1
s=-
c=IN IP4 192.0.2.1
t=0 0
m=audio 4000/2 RTP/SAVP 0 9 96 101
a=rtpmap:96 opus/48000/2
a=fmtp:96 x=1
a=sendonly
a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20|1:4
a=rtcp:4003
a=rtcp-mux
a=ssrc:1 cname:x
a=ptime:20
a=label:1
m=image 0 udptl t38
c=IN IP6 ::1
""".replace(b"\n", b"\r\n")
REQUEST = (
    b"""INVITE sip:1001@pbx;transport=udp SIP/2.0
Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1,SIP/2.0/TCP x
f: "J \\" C" <sip:+1%32;x=y:pw@[::1]:5060;a?b=c>;tag="1"
t: tel:+1;tag=2
i: 5
CSeq: 1 INVITE
Contact: *
Replaces: a;to-tag=1;from-tag=2
Refer-To: <sip:a@b?Replaces=1%402%3Bto-tag%3D3>
Session-ID: a;remote=b
Remote-Party-ID: x <sip:7@h>;party=calling
Subject: a
  folded
P-Asserted-Identity: <sip:1@h>,<tel:2>
c: application/sdp
l: 345

""".replace(b"\n", b"\r\n")
    + SDP
)
RESPONSE = b"SIP/2.0 486 Busy Here\r\nv: SIP/2.0/UDP x\r\nCSeq: 7 BYE\r\n\r\n"
PARTS = b"""INFO sip:a SIP/2.0
Content-Type: multipart/mixed;boundary=b

--b
Content-Type: text/plain

x
--b
Content-Type: application/sdp

v=0
--b--
""".replace(b"\n", b"\r\n")
RTP = [
    bytes.fromhex("8000162e0000a3c7adc54409") + bytes(range(40)),
    bytes.fromhex("b288fffffffffffe000000010000000a0000000bbede000210aa000020bb0000c0c1c2c300000004"),
]
RTCP = [
    bytes.fromhex("81c8000c00000001eed2c3ba800000000000a3c70000000a00000640")
    + bytes.fromhex("0000000240fffffe000102030000001011223344 00010000".replace(" ", ""))
    + b"\x81\xca\0\4\0\0\0\1\1\6a@host\0\0\0\0\x81\xcb\0\3\0\0\0\1\4done\0\0\0",
    bytes.fromhex("80c9000100000001"),
    bytes.fromhex("a1cd00030000000100000002000000ff"),
]


def _frames() -> list[bytes]:
    payloads = [*RTP, *RTCP, REQUEST[:80], RESPONSE, b"\r\n\r\n", b"\0\1\0\0"]
    some = []
    for payload in payloads:
        carried = frames.udp(payload, 4000, 5060)
        some += [
            frames.ethernet(frames.ipv4(carried)),
            frames.ethernet(frames.ipv4(carried, options=bytes(8)), tags=[(0x8100, 5), (0x88A8, 6)]),
            frames.ethernet(frames.ipv6(frames.extension(carried), following=0), 0x86DD),
            frames.ethernet(frames.ipv6(frames.ipv6_fragment(carried), following=44), 0x86DD),
            frames.ethernet(frames.ipv4(carried[:24], fragment=0x2000)),
            frames.ethernet(frames.ipv4(carried[24:], fragment=3)),
            frames.ethernet(frames.ipv6(frames.ipv6_fragment(carried[:16], more=True), following=44), 0x86DD),
            frames.ethernet(frames.ipv6(frames.ipv6_fragment(carried[16:], at=16), following=44), 0x86DD),
        ]
    for inner in (frames.ipv4(frames.udp(RTP[0], 4000, 4002)), frames.ipv6(frames.udp(RESPONSE))):
        some += [
            frames.ethernet(frames.ipv4(inner, protocol=41)),
            frames.ethernet(frames.ipv4(frames.gre(frames.mpls(inner, 2), 0x8847, 0x2000), protocol=47)),
            frames.ethernet(frames.ipv4(frames.erspan(frames.ethernet(inner), 3, is_long=True), protocol=47)),
            frames.ethernet(frames.ipv4(frames.erspan(frames.ethernet(inner)), protocol=47)),
            frames.ethernet(frames.ipv4(frames.udp(frames.vxlan(frames.ethernet(inner)), 1, 4789))),
            frames.ethernet(frames.ipv4(frames.udp(frames.tzsp(frames.ethernet(inner)), 1, 37008))),
            frames.ethernet(frames.pppoe(inner), 0x8864),
        ]
    return [*some, frames.ethernet(bytes(28), 0x0806), frames.cooked(frames.ipv4(frames.udp(b"x"))), b""]


def _segments() -> list[bytes]:
    pieces = [(at, REQUEST[at : at + 90]) for at in range(0, len(REQUEST), 90)]
    orders = [pieces, pieces[::-1], pieces[::2] + pieces[1::2], pieces[3:] + pieces]
    return [
        b"\0" + b"".join(struct.pack("!HH", 2 + len(one), at) + one for at, one in order) for order in orders
    ]


def _connections() -> list[bytes]:
    found = []
    for port in (5060, 7777):
        talk = TcpTalk(server=("192.0.2.2", port))
        some = [*talk.open(), *talk.say(REQUEST, size=200), *talk.say(RESPONSE, from_client=False)]
        some += [*talk.say(frame(RESPONSE, mask=b"mask")), *talk.close()]
        found.append(b"\0" + b"".join(struct.pack("!H", len(one)) + one for one in some))
    for sample in (tls_sample.TLS_1_3, tls_sample.TLS_1_2):
        talk = TcpTalk(server=("192.0.2.2", 5061))
        some = talk.open()
        for is_client, _, content in tls.pieces(sample):
            some += talk.say(content, size=500, from_client=is_client)
        found.append(_pieces(some))
    return found


def _batches() -> list[bytes]:
    rng = random.Random(1)
    some = _frames()
    batches = []
    for _ in range(20):
        chosen = [rng.choice(some) for _ in range(6)]
        batches.append(b"\0" + b"".join(struct.pack("!H", len(one)) + one for one in chosen))
    return batches


def _pcaps() -> list[bytes]:
    some = [files.Frame(frame) for frame in _frames()[:12]] + [files.Frame(bytes(20))] * 20
    return [files.pcap(some, order, fractions) for order in "<>" for fractions in (10**6, 10**9)]


def _pcapngs() -> list[bytes]:
    found = []
    for order in "<>":
        content = files.section(order) + files.interface(1, 100, [(9, b"\x09"), (14, bytes(8))], order)
        content += files.interface(113, order=order)
        for index, one in enumerate(_frames()[:10]):
            content += files.enhanced(files.Frame(one), number=index % 2, order=order)
            content += files.simple(files.Frame(one), order) + files.old(files.Frame(one), order=order)
        found.append(content)
    return [*found, found[0] + found[1]]


def _dialogs() -> list[bytes]:
    """Calls as the wire shows them: answered, held, transferred, refused, cancelled."""
    one, other = Talk(), Talk(call_id="two@test")
    secret = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz"
    answered = [
        one.request(body=sdp("192.0.2.1", 4000)),
        one.response(180),
        one.response(200, sdp("192.0.2.2")),
    ]
    moved = one.request(
        "REFER", to_tag="b", Refer_To="<sip:9@h?Replaces=two%40test%3Bto-tag%3Db%3Bfrom-tag%3Da>"
    )
    held = one.request(body=sdp("0.0.0.0", 4000, "a=sendonly"), to_tag="b")
    key = one.request("INFO", b"Signal=5\r\nDuration=160", to_tag="b", Content_Type="application/dtmf-relay")
    over = [one.request("BYE", to_tag="b"), one.response(200, method="BYE")]
    refused = [other.request(body=sdp("192.0.2.1", 4002, secret, protocol="RTP/SAVP 0")), other.response(486)]
    cancelled = [other.request(), other.request("CANCEL"), other.response(487)]
    talks = [
        [*answered, held, *over],
        [*answered, key, moved, *over],
        refused,
        cancelled,
        [*answered, *refused],
    ]
    return [_pieces(b"\0" + bytes(message) for message in talk) for talk in talks]


def _pieces(some: Iterable[bytes]) -> bytes:
    return b"\0" + b"".join(struct.pack("!H", len(one)) + one for one in some)


def _spooled() -> list[bytes]:
    rows = np.zeros(3, ROW)
    rows["length"] = 4
    payload = np.arange(12, dtype=np.uint8)
    media = [media_record(np.array([[0, 1], [1, 2]], np.uint32), rows, payload)] * 2
    records = [names_record({0: "a", 1: "b"}), *media, framed(MESSAGE, [bytes(60), RESPONSE])]
    whole = b"".join(bytes(part) for record in records for part in record)
    return [whole, whole[:-5], whole[30:]]


CORPUS: dict[str, list[bytes]] = {
    "sip": [REQUEST, RESPONSE, PARTS],
    "sdp": [SDP],
    "rtp": RTP,
    "rtcp": RTCP,
    "frames": _batches(),
    "stream": _segments(),
    "sip-stream": [REQUEST + RESPONSE, RESPONSE + b"\r\n\r\n" + PARTS + REQUEST, REQUEST[9:] + REQUEST],
    "websocket": [
        HANDSHAKE + frame(REQUEST, mask=b"mask") + frame(b"", 9),
        frame(RESPONSE) + frame(REQUEST[:50], is_last=False) + frame(REQUEST[50:], 0),
        HANDSHAKE + frame(zlib.compress(REQUEST, wbits=-15), reserved=0x40) + frame(RESPONSE, reserved=0x40),
    ],
    "hep": [
        frames.hep(RESPONSE, "192.0.2.1", "192.0.2.2", (1, 2), frames.START),
        frames.hep(zlib.compress(RESPONSE), "::1", "::2", (1, 2), kind=16),
    ],
    "connections": _connections(),
    "tls": [tls_sample.TLS_1_3, tls_sample.TLS_1_2],
    "calls": _dialogs(),
    "spool": _spooled(),
    "pcap": _pcaps(),
    "pcapng": _pcapngs(),
    **phones.CORPUS,
    **keeping.CORPUS,
}
