"""Which datagrams may be SIP, MGCP, and RTP or RTCP, by their first bytes (after RFC 7983)."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from recorder.protocol import gather, mgcp
from recorder.protocol.udp import Datagrams

_SHORTEST_SIP = 20
_SHORTEST_MGCP = 6
_HEAD = 16
"""No registered method is longer than 13 letters (``SUBSCRIBE`` has 9)."""


@dataclass(slots=True)
class Classes:
    """Rows of the datagrams by what they look like, each ascending and int64; every row is in one of them."""

    sip: NDArray[np.int64]
    media: NDArray[np.int64]
    """RTP or RTCP: first byte 128 to 191, at least 8 bytes."""
    other: NDArray[np.int64]
    mgcp: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    """From or to a port of MGCP."""


def parse(datagrams: Datagrams) -> Classes:
    """Sort datagrams by their first bytes; empty ones are ``other``."""
    lengths = datagrams.lengths
    if not len(lengths):
        none = np.zeros(0, np.int64)
        return Classes(none, none, none)
    first = gather.headers(datagrams.data, datagrams.offsets, "u1").view(np.uint8)
    is_media = (first & 0xC0 == 0x80) & (lengths >= 8)
    rest = np.flatnonzero(~is_media)
    texts = rest[(first[rest] < 0x80) & (lengths[rest] >= _SHORTEST_MGCP)]
    commands = _mgcp(datagrams, texts)
    texts = texts[lengths[texts] >= _SHORTEST_SIP]
    sip = texts[looks_like_sip(datagrams.data, datagrams.offsets[texts])] if len(texts) else texts
    if len(commands):
        sip = np.setdiff1d(sip, commands, assume_unique=True)
    is_other = ~is_media
    is_other[sip] = False
    is_other[commands] = False
    return Classes(sip, np.flatnonzero(is_media), np.flatnonzero(is_other), commands)


def looks_like_sip(data: NDArray[np.uint8], offsets: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Where a method in capitals and a space is, or ``SIP/2.0``, perhaps after empty lines."""
    heads = _heads(data, offsets)
    is_blank = (heads == 13) | (heads == 10)
    led = np.flatnonzero(is_blank[:, 0])
    if len(led):
        skipped = np.argmin(is_blank[led], axis=1)
        heads[led] = _heads(data, offsets[led] + skipped)
    is_response = (heads[:, :8] == np.frombuffer(b"SIP/2.0 ", np.uint8)).all(axis=1)
    is_capital = (heads >= 65) & (heads <= 90)
    letters = np.argmin(is_capital, axis=1)
    is_method = (letters >= 2) & (heads[np.arange(len(offsets)), letters] == 32)
    found: NDArray[np.bool_] = is_response | is_method
    return found


def _mgcp(datagrams: Datagrams, texts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Those of the texts that begin with a verb or a code and a transaction, on a port of MGCP."""
    on_port = np.isin(datagrams.source_ports[texts], mgcp.PORTS)
    on_port |= np.isin(datagrams.destination_ports[texts], mgcp.PORTS)
    texts = texts[on_port]
    if not len(texts):
        return texts
    heads = _heads(datagrams.data, datagrams.offsets[texts])
    is_digit = (heads >= 48) & (heads <= 57)
    is_letter = (heads | 32 >= 97) & (heads | 32 <= 122)
    is_command = is_letter[:, :4].all(axis=1) & (heads[:, 4] == 32) & is_digit[:, 5]
    is_response = is_digit[:, :3].all(axis=1) & (heads[:, 3] == 32) & is_digit[:, 4]
    found: NDArray[np.int64] = texts[is_command | is_response]
    return found


def _heads(data: NDArray[np.uint8], offsets: NDArray[np.int64]) -> NDArray[np.uint8]:
    return gather.headers(data, offsets, f"V{_HEAD}").view(np.uint8).reshape(-1, _HEAD)
