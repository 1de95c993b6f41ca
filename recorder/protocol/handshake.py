"""Datagrams by which two parties agree on keys for their media, among all others of a batch.

DTLS-SRTP (RFC 5764, 5.1.2; RFC 6347, 4.1): records of the handshake. ZRTP (RFC 6189, 5): the messages that
confirm, as one telephone may well say ``Hello`` to another that does not know ZRTP.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recorder.protocol import gather
from recorder.protocol.udp import Datagrams

DTLS, ZRTP = "dtls", "zrtp"
_RECORD = 13
_SHORTEST_ZRTP = 28
_HEAD = 24
_COOKIE = np.frombuffer(b"ZRTP", np.uint8)
_CONFIRMS = tuple(np.frombuffer(name, np.uint8) for name in (b"Confirm1", b"Confirm2", b"Conf2ACK"))
_CHANGE_CIPHER, _HANDSHAKE = 20, 22
_MAJOR = 254


@dataclass(frozen=True, slots=True)
class Handshakes:
    """Rows of the datagrams (int64, ascending) that are part of a handshake."""

    dtls: NDArray[np.int64]
    zrtp: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.dtls) + len(self.zrtp)


def find(datagrams: Datagrams, rows: NDArray[np.int64]) -> Handshakes:
    """The handshakes among the datagrams ``rows``, which are neither RTP nor text."""
    rows = rows[datagrams.lengths[rows] >= _RECORD]
    if not len(rows):
        return Handshakes(rows, rows)
    first = gather.headers(datagrams.data, datagrams.offsets[rows], "V2").view(np.uint8).reshape(-1, 2)
    is_dtls = (first[:, 0] == _HANDSHAKE) | (first[:, 0] == _CHANGE_CIPHER)
    is_dtls &= first[:, 1] == _MAJOR
    is_zrtp = first[:, 0] & 0xF0 == 0x10
    return Handshakes(rows[is_dtls], _confirming(datagrams, rows[is_zrtp & ~is_dtls]))


def _confirming(datagrams: Datagrams, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    rows = rows[datagrams.lengths[rows] >= _SHORTEST_ZRTP]
    if not len(rows):
        return rows
    raw = gather.headers(datagrams.data, datagrams.offsets[rows], f"V{_HEAD}")
    heads = raw.view(np.uint8).reshape(-1, _HEAD)
    is_ours = (heads[:, 4:8] == _COOKIE).all(axis=1)
    is_confirm = np.zeros(len(rows), np.bool_)
    for name in _CONFIRMS:
        is_confirm |= (heads[:, 16:24] == name).all(axis=1)
    found: NDArray[np.int64] = rows[is_ours & is_confirm]
    return found
