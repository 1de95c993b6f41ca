"""Torture test messages of RFC 4475, sections 3.1.2 to 3.4: those that a phone may refuse.

A recorder refuses none that it can read at all: what is odd about a message is no reason to lose its call.
"""

from tests.recorder.protocol.torture import OFFERED, Vector, wire


def _invite(
    call_id: str,
    host: str = "192.0.2.1",
    start: str = "INVITE sip:user@example.com SIP/2.0",
    to: str = "sip:j.user@example.com",
    from_: str = "sip:caller@example.net;tag=93334",
    cseq: str = "8 INVITE",
    more: str = "",
    length: str = "150",
) -> bytes:
    """An INVITE of these sections; they differ in a line or two."""
    return wire(
        f"""
{start}
To: {to}
From: {from_}
Max-Forwards: 10
Call-ID: {call_id}
CSeq: {cseq}
Via: SIP/2.0/UDP {host};branch=z9hG4bKkdjuw
Contact: <sip:caller@host.example.net>
Content-Type: application/sdp
{more}Content-Length: {length}
""",
        host,
    )


def _call(name: str, section: str, raw: bytes, call_id: str = "", **odd: object) -> Vector:
    """An INVITE that is recorded though odd; ``odd`` is what is read in another way than usual."""
    usual: dict[str, object] = {
        "method": "INVITE",
        "caller": "caller",
        "called": "j.user",
        "tag": "93334",
        "ports": OFFERED,
    }
    return Vector(name, section, raw, call_id=call_id or f"{name}.0ha0", **{**usual, **odd})  # type: ignore[arg-type]


BADINV01 = """
INVITE sip:user@example.com SIP/2.0
To: sip:j.user@example.com
From: sip:caller@example.net;tag=134161461246
Max-Forwards: 7
Call-ID: badinv01.0ha0isndaksdjasdf3234nas
CSeq: 8 INVITE
Via: SIP/2.0/UDP 192.0.2.15;;,;,,
Contact: "Joe" <sip:joe@example.org>;;;;
Content-Length: 152
Content-Type: application/sdp
"""

MULTI01 = """
INVITE sip:user@company.com SIP/2.0
Contact: <sip:caller@host25.example.net>
Via: SIP/2.0/UDP 192.0.2.25;branch=z9hG4bKkdjuw
Max-Forwards: 70
CSeq: 5 INVITE
Call-ID: multi01.98asdh@192.0.2.1
CSeq: 59 INVITE
Call-ID: multi01.98asdh@192.0.2.2
From: sip:caller@example.com;tag=3413415
To: sip:user@example.com
To: sip:other@example.net
From: sip:caller@example.net;tag=2923420123
Content-Type: application/sdp
l: 154
Contact: <sip:caller@host36.example.net>
Max-Forwards: 5
"""

SCALAR02 = """
REGISTER sip:example.com SIP/2.0
Via: SIP/2.0/TCP host129.example.com;branch=z9hG4bK342sdfoi3
To: <sip:user@example.com>
From: <sip:user@example.com>;tag=239232jh3
CSeq: 36893488147419103232 REGISTER
Call-ID: scalar02.23o0pd9vanlq3wnrlnewofjas9ui32
Max-Forwards: 300
Expires: 1%s
Contact: <sip:user@host129.example.com>
  ;expires=280297596632815
Content-Length: 0
""" % ("0" * 100)

SCALARLG = """
SIP/2.0 503 Service Unavailable
Via: SIP/2.0/TCP host129.example.com;branch=z9hG4bKzzxdiwo34sw;received=192.0.2.129
To: <sip:user@example.com>
From: <sip:other@example.net>;tag=2easdjfejw
CSeq: 9292394834772304023312 OPTIONS
Call-ID: scalarlg.noase0of0234hn2qofoaf0232aewf2394r
Retry-After: 949302838503028349304023988
Warning: 1812 overture "In Progress"
Content-Length: 0
"""

TRWS = """
OPTIONS sip:remote-target@example.com SIP/2.0\x20\x20
Via: SIP/2.0/TCP host1.example.com;branch=z9hG4bK299342093
To: <sip:remote-target@example.com>
From: <sip:local-resource@example.com>;tag=329429089
Call-ID: trws.oicu34958239neffasdhr2345r
Accept: application/sdp
CSeq: 238923 OPTIONS
Max-Forwards: 70
Content-Length: 0
"""

BIGCODE = """
SIP/2.0 4294967301 better not break the receiver
Via: SIP/2.0/UDP 192.0.2.105;branch=z9hG4bK2398ndaoe
Call-ID: bigcode.asdof3uj203asdnf3429uasdhfas3ehjasdfas9i
CSeq: 353494 INVITE
From: <sip:user@example.com>;tag=39ansfi3
To: <sip:user@example.edu>;tag=902jndnke3
Content-Length: 0
Contact: <sip:user@host105.example.com>
"""

INSUF = """
INVITE sip:user@example.com SIP/2.0
CSeq: 193942 INVITE
Via: SIP/2.0/UDP 192.0.2.95;branch=z9hG4bKkdj.insuf
Content-Type: application/sdp
l: 152
"""

UNKSM2 = """
REGISTER sip:example.com SIP/2.0
To: isbn:2983792873
From: <http://www.example.com>;tag=3234233
Call-ID: unksm2.daksdj@hyphenated-host.example.com
CSeq: 234902 REGISTER
Max-Forwards: 70
Via: SIP/2.0/UDP 192.0.2.21:5060;branch=z9hG4bKkdjuw
Contact: <name:John_Smith>
l: 0
"""

INV2543 = """
INVITE sip:UserB@example.com SIP/2.0
Via: SIP/2.0/UDP iftgw.example.com
From: <sip:+13035551111@ift.client.example.net;user=phone>
Record-Route: <sip:UserB@example.com;maddr=ss1.example.com>
To: sip:+16505552222@ss1.example.net;user=phone
Call-ID: inv2543.1717@ift.client.example.com
CSeq: 56 INVITE
Content-Type: application/sdp
"""

INVALID = [
    _call(
        "badinv01",
        "3.1.2.1",
        wire(BADINV01, "192.0.2.15"),
        call_id="badinv01.0ha0isndaksdjasdf3234nas",
        tag="134161461246",
    ),
    _call("clerr", "3.1.2.2", _invite("clerr.0ha0", length="9999")),
    _call("ncl", "3.1.2.3", _invite("ncl.0ha0", length="-999")),
    Vector(
        "scalar02",
        "3.1.2.4",
        wire(SCALAR02),
        method="REGISTER",
        call_id="scalar02.23o0pd9vanlq3wnrlnewofjas9ui32",
        caller="user",
        called="user",
        tag="239232jh3",
    ),
    Vector(
        "scalarlg",
        "3.1.2.5",
        wire(SCALARLG),
        method="OPTIONS",
        status=503,
        call_id="scalarlg.noase0of0234hn2qofoaf0232aewf2394r",
        caller="other",
        called="user",
        tag="2easdjfejw",
    ),
    _call("quotbal", "3.1.2.6", _invite("quotbal.0ha0", to='"Mr. J. User <sip:j.user@example.com>')),
    _call("ltgtruri", "3.1.2.7", _invite("ltgtruri.0ha0", start="INVITE <sip:user@example.com> SIP/2.0")),
    _call(
        "lwsruri",
        "3.1.2.8",
        _invite("lwsruri.0ha0", start="INVITE sip:user@example.com; lr SIP/2.0"),
    ),
    _call(
        "lwsstart",
        "3.1.2.9",
        _invite("lwsstart.0ha0", start="INVITE  sip:user@example.com  SIP/2.0"),
    ),
    Vector(
        "trws",
        "3.1.2.10",
        wire(TRWS),
        method="OPTIONS",
        call_id="trws.oicu34958239neffasdhr2345r",
        caller="local-resource",
        called="remote-target",
        tag="329429089",
    ),
    _call(
        "escruri",
        "3.1.2.11",
        _invite("escruri.0ha0", start="INVITE sip:user@example.com?Route=%3Csip:example.com%3E SIP/2.0"),
    ),
    _call("baddate", "3.1.2.12", _invite("baddate.0ha0", more="Date: Fri, 01 Jan 2010 16:00:00 EST\n")),
    _call(
        "badaspec",
        "3.1.2.14",
        _invite("badaspec.0ha0", to='"Watson, Thomas" < sip:j.user@example.com >'),
    ),
    _call(
        "baddn",
        "3.1.2.15",
        _invite("baddn.0ha0", from_="Bell, Alexander <sip:caller@example.net>;tag=93334"),
    ),
    Vector(
        "badvers",
        "3.1.2.16",
        _invite("badvers.0ha0", start="INVITE sip:user@example.com SIP/7.0"),
        error=True,
    ),
    _call("mismatch01", "3.1.2.17", _invite("mismatch01.0ha0", cseq="8 OPTIONS")),
    _call(
        "mismatch02",
        "3.1.2.18",
        _invite("mismatch02.0ha0", start="NEWMETHOD sip:user@example.com SIP/2.0"),
        method="NEWMETHOD",
    ),
    Vector("bigcode", "3.1.2.19", wire(BIGCODE), error=True),
    _call("insuf", "3.3.1", wire(INSUF, "192.0.2.95"), call_id=" ", caller="", called="", tag=""),
    _call(
        "unkscm",
        "3.3.2",
        _invite("unkscm.0ha0", start="INVITE nobodyKnowsThisScheme:totallyopaquecontent SIP/2.0"),
    ),
    _call("novelsc", "3.3.3", _invite("novelsc.0ha0", start="INVITE soap.beep://192.0.2.103:3002 SIP/2.0")),
    Vector(
        "unksm2",
        "3.3.4",
        wire(UNKSM2),
        method="REGISTER",
        call_id="unksm2.daksdj@hyphenated-host.example.com",
        tag="3234233",
    ),
    _call("bext01", "3.3.5", _invite("bext01.0ha0", more="Require: nothingSupportsThis\n")),
    _call(
        "multi01",
        "3.3.8",
        wire(MULTI01, "192.0.2.25"),
        call_id="multi01.98asdh@192.0.2.1",
        called="user",
        tag="3413415",
    ),
    _call("mcl01", "3.3.9", _invite("mcl01.0ha0", more="Content-Length: 13\n", length="150"), ports=()),
    _call(
        "cparam01",
        "3.3.12",
        _invite("cparam01.0ha0", more="Contact: sip:+19725552222@gw1.example.net;unknownparam\n"),
    ),
    _call("sdp01", "3.3.15", _invite("sdp01.0ha0", more="Accept: text/nobodyKnowsThis\n")),
    _call(
        "inv2543",
        "3.4.1",
        wire(INV2543, "192.0.2.1"),
        call_id="inv2543.1717@ift.client.example.com",
        caller="+13035551111",
        called="+16505552222",
        tag="",
    ),
]
