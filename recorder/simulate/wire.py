"""Ethernet, IPv4 and UDP around a payload: whole frames for signalling, templates for media."""

import struct
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

IP_OFFSET = 14
VLAN_BYTES = 4
HEADERS = 14 + 20 + 8
"""Bytes before the UDP payload of an untagged frame."""

_DSCP_EF = 0xB8


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An IPv4 address in dotted form and a UDP port."""

    address: str
    port: int

    def __str__(self) -> str:
        return f"{self.address}:{self.port}"

    @property
    def packed(self) -> bytes:
        """The address as four bytes."""
        return _packed(self.address)

    @property
    def mac(self) -> bytes:
        """A locally administered hardware address made from the IP address."""
        return b"\x02\x00" + self.packed


@lru_cache(maxsize=65536)
def _packed(address: str) -> bytes:
    return bytes(map(int, address.split(".")))


def headers(source: Endpoint, destination: Endpoint, payload_bytes: int, vlan: int | None = None) -> bytes:
    """Ethernet, IPv4 and UDP headers with identification and checksums zero, all lengths set."""
    tag = b"" if vlan is None else struct.pack("!HH", 0x8100, vlan)
    ethernet = destination.mac + source.mac + tag + b"\x08\x00"
    length = payload_bytes + 8
    ip = struct.pack(
        "!BBHHHBBH4s4s", 0x45, _DSCP_EF, length + 20, 0, 0x4000, 64, 17, 0, source.packed, destination.packed
    )
    return ethernet + ip + struct.pack("!HHHH", source.port, destination.port, length, 0)


def frame(
    source: Endpoint, destination: Endpoint, payload: bytes, identification: int, vlan: int | None = None
) -> bytes:
    """A complete frame with correct IP and UDP checksums (RFC 1071)."""
    start = bytearray(headers(source, destination, len(payload), vlan))
    ip = IP_OFFSET + (0 if vlan is None else VLAN_BYTES)
    struct.pack_into("!H", start, ip + 4, identification & 0xFFFF)
    struct.pack_into("!H", start, ip + 10, ~fold(word_sum(start[ip : ip + 20])) & 0xFFFF)
    total = pseudo_sum(bytes(start[ip:])) + word_sum(start[ip + 20 :]) + word_sum(payload)
    struct.pack_into("!H", start, ip + 26, (~fold(total) & 0xFFFF) or 0xFFFF)
    return bytes(start) + payload


def pseudo_sum(ip_and_udp: bytes) -> int:
    """Sum of the pseudo header of RFC 768 for an IPv4 header without options and the UDP header after it."""
    return word_sum(ip_and_udp[12:20]) + 17 + int.from_bytes(ip_and_udp[24:26])


def word_sum(data: bytes | bytearray) -> int:
    """Sum of the big-endian 16-bit words, an odd last byte padded with zero."""
    padded = bytes(data) + b"\0" * (len(data) % 2)
    return int(np.frombuffer(padded, ">u2").sum(dtype=np.int64))


def fold(total: int) -> int:
    """End-around carry: the sum as 16 bits."""
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def checksums(totals: NDArray[np.int64]) -> NDArray[np.int64]:
    """Internet checksums of many sums below 2**32 at once."""
    once = (totals & 0xFFFF) + (totals >> 16)
    twice = (once & 0xFFFF) + (once >> 16)
    return np.asarray(~twice & 0xFFFF)
