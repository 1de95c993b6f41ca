"""Handshakes for keys of media, among other datagrams."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.protocol import handshake, transport
from recorder.protocol.fragments import Fragments
from tests.recorder import frames
from tests.recorder.handshakes import CLIENT_HELLO, dtls, zrtp


def found(*payloads: bytes) -> tuple[list[int], list[int]]:
    wire = [frames.ethernet(frames.ipv4(frames.udp(payload, 4000, 5000))) for payload in payloads]
    datagrams = transport.parse(frames.batch(wire), Fragments()).datagrams
    hits = handshake.find(datagrams, np.arange(len(datagrams)))
    return hits.dtls.tolist(), hits.zrtp.tolist()


def test_they_are_told_from_each_other_and_from_the_rest():
    assert found(b"x" * 40, CLIENT_HELLO, zrtp(b"Confirm1"), b"", zrtp(b"Conf2ACK")) == ([1], [2, 4])


@pytest.mark.parametrize("version", [b"\xfe\xff", b"\xfe\xfd"])
def test_every_version_of_dtls(version):
    assert found(dtls(22, version=version), dtls(20, version=version)) == ([0, 1], [])


@pytest.mark.parametrize(
    "payload",
    [
        dtls(23),
        dtls(22, version=b"\x03\x03"),
        CLIENT_HELLO[:12],
        zrtp(b"Hello   "),
        zrtp(b"Commit  "),
        zrtp(b"Confirm1", cookie=b"ZRTQ"),
        zrtp(b"Confirm1")[:27],
    ],
)
def test_what_is_no_agreement(payload):
    assert found(payload) == ([], [])


@given(
    st.lists(st.binary(max_size=40) | st.binary(max_size=40).map(lambda more: zrtp(b"Confirm1")[:12] + more))
)
def test_whatever_comes_nothing_is_raised_and_nothing_short_is_taken(payloads):
    dtls_rows, zrtp_rows = found(*payloads)
    assert all(len(payloads[row]) >= 13 for row in dtls_rows)
    assert all(payloads[row][4:8] == b"ZRTP" and len(payloads[row]) >= 28 for row in zrtp_rows)
