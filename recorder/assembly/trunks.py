"""Trunks: the places whose signalling is that of the world outside."""

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # The settings need trunks, and every command the settings; numpy only some.
    from recorder.assembly.mediaend import Address

_MAPPED = 0xFFFF << 32
"""IPv4 addresses as IPv6 ones (RFC 4291, 2.5.5.2)."""
_ALL = (1 << 128) - 1


@dataclass(frozen=True, slots=True)
class Trunk:
    """Hosts of one network, at one port or at any (0). ``network`` and ``mask`` have 128 bits."""

    network: int
    mask: int
    port: int = 0

    @classmethod
    def parse(cls, text: str) -> "Trunk":
        """``203.0.113.0/24``, ``198.51.100.7:5060``, ``[2001:db8::7]:5060``; raises ``ValueError``."""
        network, port = _split(text.strip())
        try:
            found = ip_network(network)
        except ValueError as error:
            raise ValueError(
                f"{text!r} is no signalling address: write 203.0.113.0/24, 198.51.100.7:5060 or "
                f"[2001:db8::7]:5060 ({error})"
            ) from error
        if port and not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
            raise ValueError(f"{text!r} has no port that can be: it is a number from 1 to 65535")
        base, mask = _wide(found)
        return cls(base, mask, int(port or 0))

    def contains(self, place: "tuple[Address, int]") -> bool:
        """Whether signalling at this place is the trunk's."""
        (high, low), port = place
        return (high << 64 | low) & self.mask == self.network and self.port in (0, port)

    def has(self, place: str) -> bool:
        """Whether ``address:port``, as legs tell of it, is the trunk's; packets come from port 0 too."""
        host, port = _split(place)
        base, _ = _wide(ip_network(host))
        return base & self.mask == self.network and self.port in (0, int(port))


def _split(text: str) -> tuple[str, str]:
    """Network and port, empty where there is none."""
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        return host * bool(bracket) + rest.partition(":")[0], rest.partition(":")[2]
    host, colon, port = text.partition(":")
    return (host, port) if colon and ":" not in port else (text, "")


def _wide(network: IPv4Network | IPv6Network) -> tuple[int, int]:
    base, mask = int(network.network_address), int(network.netmask)
    if isinstance(network, IPv4Network):
        return _MAPPED | base, _ALL ^ 0xFFFFFFFF | mask
    return base, mask
