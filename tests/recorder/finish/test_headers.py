"""RTP packets as the spool keeps them, whole again and taken apart, against the parser of single packets."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recorder.finish import headers
from recorder.media import MediaBlock
from recorder.protocol.rtp import RtpPacket
from tests.recorder.finish.packets import START

SSRC = 0x1234ABCD
packets = st.builds(
    RtpPacket,
    st.integers(0, 127),
    st.integers(0, 0xFFFF),
    st.integers(0, 0xFFFFFFFF),
    st.just(SSRC),
    st.binary(max_size=40),
    st.booleans(),
    st.lists(st.integers(0, 0xFFFFFFFF), max_size=15).map(tuple),
    st.none()
    | st.tuples(
        st.integers(0, 0xFFFF), st.integers(0, 5).flatmap(lambda n: st.binary(min_size=4 * n, max_size=4 * n))
    ),
    st.just(b"") | st.integers(1, 9).map(lambda n: bytes(n - 1) + bytes([n])),
)


def kept(some: list[RtpPacket]) -> MediaBlock:
    """The packets as capture spools them."""
    wire = [bytes(packet) for packet in some]
    flags = np.array([data[0] if data[0] & 0x3F else 0 for data in wire], np.uint16)
    behind = [data[12:] for data in wire]
    return MediaBlock(
        stream="a",
        times=START + np.arange(len(some)),
        sequences=np.array([packet.sequence for packet in some], np.int64),
        timestamps=np.array([packet.timestamp for packet in some], np.int64),
        payload_types=np.array([packet.payload_type for packet in some], np.uint8),
        markers=np.array([packet.marker for packet in some], np.bool_),
        lengths=np.array([len(one) for one in behind], np.int32),
        payload=np.frombuffer(b"".join(behind), np.uint8),
        heads=flags if flags.any() else None,
    )


@given(st.lists(packets, min_size=1, max_size=8))
def test_headers_are_whole_and_payloads_bare(some):
    block = kept(some)
    heads, bodies = headers.whole(block, SSRC)
    assert [head + body for head, body in zip(heads, bodies, strict=True)] == [bytes(one) for one in some]
    assert bodies == [one.payload + one.padding for one in some]
    bare = headers.plain(block, np.arange(len(block)))
    assert bare.bodies() == [one.payload for one in some]
    assert bare.heads is None or not bare.heads.any()
    unpadded = [headers.unpadded(head[0], body) for head, body in zip(heads, bodies, strict=True)]
    assert unpadded == [one.payload for one in some]


@given(st.lists(packets, min_size=2, max_size=8), st.data())
def test_only_those_that_are_asked_for_are_changed(some, data):
    which = np.array(sorted(data.draw(st.sets(st.integers(0, len(some) - 1)))), np.int64)
    block = kept(some)
    bare = headers.plain(block, which)
    for at, packet in enumerate(some):
        assert bare.bodies()[at] == (packet.payload if at in which else block.bodies()[at])


def test_what_cannot_be_true_stays():
    """Padding longer than the packet; an extension that would end behind it."""
    block = kept([RtpPacket(0, 1, 2, SSRC, b"abc\x09")])
    padded = replace(block, heads=np.array([0xA0], np.uint16))
    assert headers.plain(padded, np.arange(1)).bodies() == [b"abc\x09"]
    extended = replace(block, heads=np.array([0x90], np.uint16))
    heads, bodies = headers.whole(extended, SSRC)
    assert (len(heads[0]), bodies) == (16, [b""])
    assert headers.plain(extended, np.arange(1)).bodies() == [b""]
