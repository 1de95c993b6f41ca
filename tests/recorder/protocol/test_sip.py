"""SIP messages as phones and exchanges write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.protocol.errors import SipError
from recorder.protocol.sip import CSeq, SipMessage
from recorder.protocol.sip_values import NameAddr, Replaces, SessionId

SDP = b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"
INVITE = (
    b"INVITE sip:1001@pbx.example;transport=udp SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1;rport\r\n"
    b"Via: SIP/2.0/TCP far.example;branch=z9hG4bK0\r\n"
    b'From: "Jane \\"JJ\\" Caller" <sip:15551230001@192.0.2.1>;tag=f817\r\n'
    b"To: <sip:1001@pbx.example>\r\n"
    b"Call-ID: 56bba0190c8a9786\r\n"
    b"CSeq: 6629 INVITE\r\n"
    b"Contact: <sip:15551230001@192.0.2.1:5060>\r\n"
    b'P-Asserted-Identity: "Jane" <sip:8001@pbx.example>, <tel:+15551230001>\r\n'
    b"Session-ID: A1B2;remote=00FF\r\n"
    b"Replaces: abc@host;to-tag=1;from-tag=2\r\n"
    b"X-Genesys-CallUUID: 42\r\n"
    b"Content-Type: application/sdp\r\n"
    b"Content-Length: %d\r\n\r\n" % len(SDP)
) + SDP


def changed(**lines: str) -> SipMessage:
    """The message above with some header fields put before all others."""
    extra = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in lines.items())
    return SipMessage.parse(INVITE.replace(b"\r\n", b"\r\n" + extra.encode(), 1))


def test_a_request() -> None:
    message = SipMessage.parse(INVITE)
    assert message.is_request
    assert (message.method, message.uri) == ("INVITE", "sip:1001@pbx.example;transport=udp")
    assert (message.status, message.reason) == (0, "")
    assert message.call_id == "56bba0190c8a9786"
    assert message.cseq == CSeq(6629, "INVITE")
    assert message.from_ == NameAddr(
        'Jane "JJ" Caller', "sip:15551230001@192.0.2.1", "f817", "15551230001", "192.0.2.1", {"tag": "f817"}
    )
    assert (message.to.user, message.to.host, message.to.tag) == ("1001", "pbx.example", "")
    assert message.branch == "z9hG4bK1"
    assert message.via[:3] == ("UDP", "192.0.2.1", 5060)
    assert message.contact is not None
    assert message.contact.uri == "sip:15551230001@192.0.2.1:5060"
    assert [one.user for one in message.asserted_identities] == ["8001", "+15551230001"]
    assert message.session_id == SessionId("a1b2", "00ff")
    assert message.replaces == Replaces("abc@host", "1", "2")
    assert message.header("x-genesys-calluuid") == "42"
    assert message.content_type == "application/sdp"
    assert message.sdp == SDP
    assert not message.is_cut


def test_a_response() -> None:
    message = SipMessage.parse(b"SIP/2.0 486 Busy Here, sorry\r\nCSeq: 7 INVITE\r\n\r\n")
    assert not message.is_request
    assert (message.status, message.reason) == (486, "Busy Here, sorry")
    assert (message.method, message.uri) == ("INVITE", "")


def test_a_response_without_reason() -> None:
    assert SipMessage.parse(b"SIP/2.0 200\r\n\r\n").status == 200


def test_compact_forms_and_any_case() -> None:
    message = SipMessage.parse(
        b"BYE sip:a@b SIP/2.0\r\nv: SIP/2.0/UDP h;branch=z9\r\nF: <sip:x@y>;TAG=1\r\nt: sip:a@b;tag=2\r\n"
        b"i: 7\r\ncseq: 1 BYE\r\nm: *\r\nL: 0\r\n\r\n"
    )
    assert (message.branch, message.from_.tag, message.to.tag, message.call_id) == ("z9", "1", "2", "7")
    assert message.contact == NameAddr("", "*")
    assert message.content_length == 0
    assert [name for name, _ in message.fields][:3] == ["Via", "From", "To"]


def test_folded_lines_are_one_value() -> None:
    message = SipMessage.parse(
        b"BYE sip:a@b SIP/2.0\r\nSubject: I know\r\n  you're\r\n\tthere\r\nCall-ID:\r\n 9\r\n\r\n"
    )
    assert message.header("subject") == "I know you're there"
    assert message.call_id == "9"


def test_values_of_one_header_in_lines_and_lists() -> None:
    message = SipMessage.parse(
        b'OPTIONS sip:a SIP/2.0\r\nRoute: <sip:a,b>, "x,y" <sip:c>\r\nRoute: <sip:d>\r\n\r\n'
    )
    assert message.headers("Route") == ["<sip:a,b>", '"x,y" <sip:c>', "<sip:d>"]
    assert SipMessage.parse(b"BYE sip:a SIP/2.0\r\nVia: ,,\r\n\r\n").branch == ""
    assert [one.display for one in message.addresses("route")] == ["", "x,y", ""]
    assert message.headers("absent") == []


def test_bare_line_feeds_and_leading_empty_lines() -> None:
    assert SipMessage.parse(b"\r\n\n\r\n" + INVITE.replace(b"\r\n", b"\n")).sdp == SDP.replace(b"\r\n", b"\n")


@pytest.mark.parametrize(
    "line", [b"", b"Content-Length: x\r\n", b"Content-Length: -1\r\n", b"Content-Length: 9999\r\n"]
)
def test_a_body_without_a_true_length_goes_to_the_end(line: bytes) -> None:
    message = SipMessage.parse(b"INFO sip:a SIP/2.0\r\n" + line + b"\r\nSignal=5")
    assert message.body == b"Signal=5"
    assert message.is_cut == (b"9999" in line)


def test_what_follows_the_body_is_dropped() -> None:
    assert SipMessage.parse(INVITE + b"\0\0\0\0").body == SDP
    assert SipMessage.parse(b"INFO sip:a SIP/2.0\r\nContent-Length: 0\r\n\r\njunk").body == b""


def test_a_message_without_an_end_of_its_head() -> None:
    message = SipMessage.parse(b"INVITE sip:a SIP/2.0\r\nCall-ID: 5\r\nFrom: <sip:x@")
    assert (message.call_id, message.from_.uri, message.body) == ("5", "sip:x@", b"")


def test_lines_that_are_no_fields_are_left_out() -> None:
    message = SipMessage.parse(
        b"BYE sip:a SIP/2.0\r\n folded onto nothing\r\nnonsense\r\n: no name\r\nCall-ID: 5\r\n\r\n"
    )
    assert message.fields == (("Call-ID", "5"),)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "no SIP message: it starts neither with SIP/2.0 nor with METHOD URI SIP/2.0"),
        (b"\r\n\r\n", "no SIP message: it starts neither with SIP/2.0 nor with METHOD URI SIP/2.0"),
        (
            b"GET / HTTP/1.1\r\n\r\n",
            "no SIP message: it starts neither with SIP/2.0 nor with METHOD URI SIP/2.0",
        ),
        (
            b"INVITE SIP/2.0\r\n\r\n",
            "no SIP message: it starts neither with SIP/2.0 nor with METHOD URI SIP/2.0",
        ),
        (b"SIP/2.0 2O0 OK\r\n\r\n", "a SIP response needs a status code of three digits"),
        (b"SIP/2.0 2000 OK\r\n\r\n", "a SIP response needs a status code of three digits"),
    ],
)
def test_what_is_no_message_says_why(data: bytes, message: str) -> None:
    with pytest.raises(SipError) as caught:
        SipMessage.parse(data)
    assert str(caught.value) == message


@pytest.mark.parametrize("value", ["", "INVITE", "x INVITE", "99999999999999999999 INVITE"])
def test_an_unreadable_cseq_is_no_number(value: str) -> None:
    assert SipMessage.parse(f"BYE sip:a SIP/2.0\r\nCSeq: {value}\r\n\r\n".encode()).cseq.number == 0


def test_other_identities() -> None:
    message = changed(
        Remote_Party_ID='"Bo" <sip:7@x>;party=calling', Refer_To="<sip:b@c?Replaces=1%402%3Bto-tag%3D3>"
    )
    assert message.remote_party is not None
    assert (message.remote_party.user, message.remote_party.params) == ("7", {"party": "calling"})
    assert message.refer_to is not None
    assert Replaces.from_uri(message.refer_to.uri) == Replaces("1@2", "3", "")


def multipart(newline: str = "\r\n", boundary: str = '"b1"') -> bytes:
    lines = [
        "INVITE sip:a SIP/2.0",
        f"Content-Type: multipart/mixed;boundary={boundary}",
        "",
        "--b1",
        "Content-Type: application/isup",
        "",
        "\x01\x02",
        "--b1",
        "c: Application/SDP; charset=x",
        "",
        "v=0",
        "s=-",
        "--b1--",
        "",
    ]
    return newline.join(lines).encode()


def test_the_description_among_several_parts() -> None:
    assert SipMessage.parse(multipart()).sdp == b"v=0\r\ns=-"
    assert SipMessage.parse(multipart(boundary="b1")).sdp == b"v=0\r\ns=-"
    assert SipMessage.parse(multipart(boundary="")).sdp == b"v=0\r\ns=-"
    assert SipMessage.parse(multipart("\n")).sdp == b"v=0\ns=-"
    assert SipMessage.parse(multipart(boundary="other")).sdp is None


def test_a_description_without_content_type() -> None:
    assert SipMessage.parse(b"SIP/2.0 200 OK\r\n\r\nv=0\r\n").sdp == b"v=0\r\n"
    assert SipMessage.parse(b"SIP/2.0 200 OK\r\nContent-Type: text/plain\r\n\r\nv=0\r\n").sdp is None
    assert SipMessage.parse(b"SIP/2.0 200 OK\r\nContent-Type: application/sdp\r\n\r\n").sdp is None


def test_messages_to_be_sent() -> None:
    fields = [("Call-ID", "1"), ("CSeq", "1 INVITE"), ("Subject", "Grüße")]
    request = SipMessage.request("INVITE", "sip:a@b", fields, b"v=0\r\n")
    expected = (
        "INVITE sip:a@b SIP/2.0\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\nSubject: Grüße\r\n"
        "Content-Length: 5\r\n\r\nv=0\r\n"
    )
    assert bytes(request) == expected.encode()
    assert SipMessage.parse(bytes(request)) == request
    response = SipMessage.response(180, "Ringing", fields)
    assert SipMessage.parse(bytes(response)) == response
    assert bytes(response).startswith(b"SIP/2.0 180 Ringing\r\n")


def test_bytes_that_are_no_text_survive() -> None:
    data = b"BYE sip:a SIP/2.0\r\nSubject: caf\xe9\r\n\r\n"
    assert bytes(SipMessage.parse(data)) == data


def read_all(message: SipMessage) -> None:
    """Ask for everything that is read lazily."""
    for name in dir(SipMessage):
        if isinstance(getattr(SipMessage, name), property) or name in SipMessage.__dict__:
            getattr(message, name)


def test_a_description_is_found_in_parts_of_parts_and_under_folded_fields() -> None:
    inner = "\r\n".join(
        ["--in", "Content-Type:", " application/sdp;x=y", "", "v=0", "s=-", "--in", "", "other", "--in--"]
    )
    body = "\r\n".join(["--out", 'Content-Type: multipart/alternative;boundary="in"', "", inner, "--out--"])
    head = "INVITE sip:a@b SIP/2.0\r\nContent-Type: multipart/mixed;boundary=out\r\n\r\n"
    assert SipMessage.parse((head + body).encode()).sdp == b"v=0\r\ns=-"


def test_parts_within_parts_without_end_are_no_trouble() -> None:
    part = "--b\r\nContent-Type: multipart/mixed;boundary=b\r\n\r\n"
    head = "INVITE sip:a@b SIP/2.0\r\nContent-Type: multipart/mixed;boundary=b\r\n\r\n"
    assert SipMessage.parse((head + part * 500).encode()).sdp is None


WORDS = b'\r\n|\n|\n | |,|,,|From: |To: |Via: |"|<sip:|>|;|tag=|CSeq: |1|Contact: |Content-Type: |--b'
pieces = st.sampled_from([INVITE[:50], b"multipart/mixed;boundary=", b"Replaces: ", *WORDS.split(b"|")])


@given(st.lists(pieces | st.binary(max_size=6)).map(b"".join))
def test_any_bytes_are_a_message_or_a_sip_error(data: bytes) -> None:
    try:
        message = SipMessage.parse(data)
    except SipError:
        return
    read_all(message)
    assert SipMessage.parse(bytes(message)).fields == message.fields


@pytest.mark.parametrize(
    ("length", "body"),
    [(5, b"v=0\r\n"), (8, b"v=0\r\ns=ab\r\n"), (10, b"v=0\r\ns=ab\r\n"), (11, b"v=0\r\ns=ab\r\n"), (0, b"")],
)
def test_a_body_does_not_end_within_a_line(length: int, body: bytes) -> None:
    rest = b"v=0\r\ns=ab\r\na=more\r\n"
    message = SipMessage.parse(f"INVITE sip:a@b SIP/2.0\r\nl: {length}\r\n\r\n".encode() + rest)
    assert message.body == body


def test_what_is_behind_a_body_and_no_line_is_no_part_of_it() -> None:
    head = b"INVITE sip:a@b SIP/2.0\r\nl: 3\r\n\r\n"
    assert SipMessage.parse(head + b"v=0\0\0\0\n").body == b"v=0"
    assert SipMessage.parse(head + b"v=0 and no end").body == b"v=0"
