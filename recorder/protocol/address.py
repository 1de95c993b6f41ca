"""IP addresses as the two 64-bit words in which datagrams carry them, and as text."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import numpy as np
from numpy.typing import NDArray

from recorder.protocol.errors import AddressError

Words = tuple[int, int]
"""High and low word of an IPv6 address; IPv4 addresses are mapped (``::ffff:a.b.c.d``)."""

_LOW = (1 << 64) - 1
_MAPPED = 0xFFFF00000000


def pack(text: str) -> Words:
    """The words of an address in text form, with or without brackets and zone.

    Raises AddressError for a host name or anything else.
    """
    bare = text.strip().removeprefix("[").removesuffix("]")
    try:
        address = ip_address(bare)
    except ValueError as error:
        raise AddressError(f"{text[:64]!r} is not an IP address") from error
    if isinstance(address, IPv4Address):
        return 0, _MAPPED | int(address)
    return int(address) >> 64, int(address) & _LOW


def unpack(high: int, low: int) -> IPv4Address | IPv6Address:
    """The address of two words; mapped IPv4 comes back as IPv4."""
    high, low = int(high), int(low)
    if high == 0 and low >> 32 == 0xFFFF:
        return IPv4Address(low & 0xFFFFFFFF)
    return IPv6Address(high << 64 | low)


def text(high: int, low: int) -> str:
    """The address of two words in its shortest usual form."""
    return str(unpack(high, low))


def endpoint(high: int, low: int, port: int) -> str:
    """``ip:port``, with brackets around IPv6."""
    address = unpack(high, low)
    return f"[{address}]:{port}" if isinstance(address, IPv6Address) else f"{address}:{port}"


def words(texts: list[str]) -> NDArray[np.uint64]:
    """Addresses in text form as uint64 of shape (addresses, 2), as in ``Datagrams.sources``."""
    return np.array([pack(one) for one in texts], np.uint64).reshape(-1, 2)
