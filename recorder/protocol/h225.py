"""Call signalling of H.323 in the user-user information of Q.931 (ITU-T H.225.0, module H323-MESSAGES).

Names are those of the module; what is behind the parts that matter is passed over.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from recorder.protocol.per import (
    Bits,
    Boolean,
    Characters,
    Component,
    Integer,
    Null,
    ObjectIdentifier,
    OctetString,
    Sequence,
    SequenceOf,
    Unread,
    choice,
    optional,
    sequence,
)

_BYTE, _WORD = Integer(0, 255), Integer(0, 65535)
_GLOBALLY_UNIQUE_ID = OctetString(16, 16)
_DIGITS = frozenset("0123456789#*,+")

_H221_NON_STANDARD = sequence(
    Component("t35CountryCode", _BYTE),
    Component("t35Extension", _BYTE),
    Component("manufacturerCode", _WORD),
)
_NON_STANDARD = sequence(
    Component(
        "nonStandardIdentifier",
        choice({"object": ObjectIdentifier(), "h221NonStandard": _H221_NON_STANDARD}),
    ),
    Component("data", OctetString()),
    is_extensible=False,
)
_TRANSPORT_ADDRESS = choice(
    {
        "ipAddress": sequence(
            Component("ip", OctetString(4, 4)), Component("port", _WORD), is_extensible=False
        ),
        "ipSourceRoute": Unread("ipSourceRoute"),
        "ipxAddress": Unread("ipxAddress"),
        "ip6Address": sequence(Component("ip", OctetString(16, 16)), Component("port", _WORD)),
        "netBios": OctetString(16, 16),
        "nsap": OctetString(1, 20),
        "nonStandardAddress": _NON_STANDARD,
    }
)
_ALIAS_ADDRESS = choice(
    {
        # The characters of a restricted alphabet are numbered in their order (X.691, 27.5.2).
        "dialedDigits": Characters(1, 128, 4, "#*,0123456789"),
        "h323-ID": Characters(1, 256, 16),
    },
    (("url-ID", Characters(1, 512, 8)), None, ("email-ID", Characters(1, 512, 8))),
)
_ALIASES = SequenceOf(_ALIAS_ADDRESS)

_CAPABILITIES = sequence(optional("nonStandardData", _NON_STANDARD))
_SUPPORTED_PROTOCOLS = choice(
    {
        "nonStandardData": _NON_STANDARD,
        **dict.fromkeys(
            ("h310", "h320", "h321", "h322", "h323", "h324", "voice", "t120-only"), _CAPABILITIES
        ),
    }
)
_VENDOR_IDENTIFIER = sequence(
    Component("vendor", _H221_NON_STANDARD),
    optional("productId", OctetString(1, 256)),
    optional("versionId", OctetString(1, 256)),
)
_ENDPOINT_TYPE = sequence(
    optional("nonStandardData", _NON_STANDARD),
    optional("vendor", _VENDOR_IDENTIFIER),
    optional("gatekeeper", _CAPABILITIES),
    optional(
        "gateway",
        sequence(
            optional("protocol", SequenceOf(_SUPPORTED_PROTOCOLS)), optional("nonStandardData", _NON_STANDARD)
        ),
    ),
    optional("mcu", _CAPABILITIES),
    optional("terminal", _CAPABILITIES),
    Component("mc", Boolean()),
    Component("undefinedNode", Boolean()),
)
_QSERIES_OPTIONS = sequence(
    *(Component(f"q{number}Full", Boolean()) for number in (932, 951, 952, 953, 955, 956, 957)),
    Component(
        "q954Info",
        sequence(Component("conferenceCalling", Boolean()), Component("threePartyService", Boolean())),
    ),
)

_CALL_IDENTIFIER = Component("callIdentifier", sequence(Component("guid", _GLOBALLY_UNIQUE_ID)))
_FAST_START = Component("fastStart", SequenceOf(OctetString()))
_PROTOCOL = Component("protocolIdentifier", ObjectIdentifier())
_H245_ADDRESS = optional("h245Address", _TRANSPORT_ADDRESS)
_DESTINATION_INFO = Component("destinationInfo", _ENDPOINT_TYPE)

_SETUP = sequence(
    _PROTOCOL,
    _H245_ADDRESS,
    optional("sourceAddress", _ALIASES),
    Component("sourceInfo", _ENDPOINT_TYPE),
    optional("destinationAddress", _ALIASES),
    optional("destCallSignalAddress", _TRANSPORT_ADDRESS),
    optional("destExtraCallInfo", _ALIASES),
    optional("destExtraCRV", SequenceOf(_WORD)),
    Component("activeMC", Boolean()),
    Component("conferenceID", _GLOBALLY_UNIQUE_ID),
    Component("conferenceGoal", choice({"create": Null(), "join": Null(), "invite": Null()}, (None, None))),
    optional("callServices", _QSERIES_OPTIONS),
    Component("callType", choice(dict.fromkeys(("pointToPoint", "oneToN", "nToOne", "nToN"), Null()))),
    # sourceCallSignalAddress, remoteExtensionAddress; h245SecurityCapability, tokens, cryptoTokens
    extensions=(None, None, _CALL_IDENTIFIER, None, None, None, _FAST_START),
)
_ANSWERS = (_CALL_IDENTIFIER, None, None, None, _FAST_START)
"""Extensions of the answers: with h245SecurityMode, tokens and cryptoTokens between them."""
_PROCEEDING = sequence(_PROTOCOL, _DESTINATION_INFO, _H245_ADDRESS, extensions=_ANSWERS)
_CONNECT = sequence(
    _PROTOCOL,
    _H245_ADDRESS,
    _DESTINATION_INFO,
    Component("conferenceID", _GLOBALLY_UNIQUE_ID),
    extensions=_ANSWERS,
)
_PROGRESS = sequence(
    _PROTOCOL,
    _DESTINATION_INFO,
    _H245_ADDRESS,
    _CALL_IDENTIFIER,
    optional("h245SecurityMode", Unread("h245SecurityMode")),
    optional("tokens", Unread("tokens")),
    optional("cryptoTokens", Unread("cryptoTokens")),
    optional("fastStart", SequenceOf(OctetString())),
)
_INFORMATION = sequence(_PROTOCOL, extensions=(_CALL_IDENTIFIER, None, None, _FAST_START))
_RELEASE_REASONS = (
    "noBandwidth",
    "gatekeeperResources",
    "unreachableDestination",
    "destinationRejection",
    "invalidRevision",
    "noPermission",
    "unreachableGatekeeper",
    "gatewayResources",
    "badFormatAddress",
    "adaptiveBusy",
    "inConf",
    "undefinedReason",
)
_RELEASE_COMPLETE = sequence(
    _PROTOCOL,
    optional("reason", choice(dict.fromkeys(_RELEASE_REASONS, Null()))),
    extensions=(_CALL_IDENTIFIER,),
)
_FACILITY = sequence(
    _PROTOCOL,
    optional("alternativeAddress", _TRANSPORT_ADDRESS),
    optional("alternativeAliasAddress", _ALIASES),
    optional("conferenceID", _GLOBALLY_UNIQUE_ID),
    Component(
        "reason",
        choice(
            dict.fromkeys(
                ("routeCallToGatekeeper", "callForwarded", "routeCallToMC", "undefinedReason"), Null()
            )
        ),
    ),
    # destExtraCallInfo, remoteExtensionAddress, tokens, cryptoTokens, conferences, h245Address
    extensions=(_CALL_IDENTIFIER, None, None, None, None, None, None, _FAST_START),
)
_MESSAGE_BODY = choice(
    {
        "setup": _SETUP,
        "callProceeding": _PROCEEDING,
        "connect": _CONNECT,
        "alerting": _PROCEEDING,
        "information": _INFORMATION,
        "releaseComplete": _RELEASE_COMPLETE,
        "facility": _FACILITY,
    },
    (("progress", _PROGRESS), ("empty", Null())),
)
_UU_PDU = sequence(
    Component("h323-message-body", _MESSAGE_BODY),
    optional("nonStandardData", _NON_STANDARD),
    # h4501SupplementaryService, h245Tunnelling
    extensions=(None, None, Component("h245Control", SequenceOf(OctetString()))),
)
USER_INFORMATION: Sequence = sequence(
    Component("h323-uu-pdu", _UU_PDU), optional("user-data", Unread("user-data"))
)
"""H323-UserInformation, the root of it all."""


@dataclass(frozen=True, slots=True)
class CallSignalling:
    """What the user-user information of a message says.

    ``kind`` is the option of ``h323-message-body``. ``call`` is the call's identifier in hexadecimal, one
    and the same at all hosts that it passes; empty where it is not said. ``fast_start`` are encodings of
    logical channels, see ``h245``. ``reason`` says why a call was released or somebody is told something;
    ``forwarded`` is where to a call is to go on. ``control`` are messages of H.245 that the message carries.
    """

    kind: str
    call: str = ""
    source: tuple[str, ...] = ()
    destination: tuple[str, ...] = ()
    forwarded: tuple[str, ...] = ()
    fast_start: tuple[bytes, ...] = ()
    control: tuple[bytes, ...] = ()
    reason: str = ""


def parse(user: bytes) -> CallSignalling:
    """Read user-user information. Raises PerError where it is none, or holds what is not described here."""
    pdu = USER_INFORMATION.read(Bits(user))["h323-uu-pdu"]
    kind, body = pdu["h323-message-body"]
    values: dict[str, Any] = body if isinstance(body, dict) else {}
    identifier = values.get("callIdentifier", {}).get("guid", b"")
    return CallSignalling(
        kind=kind,
        call=identifier.hex() if any(identifier) else "",
        source=_aliases(values.get("sourceAddress", ())),
        destination=_aliases(values.get("destinationAddress", ())),
        forwarded=_aliases(values.get("alternativeAliasAddress", ())),
        fast_start=tuple(values.get("fastStart", ())),
        control=tuple(pdu.get("h245Control", ())),
        reason=values.get("reason", ("", None))[0],
    )


def number(aliases: tuple[str, ...]) -> str:
    """The first alias that is dialled."""
    return next((one for one in aliases if set(one) <= _DIGITS), "")


def name(aliases: tuple[str, ...]) -> str:
    """The first alias that is a name or an address."""
    return next((one for one in aliases if not set(one) <= _DIGITS), "")


def _aliases(found: Iterable[tuple[str, Any]]) -> tuple[str, ...]:
    return tuple(value for _, value in found if isinstance(value, str) and value)
