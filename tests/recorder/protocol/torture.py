"""Torture test messages of RFC 4475, section 3.1.1 (valid ones), and what a recorder should read in them.

The messages are the test vectors of that RFC, by its names; bytes that cannot stand in a text are escaped.
"""

from dataclasses import dataclass

BODY = """v=0
o=mhandley 29739 7272939 IN IP4 {0}
s=-
c=IN IP4 {0}
t=0 0
m=audio 49217 RTP/AVP 0 12
m=video 3227 RTP/AVP 31
a=rtpmap:31 LPC
"""


@dataclass(frozen=True)
class Vector:
    """A message and its reading; ``error`` where it is none. ``ports`` are those where media is wanted."""

    name: str
    section: str
    raw: bytes
    error: bool = False
    method: str = ""
    status: int = 0
    call_id: str = ""
    caller: str = ""
    called: str = ""
    tag: str = ""
    ports: tuple[int, ...] = ()


def wire(head: str, host: str = "") -> bytes:
    """The message as it is sent, with the session description of ``host`` if given."""
    body = BODY.format(host) if host else ""
    return f"{head.strip(chr(10))}\n\n{body}".replace("\n", "\r\n").encode("utf-8", "surrogateescape")


OFFERED = (49217, 3227)

WSINV = r"""
INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0
TO :
 sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n
from   : "J Rosenberg \\\""       <sip:jdrosen@example.com>
  ;
  tag = 98asjd8
MaX-fOrWaRdS: 0068
Call-ID: wsinv.ndaksdj@192.0.2.1
Content-Length   : 150
cseq: 0009
  INVITE
Via  : SIP  /   2.0
 /UDP
    192.0.2.2;branch=390skdjuw
s :
NewFangledHeader:   newfangled value
 continued newfangled value
UnknownHeaderWithUnusualValue: ;;,,;;,;
Content-Type: application/sdp
Route:
 <sip:services.example.com;lr;unknownwith=value;unknown-no-value>
v:  SIP  / 2.0  / TCP     spindle.example.com   ;
  branch  =   z9hG4bK9ikj8  ,
 SIP  /    2.0   / UDP  192.168.255.111   ; branch=
 z9hG4bK30239
m:"Quoted string \"\"" <sip:jdrosen@example.com> ; newparam =
      newvalue ;
  secondparam ; q = 0.33
"""

INTMETH = r"""
!interesting-Method0123456789_*+`.%indeed'~ sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com SIP/2.0
Via: SIP/2.0/TCP host1.example.com;branch=z9hG4bK-.!%66*_+`'~
To: "BEL:\▮ NUL:\▯ DEL:\▰" <sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@example.com>
From: token1~` token2'+_ token3*%!.- <sip:mundane@example.com>;fromParam''~+*_!.-%="работающий";tag=_token~1'+`*%!-.
Call-ID: intmeth.word%ZK-!.*_+'@word`~)(><:\/"][?}{
CSeq: 139122385 !interesting-Method0123456789_*+`.%indeed'~
Max-Forwards: 255
extensionHeader-!.%*+_`'~:大停電
Content-Length: 0
"""  # noqa: E501

ESC01 = """
INVITE sip:sips%3Auser%40example.com@example.net SIP/2.0
To: sip:%75se%72@example.com
From: <sip:I%20have%20spaces@example.net>;tag=938
Max-Forwards: 87
i: esc01.239409asdfakjkn23onasd0-3234
CSeq: 234234 INVITE
Via: SIP/2.0/UDP host5.example.net;branch=z9hG4bKkdjuw
C: application/sdp
Contact:
  <sip:cal%6Cer@host5.example.net;%6C%72;n%61me=v%61lue%25%34%31>
Content-Length: 150
"""

ESCNULL = """
REGISTER sip:example.com SIP/2.0
To: sip:null-%00-null@example.com
From: sip:null-%00-null@example.com;tag=839923423
Max-Forwards: 70
Call-ID: escnull.39203ndfvkjdasfkq3w4otrq0adsfdfnavd
CSeq: 14398234 REGISTER
Via: SIP/2.0/UDP host5.example.com;branch=z9hG4bKkdjuw
Contact: <sip:%00@host5.example.com>
Contact: <sip:%00%00@host5.example.com>
L:0
"""

ESC02 = """
RE%47IST%45R sip:registrar.example.com SIP/2.0
To: "%Z%45" <sip:resource@example.com>
From: "%Z%45" <sip:resource@example.com>;tag=f232jadfj23
Call-ID: esc02.asdfnqwo34rq23i34jrjasdcnl23nrlknsdf
Via: SIP/2.0/TCP host.example.com;branch=z9hG4bK209%fzsnel234
CSeq: 29344 RE%47IST%45R
Max-Forwards: 70
Contact: <sip:alias1@host1.example.com>
C%6Fntact: <sip:alias2@host2.example.com>
Contact: <sip:alias3@host3.example.com>
l: 0
"""

LWSDISP = """
OPTIONS sip:user@example.com SIP/2.0
To: sip:user@example.com
From: caller<sip:caller@example.com>;tag=323
Max-Forwards: 70
Call-ID: lwsdisp.1234abcd@funky.example.com
CSeq: 60 OPTIONS
Via: SIP/2.0/UDP funky.example.com;branch=z9hG4bKkdjuw
l: 0
"""

LONGREQ = f"""
INVITE sip:user@example.com SIP/2.0
To: "I have a user name of {"extreme" * 10} proportion"<sip:user@example.com:6000;unknownparam1=very{"long" * 20}value;longparam{"name" * 25}=shortvalue;very{"long" * 25}ParameterNameWithNoValue>
F: sip:{"amazinglylongcallername" * 5}@example.net;tag=12{"982" * 50}424;unknownheaderparam{"name" * 20}=unknowheaderparam{"value" * 15};unknownValueless{"paramname" * 10}
Call-ID: longreq.one{"really" * 20}longcallid
CSeq: 3882340 INVITE
Unknown-{"Long" * 20}-Name: unknown-{"long" * 20}-value;unknown-{"long" * 20}-parameter-name=unknown-{"long" * 20}-parameter-value
{chr(10).join(f"Via: SIP/2.0/TCP sip{hop}.example.com" for hop in range(33, 0, -1))}
v: SIP/2.0/TCP host.example.com;received=192.0.2.5;branch=very{"long" * 50}branchvalue
Max-Forwards: 70
Contact: <sip:{"amazinglylongcallername" * 5}@host5.example.net>
Content-Type: application/sdp
l: 150
"""  # noqa: E501

DBLREQ = """
REGISTER sip:example.com SIP/2.0
To: sip:j.user@example.com
From: sip:j.user@example.com;tag=43251j3j324
Max-Forwards: 8
I: dblreq.0ha0isndaksdj99sdfafnl3lk233412
Contact: sip:j.user@host.example.com
CSeq: 8 REGISTER
Via: SIP/2.0/UDP 192.0.2.125;branch=z9hG4bKkdjuw23492
Content-Length: 0

INVITE sip:joe@example.com SIP/2.0
t: sip:joe@example.com
From: sip:caller@example.net;tag=141334
Max-Forwards: 8
Call-ID: dblreq.0ha0isnda977644900765@192.0.2.15
CSeq: 8 INVITE
Via: SIP/2.0/UDP 192.0.2.15;branch=z9hG4bKkdjuw380234
Content-Type: application/sdp
Content-Length: 150
"""

SEMIURI = """
OPTIONS sip:user;par=u%40example.net@example.com SIP/2.0
To: sip:j_user@example.com
From: sip:caller@example.org;tag=33242
Max-Forwards: 3
Call-ID: semiuri.0ha0isndaksdj
CSeq: 8 OPTIONS
Accept: application/sdp, application/pkcs7-mime,
        multipart/mixed, multipart/signed,
        message/sip, message/sipfrag
Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKkdjuw
l: 0
"""

TRANSPORTS = """
OPTIONS sip:user@example.com SIP/2.0
To: sip:user@example.com
From: <sip:caller@example.com>;tag=323
Max-Forwards: 70
Call-ID:  transports.kijh4akdnaqjkwendsasfdj
Accept: application/sdp
CSeq: 60 OPTIONS
Via: SIP/2.0/UDP t1.example.com;branch=z9hG4bKkdjuw
Via: SIP/2.0/SCTP t2.example.com;branch=z9hG4bKklasjdhf
Via: SIP/2.0/TLS t3.example.com;branch=z9hG4bK2980unddj
Via: SIP/2.0/UNKNOWN t4.example.com;branch=z9hG4bKasd0f3en
Via: SIP/2.0/TCP t5.example.com;branch=z9hG4bK0a9idfnee
l: 0
"""

UNREASON = """
SIP/2.0 200 = 2**3 * 5**2 но сто девяносто девять - простое
Via: SIP/2.0/UDP 192.0.2.198;branch=z9hG4bK1324923
Call-ID: unreason.1234ksdfak3j2erwedfsASdf
CSeq: 35 INVITE
From: sip:user@example.com;tag=11141343
To: sip:user@example.edu;tag=2229
Content-Length: 154
Content-Type: application/sdp
Contact: <sip:user@host198.example.com>
"""

NOREASON = """
SIP/2.0 100\x20
Via: SIP/2.0/UDP 192.0.2.105;branch=z9hG4bK2398ndaoe
Call-ID: noreason.asndj203insdf99223ndf
CSeq: 35 INVITE
From: <sip:user@example.com>;tag=39ansfi3
To: <sip:user@example.edu>;tag=902jndnke3
Content-Length: 0
Contact: <sip:user@host105.example.com>
"""

ODD_METHOD = "!interesting-Method0123456789_*+`.%indeed'~"

VALID = [
    Vector(
        "wsinv",
        "3.1.1.1",
        wire(WSINV, "192.0.2.3"),
        method="INVITE",
        call_id="wsinv.ndaksdj@192.0.2.1",
        caller="jdrosen",
        called="vivekg",
        tag="98asjd8",
        ports=OFFERED,
    ),
    Vector(
        "intmeth",
        "3.1.1.2",
        wire(INTMETH.replace("▮", "\x07").replace("▯", "\0").replace("▰", "\x7f")),
        method=ODD_METHOD,
        call_id="intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{",
        caller="mundane",
        called="1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/",
        tag="_token~1'+`*%!-.",
    ),
    Vector(
        "esc01",
        "3.1.1.3",
        wire(ESC01, "192.0.2.1"),
        method="INVITE",
        call_id="esc01.239409asdfakjkn23onasd0-3234",
        caller="I have spaces",
        called="user",
        tag="938",
        ports=OFFERED,
    ),
    Vector(
        "escnull",
        "3.1.1.4",
        wire(ESCNULL),
        method="REGISTER",
        call_id="escnull.39203ndfvkjdasfkq3w4otrq0adsfdfnavd",
        caller="null-\0-null",
        called="null-\0-null",
        tag="839923423",
    ),
    Vector(
        "esc02",
        "3.1.1.5",
        wire(ESC02),
        method="RE%47IST%45R",
        call_id="esc02.asdfnqwo34rq23i34jrjasdcnl23nrlknsdf",
        caller="resource",
        called="resource",
        tag="f232jadfj23",
    ),
    Vector(
        "lwsdisp",
        "3.1.1.6",
        wire(LWSDISP),
        method="OPTIONS",
        call_id="lwsdisp.1234abcd@funky.example.com",
        caller="caller",
        called="user",
        tag="323",
    ),
    Vector(
        "longreq",
        "3.1.1.7",
        wire(LONGREQ, "192.0.2.1"),
        method="INVITE",
        call_id=f"longreq.one{'really' * 20}longcallid",
        caller="amazinglylongcallername" * 5,
        called="user",
        tag=f"12{'982' * 50}424",
        ports=OFFERED,
    ),
    Vector(
        "dblreq",
        "3.1.1.8",
        wire(DBLREQ, "192.0.2.15"),
        method="REGISTER",
        call_id="dblreq.0ha0isndaksdj99sdfafnl3lk233412",
        caller="j.user",
        called="j.user",
        tag="43251j3j324",
    ),
    Vector(
        "semiuri",
        "3.1.1.9",
        wire(SEMIURI),
        method="OPTIONS",
        call_id="semiuri.0ha0isndaksdj",
        caller="caller",
        called="j_user",
        tag="33242",
    ),
    Vector(
        "transports",
        "3.1.1.10",
        wire(TRANSPORTS),
        method="OPTIONS",
        call_id="transports.kijh4akdnaqjkwendsasfdj",
        caller="caller",
        called="user",
        tag="323",
    ),
    Vector(
        "unreason",
        "3.1.1.12",
        wire(UNREASON, "192.0.2.198"),
        method="INVITE",
        status=200,
        call_id="unreason.1234ksdfak3j2erwedfsASdf",
        caller="user",
        called="user",
        tag="11141343",
        ports=OFFERED,
    ),
    Vector(
        "noreason",
        "3.1.1.13",
        wire(NOREASON),
        method="INVITE",
        status=100,
        call_id="noreason.asndj203insdf99223ndf",
        caller="user",
        called="user",
        tag="39ansfi3",
    ),
]
