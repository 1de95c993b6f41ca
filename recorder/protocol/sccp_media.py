"""What the numbers of SCCP's media messages mean as formats of RTP and keys of SRTP."""

import base64
from collections.abc import Mapping
from types import MappingProxyType

from recorder.media import Format, SrtpKey
from recorder.protocol.payload_types import STATIC
from recorder.protocol.sccp_messages import Cipher

_STATIC: Mapping[int, int] = MappingProxyType(
    {
        **dict.fromkeys((2, 3), 8),
        **dict.fromkeys((4, 5), 0),
        **dict.fromkeys((6, 7, 8), 9),
        9: 4,
        10: 15,
        **dict.fromkeys((11, 12, 15, 16), 18),
        **dict.fromkeys((18, 80), 3),
    }
)
"""Payload types (RFC 3551, 6) of SCCP's codecs that have one."""
_DYNAMIC: Mapping[int, Format] = MappingProxyType(
    {
        0x52: Format("G726-32"),
        0x53: Format("G726-24"),
        0x54: Format("G726-16"),
        0x56: Format("ILBC"),
        0x61: Format("AMR", parameters="octet-align=1"),
        0x62: Format("AMR-WB", 16000, parameters="octet-align=1"),
    }
)
"""Codecs without one: a message has to name it."""
_SUITES = {
    1: "AES_CM_128_HMAC_SHA1_32",
    2: "AES_CM_128_HMAC_SHA1_80",
    4: "F8_128_HMAC_SHA1_80",
}


def formats(codec: int, dynamic: int, events: int, *, is_secure: bool) -> dict[int, Format]:
    """What the payload types of a channel mean; empty for a codec that is not known.

    ``dynamic`` and ``events`` are the payload types that the message names for the codec and for the events
    of RFC 4733, 0 where it names none.
    """
    found: dict[int, Format] = {}
    if codec in _STATIC:
        found[_STATIC[codec]] = STATIC[_STATIC[codec]]
    elif codec in _DYNAMIC and dynamic:
        found[dynamic] = _DYNAMIC[codec]
    if events:
        found[events] = Format("TELEPHONE-EVENT")
    if is_secure:
        return {number: _secure(one) for number, one in found.items()}
    return found


def keys(cipher: Cipher) -> tuple[SrtpKey, ...]:
    """The key that media is encrypted with; none for an algorithm that is not known."""
    suite = _SUITES.get(cipher.algorithm)
    if suite is None or len(cipher.key) != 16 or len(cipher.salt) != 14:
        return ()
    return (SrtpKey(suite, base64.b64encode(cipher.key + cipher.salt).decode()),)


def _secure(format_: Format) -> Format:
    return Format(f"SRTP/{format_.encoding}", format_.clock_rate, format_.channels, format_.parameters)
