"""Logical channels of H.245 as fast connect offers them (ITU-T H.245, module MULTIMEDIA-SYSTEM-CONTROL).

Names are those of the module. What is not described here is not audio over RTP.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from recorder.media import Format
from recorder.protocol.address import Words
from recorder.protocol.payload_types import STATIC
from recorder.protocol.per import (
    Bits,
    Boolean,
    Choice,
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

_MAPPED = 0xFFFF00000000

_BYTE, _WORD, _FRAMES = Integer(0, 255), Integer(0, 65535), Integer(1, 256)

_NON_STANDARD_IDENTIFIER = choice(
    {
        "object": ObjectIdentifier(),
        "h221NonStandard": sequence(
            Component("t35CountryCode", _BYTE),
            Component("t35Extension", _BYTE),
            Component("manufacturerCode", _WORD),
            is_extensible=False,
        ),
    },
    is_extensible=False,
)
NON_STANDARD = sequence(
    Component("nonStandardIdentifier", _NON_STANDARD_IDENTIFIER),
    Component("data", OctetString()),
    is_extensible=False,
)

_UNICAST_ADDRESS = choice(
    {
        "iPAddress": sequence(Component("network", OctetString(4, 4)), Component("tsapIdentifier", _WORD)),
        "iPXAddress": Unread("iPXAddress"),
        "iP6Address": sequence(Component("network", OctetString(16, 16)), Component("tsapIdentifier", _WORD)),
        "netBios": OctetString(16, 16),
        "iPSourceRouteAddress": Unread("iPSourceRouteAddress"),
    }
)
TRANSPORT_ADDRESS = choice(
    {"unicastAddress": _UNICAST_ADDRESS, "multicastAddress": Unread("multicastAddress")}
)

_AUDIO_CAPABILITY = choice(
    {
        "nonStandard": NON_STANDARD,
        "g711Alaw64k": _FRAMES,
        "g711Alaw56k": _FRAMES,
        "g711Ulaw64k": _FRAMES,
        "g711Ulaw56k": _FRAMES,
        "g722-64k": _FRAMES,
        "g722-56k": _FRAMES,
        "g722-48k": _FRAMES,
        "g7231": sequence(
            Component("maxAl-sduAudioFrames", _FRAMES),
            Component("silenceSuppression", Boolean()),
            is_extensible=False,
        ),
        "g728": _FRAMES,
        "g729": _FRAMES,
        "g729AnnexA": _FRAMES,
        "is11172AudioCapability": Unread("is11172AudioCapability"),
        "is13818AudioCapability": Unread("is13818AudioCapability"),
    },
    (
        ("g729wAnnexB", _FRAMES),
        ("g729AnnexAwAnnexB", _FRAMES),
        ("g7231AnnexCCapability", Null()),
        ("gsmFullRate", Null()),
        ("gsmHalfRate", Null()),
        ("gsmEnhancedFullRate", Null()),
    ),
)
_DATA_TYPE = choice(
    {
        "nonStandard": NON_STANDARD,
        "nullData": Null(),
        "videoData": Unread("videoData"),
        "audioData": _AUDIO_CAPABILITY,
        "data": Unread("data"),
        "encryptionData": Unread("encryptionData"),
    },
    (None, ("h235Media", Null())),
)

_TERMINAL_LABEL = sequence(
    Component("mcuNumber", Integer(0, 192)), Component("terminalNumber", Integer(0, 192))
)
_RTP_PAYLOAD_TYPE = sequence(
    Component(
        "payloadDescriptor",
        choice(
            {
                "nonStandardIdentifier": NON_STANDARD,
                "rfc-number": Unread("rfc-number"),
                "oid": ObjectIdentifier(),
            }
        ),
    ),
    optional("payloadType", Integer(0, 127)),
)
_H2250_PARAMETERS = sequence(
    optional("nonStandard", SequenceOf(NON_STANDARD)),
    Component("sessionID", _BYTE),
    optional("associatedSessionID", Integer(1, 255)),
    optional("mediaChannel", TRANSPORT_ADDRESS),
    optional("mediaGuaranteedDelivery", Boolean()),
    optional("mediaControlChannel", TRANSPORT_ADDRESS),
    optional("mediaControlGuaranteedDelivery", Boolean()),
    optional("silenceSuppression", Boolean()),
    optional("destination", _TERMINAL_LABEL),
    optional("dynamicRTPPayloadType", Integer(96, 127)),
    optional(
        "mediaPacketization",
        choice({"h261aVideoPacketization": Null()}, (("rtpPayloadType", _RTP_PAYLOAD_TYPE),)),
    ),
)


def _multiplex(*others: str) -> Choice:
    """multiplexParameters: those of H.225.0 are an extension, all others are for other networks."""
    return choice(
        {name: Unread(name) for name in others},
        (("h2250LogicalChannelParameters", _H2250_PARAMETERS), ("none", Null())),
    )


_H222, _H223, _V76 = (f"{name}LogicalChannelParameters" for name in ("h222", "h223", "v76"))
_OPEN_LOGICAL_CHANNEL: Sequence = sequence(
    Component("forwardLogicalChannelNumber", Integer(1, 65535)),
    Component(
        "forwardLogicalChannelParameters",
        sequence(
            optional("portNumber", _WORD),
            Component("dataType", _DATA_TYPE),
            Component("multiplexParameters", _multiplex(_H222, _H223, _V76)),
        ),
    ),
    optional(
        "reverseLogicalChannelParameters",
        sequence(
            Component("dataType", _DATA_TYPE),
            optional("multiplexParameters", _multiplex(_H223, _V76)),
        ),
    ),
)

_STATIC: Mapping[str, int] = MappingProxyType(
    {
        **dict.fromkeys(("g711Alaw64k", "g711Alaw56k"), 8),
        **dict.fromkeys(("g711Ulaw64k", "g711Ulaw56k"), 0),
        **dict.fromkeys(("g722-64k", "g722-56k", "g722-48k"), 9),
        **dict.fromkeys(("g7231", "g7231AnnexCCapability"), 4),
        "g728": 15,
        **dict.fromkeys(("g729", "g729AnnexA", "g729wAnnexB", "g729AnnexAwAnnexB"), 18),
        "gsmFullRate": 3,
    }
)
"""Payload types (RFC 3551, 6) of the audio capabilities that have one."""


@dataclass(frozen=True, slots=True)
class LogicalChannel:
    """A channel of audio.

    ``is_forward`` where who offered it first, the caller, sends on it. ``address`` and ``port`` are where
    its packets go, 0 where that is not said yet; ``control`` is where its RTCP goes. ``is_secure`` where it
    is encrypted (H.235).
    """

    is_forward: bool
    codec: str
    formats: Mapping[int, Format]
    address: Words = (0, 0)
    port: int = 0
    control: tuple[Words, int] | None = None
    is_secure: bool = False


def logical_channel(element: bytes) -> LogicalChannel | None:
    """The channel of an element of ``fastStart``, None where it carries no audio. Raises PerError."""
    opened = _OPEN_LOGICAL_CHANNEL.read(Bits(element))
    forward = opened["forwardLogicalChannelParameters"]
    reverse = opened.get("reverseLogicalChannelParameters")
    is_forward = reverse is None or forward["dataType"][0] != "nullData"
    side: dict[str, Any] = forward if is_forward else reverse or {}
    kind, capability = side["dataType"]
    multiplex, parameters = side.get("multiplexParameters", ("", None))
    if kind not in ("audioData", "h235Media") or multiplex != "h2250LogicalChannelParameters":
        return None
    codec = capability[0] if capability is not None else ""
    address, port = place(parameters.get("mediaChannel")) or ((0, 0), 0)
    return LogicalChannel(
        is_forward=is_forward,
        codec=codec,
        formats=_formats(codec),
        address=address,
        port=port,
        control=place(parameters.get("mediaControlChannel")),
        is_secure=kind == "h235Media",
    )


def place(address: tuple[str, Any] | None) -> tuple[Words, int] | None:
    """Address and port of a TransportAddress; None where it is another one than of IP to one host."""
    if address is None or address[0] != "unicastAddress":
        return None
    kind, where = address[1]
    if kind not in ("iPAddress", "iP6Address"):
        return None
    number = int.from_bytes(where["network"], "big")
    words = (0, _MAPPED | number) if kind == "iPAddress" else (number >> 64, number & (1 << 64) - 1)
    return words, where["tsapIdentifier"]


def _formats(codec: str) -> dict[int, Format]:
    return {_STATIC[codec]: STATIC[_STATIC[codec]]} if codec in _STATIC else {}
