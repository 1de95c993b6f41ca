"""Where a side receives media, as its session description says (RFC 8866; RFC 3264)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from recorder.media import Format, SrtpKey
from recorder.protocol import address, sdes
from recorder.protocol.errors import AddressError
from recorder.protocol.sdp import MediaDescription
from storage.model import Side

Address = tuple[int, int]
"""An IP address as two 64-bit words, IPv4 mapped into IPv6."""

NOWHERE = frozenset({(0, 0), address.pack("0.0.0.0")})  # noqa: S104 - compared with, never bound to
"""Addresses that are none."""


@dataclass(frozen=True, slots=True)
class MediaEnd:
    """Where one side said that it receives a medium, and what its payload types mean there.

    ``keys`` are those that it sends with; ``exchange`` is how keys are agreed on, empty for media in clear.
    """

    side: Side
    address: Address
    port: int
    kind: str
    formats: Mapping[int, Format]
    direction: str
    keys: tuple[SrtpKey, ...] = ()
    exchange: str = ""

    @property
    def is_secure(self) -> bool:
        """Whether its formats are those of encrypted media."""
        return any(one.encoding.startswith("SRTP/") for one in self.formats.values())


def is_fax(medium: MediaDescription) -> bool:
    """Whether it is a fax in packets of its own (ITU-T T.38, D.2.3)."""
    return medium.kind == "image" and ("UDPTL" in medium.protocol or "TCP" in medium.protocol)


def media_end(medium: MediaDescription, side: Side) -> MediaEnd | None:
    """Where the medium is received; None where that is no address, as nothing can be matched with it."""
    try:
        place = address.pack(medium.address)
    except AddressError:
        return None
    if place in NOWHERE:
        return None
    formats = dict(medium.formats)
    if "SAVP" in medium.protocol:
        # Encrypted media (RFC 3711) must never be decoded as if it were clear: that would be noise.
        formats = {number: replace(one, encoding=f"SRTP/{one.encoding}") for number, one in formats.items()}
    keys = sdes.offered(medium.crypto)
    return MediaEnd(
        side, place, medium.port, medium.kind, formats, medium.direction, keys, _exchange(medium, keys)
    )


def _exchange(medium: MediaDescription, keys: tuple[SrtpKey, ...]) -> str:
    """How the two sides agree on keys: by SDES (RFC 4568), DTLS (RFC 5764) or ZRTP (RFC 6189)."""
    if keys:
        return "sdes"
    if "TLS" in medium.protocol:
        return "dtls"
    if any(name == "zrtp-hash" for name, _ in medium.attributes):
        return "zrtp"
    return "unknown" if "SAVP" in medium.protocol else ""
