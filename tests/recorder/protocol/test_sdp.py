"""Session descriptions, and what offer and answer agree on."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.media import Format
from recorder.protocol import sdp
from recorder.protocol.errors import SdpError
from recorder.protocol.sdp import MediaDescription, SessionDescription

OFFER = b"""v=0\r
o=- 3475164578 164960084 IN IP4 192.0.2.21\r
s=call\r
c=IN IP4 192.0.2.21\r
t=0 0\r
m=audio 20072 RTP/AVP 0 9 18 96 101\r
b=AS:64\r
a=rtpmap:96 opus/48000/2\r
a=fmtp:96 useinbandfec=1\r
a=rtpmap:101 telephone-event/8000\r
a=fmtp:101 0-15\r
a=fmtp:18 annexb=no\r
a=rtcp:20099 IN IP4 192.0.2.21\r
a=ssrc:2915386377 cname:x\r
a=ssrc:2915386377 msid:y\r
a=label:7\r
a=ptime:20\r
m=video 0 RTP/AVP 31\r
m=image 5000 udptl t38\r
c=IN IP6 2001:db8::1\r
a=inactive\r
"""


def media(*lines: str, session: str = "c=IN IP4 192.0.2.1\n") -> MediaDescription:
    return SessionDescription.parse(f"v=0\n{session}{chr(10).join(lines)}".encode()).media[0]


def test_an_offer() -> None:
    found = SessionDescription.parse(OFFER)
    assert (found.username, found.session_id, found.version) == ("-", "3475164578", "164960084")
    assert (found.name, found.address) == ("call", "192.0.2.21")
    audio, video, image = found.media
    assert (audio.kind, audio.port, audio.protocol, audio.address) == (
        "audio",
        20072,
        "RTP/AVP",
        "192.0.2.21",
    )
    assert list(audio.formats.items()) == [
        (0, Format("PCMU")),
        (9, Format("G722")),
        (18, Format("G729", parameters="annexb=no")),
        (96, Format("OPUS", 48000, 2, "useinbandfec=1")),
        (101, Format("TELEPHONE-EVENT", parameters="0-15")),
    ]
    assert (audio.direction, audio.ptime, audio.rtcp_port, audio.rtcp_mux) == ("sendrecv", 20, 20099, False)
    assert (audio.ssrcs, audio.label) == ((2915386377,), "7")
    assert not audio.is_rejected
    assert not audio.is_held
    assert video.is_rejected
    assert video.rtcp_port == 0
    assert (image.address, image.direction, image.formats) == ("2001:db8::1", "inactive", {})


@pytest.mark.parametrize(
    ("session", "lines", "direction", "is_held"),
    [
        ("c=IN IP4 192.0.2.1\n", (), "sendrecv", False),
        ("c=IN IP4 192.0.2.1\na=sendonly\n", (), "sendonly", True),
        ("c=IN IP4 192.0.2.1\na=sendonly\n", ("a=sendrecv",), "sendrecv", False),
        ("c=IN IP4 192.0.2.1\n", ("a=recvonly",), "recvonly", False),
        ("c=IN IP4 192.0.2.1\n", ("a=inactive",), "inactive", True),
        ("c=IN IP4 0.0.0.0\n", (), "sendrecv", True),
        ("c=IN IP6 ::\n", (), "sendrecv", True),
        ("c=IN IP4 0.0.0.0\n", ("c=IN IP4 192.0.2.9",), "sendrecv", False),
        ("", (), "sendrecv", True),
    ],
)
def test_hold(session: str, lines: tuple[str, ...], direction: str, is_held: bool) -> None:
    found = media("m=audio 4000 RTP/AVP 0", *lines, session=session)
    assert (found.direction, found.is_held) == (direction, is_held)


def test_rtcp_on_the_port_of_the_media() -> None:
    assert media("m=audio 4000 RTP/AVP 0", "a=rtcp-mux").rtcp_port == 4000
    assert media("m=audio 4000 RTP/AVP 0").rtcp_port == 4001
    assert media("m=audio 4000 RTP/AVP 0", "a=rtcp:x").rtcp_port == 4001


def test_keys_of_srtp_are_kept_as_they_are() -> None:
    key = "1 AES_CM_128_HMAC_SHA1_80 inline:abc=="
    assert media("m=audio 4000 RTP/SAVP 0", f"a=crypto:{key}").crypto == (key,)
    assert media("m=audio 4000 RTP/SAVP 0", session=f"a=crypto:{key}\n").crypto == (key,)


@pytest.mark.parametrize(
    ("lines", "formats"),
    [
        (("m=audio 4000 RTP/AVP 97 x 128 -1",), {}),
        (("m=audio 4000 RTP/AVP 97", "a=rtpmap:97"), {}),
        (("m=audio 4000 RTP/AVP 97", "a=rtpmap:97 speex"), {97: Format("SPEEX")}),
        (("m=audio 4000 RTP/AVP 97", "a=rtpmap:97 l16/x/y/z"), {97: Format("L16")}),
        (("m=audio 4000 RTP/AVP 0", "a=rtpmap:0 PCMA/8000"), {0: Format("PCMA")}),
        (("m=audio 4000 RTP/AVP 0", "a=rtpmap:97 speex/8000"), {0: Format("PCMU")}),
        (("m=audio 4000",), {}),
    ],
)
def test_payload_types(lines: tuple[str, ...], formats: dict[int, Format]) -> None:
    assert media(*lines).formats == formats


@pytest.mark.parametrize(
    "line", ["m=", "m=audio", "m=audio x RTP/AVP 0", "m=audio 70000 RTP/AVP 0", "m=audio -1 RTP/AVP 0"]
)
def test_media_without_a_port_keep_their_place(line: str) -> None:
    found = SessionDescription.parse(f"v=0\n{line}\nm=audio 6 RTP/AVP 0".encode())
    assert [one.port for one in found.media] == [0, 6]


def test_a_description_without_media() -> None:
    assert SessionDescription.parse(b"v=0\r\no=x\r\ns=-\r\n").media == ()
    assert SessionDescription.parse(b"s=-").version == ""


def test_odd_lines_are_passed_over() -> None:
    found = SessionDescription.parse(
        b"v=0\rjunk\r\n\r\n=\r\nz=\xff\r\na\r\na=\r\nm=audio 4 RTP/AVP 8\na: b\n"
    )
    assert [one.formats for one in found.media] == [{8: Format("PCMA")}]


def test_more_media_than_anybody_has_are_passed_over() -> None:
    assert len(SessionDescription.parse(b"v=0\n" + b"m=audio 4 RTP/AVP 8\n" * 100).media) == 64


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "no session description: no line of it is letter=value"),
        (b"\0\1\2\n<xml/>", "no session description: no line of it is letter=value"),
        (b"v=1\r\nm=audio 4 RTP/AVP 8\r\n", "a session description of a version other than 0"),
    ],
)
def test_what_is_no_description_says_why(body: bytes, message: str) -> None:
    with pytest.raises(SdpError) as caught:
        SessionDescription.parse(body)
    assert str(caught.value) == message


def test_agreed_media_are_paired_by_position() -> None:
    offer = SessionDescription.parse(
        b"v=0\nm=audio 4 RTP/AVP 0 8\nm=video 6 RTP/AVP 31\nm=audio 8 RTP/AVP 0\n"
    )
    answer = SessionDescription.parse(b"v=0\nm=audio 14 RTP/AVP 8\nm=video 0 RTP/AVP 31\n")
    assert [(ours.port, theirs.port) for ours, theirs in sdp.agreed(offer, answer)] == [(4, 14)]


lines = st.sampled_from(OFFER.splitlines()) | st.sampled_from(b"acmobtv").flatmap(
    lambda letter: st.binary(max_size=20).map(lambda rest: bytes([letter]) + b"=" + rest)
)


@given(st.lists(lines | st.binary(max_size=10), max_size=20).map(b"\n".join))
def test_any_bytes_are_a_description_or_an_sdp_error(body: bytes) -> None:
    with contextlib.suppress(SdpError):
        for one in SessionDescription.parse(body).media:
            assert 0 <= one.port < 65536
            assert 0 <= one.rtcp_port < 65536


ICE = (
    "a=candidate:1 1 UDP 2130706431 192.0.2.7 4000 typ host",
    "a=candidate:1 1 udp 2130706431 192.0.2.7 4000 typ host",
    "a=candidate:1 2 UDP 2130706430 192.0.2.7 4001 typ host",
    "a=candidate:2 1 TCP 1518280447 192.0.2.7 9 typ host tcptype active",
    "a=candidate:3 1 UDP 1694498815 198.51.100.9 70000 typ srflx raddr 192.0.2.7 rport 4000",
    "a=candidate:4 1 UDP",
)


def test_candidates_for_rtp_over_udp_are_read_once_each() -> None:
    body = "\r\n".join(["v=0", "c=IN IP4 0.0.0.0", "m=audio 9 RTP/AVP 0", *ICE]).encode()
    (audio,) = SessionDescription.parse(body).media
    assert audio.candidates == (("192.0.2.7", 4000),)


@pytest.mark.parametrize(
    ("port", "lines", "is_held"), [(9, (), False), (4000, ICE, False), (4000, (), True), (9, ICE, False)]
)
def test_no_address_is_no_hold_where_candidates_tell_or_will(
    port: int, lines: tuple[str, ...], is_held: bool
) -> None:
    body = "\r\n".join(["v=0", "c=IN IP4 0.0.0.0", f"m=audio {port} RTP/AVP 0", *lines]).encode()
    assert SessionDescription.parse(body).media[0].is_held is is_held


@given(st.text("acdeint:= 1UDPtyp.\n", max_size=80))
def test_candidates_that_follow_no_grammar_are_passed_over(line: str) -> None:
    body = f"v=0\nm=audio 9 RTP/AVP 0\na=candidate:{line}".encode()
    for medium in SessionDescription.parse(body).media:
        assert all(0 < port < 65536 for _, port in medium.candidates)
        assert medium.is_held in (True, False)
