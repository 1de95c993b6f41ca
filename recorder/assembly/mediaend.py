"""Where a side receives media, as its session description says (RFC 8866; RFC 3264)."""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from recorder.media import Format, SrtpKey
from recorder.protocol import address, sdes
from recorder.protocol.errors import AddressError
from recorder.protocol.sdp import DISCARD, MediaDescription
from storage.model import Side

Address = tuple[int, int]
"""An IP address as two 64-bit words, IPv4 mapped into IPv6."""

NOWHERE = frozenset({(0, 0), address.pack("0.0.0.0")})  # noqa: S104 - compared with, never bound to
"""Addresses that are none."""
_LOCAL = tuple(
    (address.pack(network), 128 - bits)
    for network, bits in (
        *(("10.0.0.0", 104), ("172.16.0.0", 108), ("192.168.0.0", 112), ("100.64.0.0", 106)),
        *(("169.254.0.0", 112), ("fc00::", 7), ("fe80::", 10)),
    )
)
"""Networks, and how many bits of an address are behind their prefix (RFC 1918, 6598, 3927, 4193, 4291)."""


@dataclass(frozen=True, slots=True)
class MediaEnd:
    """Where one side said that it receives a medium, and what its payload types mean there.

    ``keys`` are those that it sends with; ``exchange`` is how keys are agreed on, empty for media in clear.
    ``is_likely`` of a place that it did not name: behind a translator of addresses it does not know it.
    ``tag`` is whose it is of those whom a fork of the call rings.
    """

    side: Side
    address: Address
    port: int
    kind: str
    formats: Mapping[int, Format]
    direction: str
    keys: tuple[SrtpKey, ...] = ()
    exchange: str = ""
    is_likely: bool = False
    tag: str = ""

    @property
    def meaning(self) -> Hashable:
        """All that it says but where and which way."""
        return self.side, self.kind, tuple(self.formats.items()), self.keys, self.exchange

    @property
    def is_secure(self) -> bool:
        """Whether its formats are those of encrypted media."""
        return any(one.encoding.startswith("SRTP/") for one in self.formats.values())


def is_fax(medium: MediaDescription) -> bool:
    """Whether it is a fax in packets of its own (ITU-T T.38, D.2.3), or in those of RTP (RFC 4612)."""
    if medium.kind == "audio":
        encodings = {one.encoding for one in medium.formats.values()} - {"TELEPHONE-EVENT"}
        return encodings == {"T38"}
    return medium.kind == "image" and ("UDPTL" in medium.protocol or "TCP" in medium.protocol)


def is_fax_alone(media: Iterable[MediaDescription]) -> bool | None:
    """Whether of all wanted media none is sound, but a fax; None where there is neither. Some gateways say in
    every offer that they could send faxes, too."""
    faxes = [is_fax(medium) for medium in media if medium.kind == "audio" or is_fax(medium)]
    return all(faxes) if faxes else None


def media_ends(medium: MediaDescription, side: Side, host: Address) -> list[MediaEnd]:
    """Where the medium may be received: at the place named, at each candidate of ICE (RFC 8839), and likely
    at ``host``, from where the side's signalling comes, where one of the two addresses is a local one."""
    told = media_end(medium, side)
    if medium.candidates and medium.port == DISCARD:
        told = None
    places = {} if told is None else {(told.address, told.port): told}
    for host_name, port in medium.candidates:
        if (end := _end(medium, side, host_name, port)) is not None:
            places.setdefault((end.address, end.port), end)
    ends = list(places.values())
    if told is not None and is_local(told.address) is not is_local(host):
        ends.append(replace(told, address=host, is_likely=True))
    return ends


def media_end(medium: MediaDescription, side: Side) -> MediaEnd | None:
    """Where the medium is received; None where that is no address, as nothing can be matched with it."""
    return _end(medium, side, medium.address, medium.port)


def outdated(ends: Sequence[MediaEnd], most: int) -> list[int]:
    """The numbers of the oldest of more than ``most`` ends, of those whose meaning a later one has, too."""
    latest = {end.meaning: number for number, end in enumerate(ends)}
    old = [number for number, end in enumerate(ends) if latest[end.meaning] > number]
    return old[: max(len(ends) - most, 0)]


def apart(ends: list[MediaEnd]) -> Iterator[MediaEnd]:
    """The ends of a recording session: each participant has a medium of its own (RFC 7866, 8.1.1), all sent
    by one side."""
    ports = list(dict.fromkeys(end.port for end in ends if end.kind == "audio"))
    for end in ends:
        is_other = end.kind == "audio" and ports.index(end.port) % 2 == 1
        yield replace(end, side=Side.A if end.side is Side.B else Side.B) if is_other else end


def is_local(place: Address) -> bool:
    """Whether an address means something in its own network only."""
    number = place[0] << 64 | place[1]
    return any((number ^ (high << 64 | low)) >> rest == 0 for (high, low), rest in _LOCAL)


def _end(medium: MediaDescription, side: Side, host: str, port: int) -> MediaEnd | None:
    try:
        place = address.pack(host)
    except AddressError:
        return None
    if place in NOWHERE:
        return None
    formats = dict(medium.formats)
    if "SAVP" in medium.protocol:
        # Encrypted media (RFC 3711) must never be decoded as if it were clear: that would be noise.
        formats = {number: replace(one, encoding=f"SRTP/{one.encoding}") for number, one in formats.items()}
    keys = sdes.offered(medium.crypto)
    exchange = _exchange(medium, keys)
    return MediaEnd(side, place, port, medium.kind, formats, medium.direction, keys, exchange)


def _exchange(medium: MediaDescription, keys: tuple[SrtpKey, ...]) -> str:
    """How the two sides agree on keys: by SDES (RFC 4568), DTLS (RFC 5764) or ZRTP (RFC 6189)."""
    if keys:
        return "sdes"
    if "TLS" in medium.protocol:
        return "dtls"
    if any(name == "zrtp-hash" for name, _ in medium.attributes):
        return "zrtp"
    return "unknown" if "SAVP" in medium.protocol else ""
