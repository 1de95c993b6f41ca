"""The kernel's packet filter, assembled: classic BPF that lets UDP through, TCP of signalling, and tunnels.

The kernel runs it before a frame costs anything else. It must never lose a datagram, so that whatever
it cannot see through (fragments, IPv6 extension headers, tunnels) passes.
"""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

VLAN_TYPES = (0x8100, 0x88A8, 0x9100)
IPV4, IPV6 = 0x0800, 0x86DD
TCP, UDP, FRAGMENT = 6, 17, 44
TUNNELS = (4, 41, 47)
"""IPv4 in IP, IPv6 in IP, GRE (IANA protocol numbers)."""
WRAPPED = (0x8864, 0x8847, 0x8848)
"""PPPoE session, MPLS unicast and multicast (EtherTypes)."""
EXTENSIONS = (0, 43, 60)
"""IPv6 hop-by-hop options, routing, destination options (RFC 8200, 4)."""
MAX_TAGS = 2

_PACKET_TYPE = 0xFFFFF004
"""SKF_AD_OFF + SKF_AD_PKTTYPE of linux/filter.h: loads the packet's type."""
_OUTGOING = 4

_LOAD_BYTE, _LOAD_HALF, _LOAD_HALF_INDEXED, _LOAD_IP_HEADER_LENGTH = 0x30, 0x28, 0x48, 0xB1
_EQUAL, _GREATER, _AT_LEAST, _ANY_BIT = 0x15, 0x25, 0x35, 0x45
_RETURN = 0x06
_LONGEST_JUMP = 255


class Instruction(NamedTuple):
    """``struct sock_filter``: operation, instructions to skip if true and if false, operand."""

    code: int
    if_true: int
    if_false: int
    operand: int


class PortRange(NamedTuple):
    """Ports from ``first`` to ``last``, both included."""

    first: int
    last: int


SIP_PORTS = (PortRange(5060, 5061),)
"""Where TCP is taken for signalling."""


def ranges(ports: Iterable[int]) -> tuple[PortRange, ...]:
    """The ports with neighbours joined, in their order."""
    found: list[PortRange] = []
    for port in sorted(set(ports)):
        if found and port == found[-1].last + 1:
            found[-1] = found[-1]._replace(last=port)
        else:
            found.append(PortRange(port, port))
    return tuple(found)


def udp_filter(
    *,
    snap_length: int = 65535,
    ports: Sequence[PortRange] = (),
    tcp_ports: Sequence[PortRange] = SIP_PORTS,
    ignore_outgoing: bool = False,
) -> list[Instruction]:
    """UDP over IPv4 and IPv6 in Ethernet frames with up to two VLAN tags; passes ``snap_length`` bytes.

    With ``ports`` only datagrams from or to one of them, and every fragment, since those after the
    first do not say. TCP passes from or to ``tcp_ports``, tunnels pass whole.
    ``ignore_outgoing`` drops what this host itself sends: on the loopback interface every
    frame is seen going out and coming in. Raises ValueError for too many port ranges.
    """
    code = _Assembler()
    if ignore_outgoing:
        code.load(_LOAD_BYTE, _PACKET_TYPE)
        code.jump(_EQUAL, _OUTGOING, None, "start")
        code.give(0)
    code.label("start")
    for tags in range(MAX_TAGS + 1):
        _one_depth(code, tags, ports, tcp_ports, snap_length)
    return code.assemble()


def pack(program: Sequence[Instruction]) -> bytes:
    """The program as the kernel reads it: an array of ``struct sock_filter``."""
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in program)


def _one_depth(
    code: "_Assembler",
    tags: int,
    ports: Sequence[PortRange],
    tcp_ports: Sequence[PortRange],
    snap_length: int,
) -> None:
    """The part for frames with that many tags; each part ends by itself, to keep jumps short."""
    start = 14 + 4 * tags
    ip4, ip6, accept, reject, deeper = (f"{name} {tags}" for name in ("ip4", "ip6", "yes", "no", "deeper"))
    code.label(f"deeper {tags - 1}")
    code.load(_LOAD_HALF, start - 2)
    code.jump(_EQUAL, IPV4, ip4, None)
    code.jump(_EQUAL, IPV6, ip6, None)
    if tags < MAX_TAGS:
        for kind in VLAN_TYPES:
            code.jump(_EQUAL, kind, deeper, None)
    for kind in WRAPPED:
        code.jump(_EQUAL, kind, accept, None)
    code.give(0)

    code.label(ip4).load(_LOAD_BYTE, start + 9)
    for kind in TUNNELS:
        code.jump(_EQUAL, kind, accept, None)
    code.jump(_EQUAL, TCP, f"tcp 4 {tags}", None)
    code.jump(_EQUAL, UDP, None, reject)
    if ports:
        code.load(_LOAD_HALF, start + 6)
        code.jump(_ANY_BIT, 0x1FFF, accept, None)
        code.load(_LOAD_IP_HEADER_LENGTH, start)
        _any_port(code, _LOAD_HALF_INDEXED, start, ports, accept, f"4 {tags}")
        code.give(0)
    else:
        code.give(snap_length)
    code.label(f"tcp 4 {tags}").load(_LOAD_HALF, start + 6)
    code.jump(_ANY_BIT, 0x1FFF, accept, None)
    code.load(_LOAD_IP_HEADER_LENGTH, start)
    _any_port(code, _LOAD_HALF_INDEXED, start, tcp_ports, accept, f"tcp 4 {tags}")
    code.give(0)

    code.label(ip6).load(_LOAD_BYTE, start + 6)
    for kind in (*EXTENSIONS, FRAGMENT):
        code.jump(_EQUAL, kind, f"extension {tags}", None)
    for kind in TUNNELS:
        code.jump(_EQUAL, kind, accept, None)
    code.jump(_EQUAL, TCP, f"tcp 6 {tags}", None)
    code.jump(_EQUAL, UDP, None if ports else accept, reject)
    if ports:
        _any_port(code, _LOAD_HALF, start + 40, ports, accept, f"6 {tags}")
        code.give(0)
    code.label(f"tcp 6 {tags}")
    _any_port(code, _LOAD_HALF, start + 40, tcp_ports, accept, f"tcp 6 {tags}")
    code.give(0)
    code.label(f"extension {tags}").load(_LOAD_BYTE, start + 40)
    for kind in (*EXTENSIONS, FRAGMENT, *TUNNELS, TCP):
        code.jump(_EQUAL, kind, accept, None)
    code.jump(_EQUAL, UDP, accept, reject)
    code.label(accept).give(snap_length)
    code.label(reject).give(0)
    code.label(deeper)


def _any_port(
    code: "_Assembler", load: int, at: int, ports: Sequence[PortRange], accept: str, where: str
) -> None:
    """Source port at ``at``, destination port two bytes on: to ``accept`` if either is in a range."""
    for offset in (0, 2):
        for number, (first, last) in enumerate(ports):
            past = f"past {where} {offset} {number}"
            code.load(load, at + offset)
            code.jump(_AT_LEAST, first, None, past)
            code.jump(_GREATER, last, None, accept)
            code.label(past)


@dataclass(slots=True)
class _Line:
    code: int
    operand: int
    if_true: str | None = None
    if_false: str | None = None


@dataclass(slots=True)
class _Assembler:
    """Lines with jumps to labels; None goes on with the next line."""

    lines: list[_Line] = field(default_factory=list)
    labels: dict[str, int] = field(default_factory=dict)

    def label(self, name: str) -> "_Assembler":
        self.labels[name] = len(self.lines)
        return self

    def load(self, code: int, operand: int) -> None:
        self.lines.append(_Line(code, operand))

    def jump(self, code: int, operand: int, if_true: str | None, if_false: str | None) -> None:
        self.lines.append(_Line(code, operand, if_true, if_false))

    def give(self, length: int) -> None:
        """Return: pass that many bytes of the frame, 0 to drop it."""
        self.lines.append(_Line(_RETURN, length))

    def assemble(self) -> list[Instruction]:
        program = []
        for at, line in enumerate(self.lines):
            yes, no = (
                0 if name is None else self.labels[name] - at - 1 for name in (line.if_true, line.if_false)
            )
            if max(yes, no) > _LONGEST_JUMP:
                raise ValueError("too many port ranges for one kernel filter: give fewer, wider ones")
            program.append(Instruction(line.code, yes, no, line.operand))
        return program
