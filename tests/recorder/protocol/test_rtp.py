"""RTP: one packet both ways, and rows of a batch against the reference."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recorder.protocol import rtp, udp
from recorder.protocol.errors import RtpError
from recorder.protocol.rtp import RtpPacket
from tests.recorder import frames
from tests.recorder.protocol import reference

G711 = bytes.fromhex("8000162e0000a3c7adc54409") + bytes(range(160))
EVENT = bytes.fromhex("80e51f400001f4000c0ffee1 050a0320")
DRESSED = bytes.fromhex(
    "b2 88 ffff ffffffff 00000001 0000000a 0000000b bede 0002 10aa0000 20bb0000 c0c1c2c3 00000004"
)


def rows_of(
    payloads: list[bytes], wire_lengths: list[int] | None = None
) -> tuple[udp.Datagrams, rtp.RtpRows]:
    batch = frames.batch([frames.ethernet(frames.ipv4(frames.udp(one))) for one in payloads])
    if wire_lengths:
        batch.wire_lengths = batch.lengths
        batch.lengths = batch.lengths - wire_lengths
    datagrams = udp.parse(batch)
    return datagrams, rtp.parse(datagrams)


@pytest.mark.parametrize("data", [G711, EVENT, DRESSED])
def test_a_packet_comes_back_as_it_was(data: bytes) -> None:
    assert bytes(RtpPacket.parse(data)) == data


def test_fields_of_a_packet() -> None:
    assert RtpPacket.parse(EVENT) == RtpPacket(101, 8000, 128000, 0x0C0FFEE1, b"\5\n\3 ", marker=True)
    assert RtpPacket.parse(DRESSED) == RtpPacket(
        payload_type=8,
        sequence=65535,
        timestamp=0xFFFFFFFF,
        ssrc=1,
        payload=b"\xc0\xc1\xc2\xc3",
        marker=True,
        csrcs=(10, 11),
        extension=(0xBEDE, bytes.fromhex("10aa000020bb0000")),
        padding=bytes.fromhex("00000004"),
    )


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "an RTP packet has at least 12 bytes, not 0"),
        (G711[:11], "an RTP packet has at least 12 bytes, not 11"),
        (b"\x40" + G711[1:], "RTP is of version 2, not 1"),
        (b"\x8f" + G711[1:40], "the RTP packet ends inside its CSRC list"),
        (b"\x90" + G711[1:14], "the RTP packet ends before its header extension"),
        (b"\x90" + G711[1:12] + b"\0\0\0\2" + bytes(4), "the RTP packet ends inside its header extension"),
        (b"\xa0" + G711[1:12] + b"\2", "the padding of the RTP packet is longer than its payload, or empty"),
        (b"\xa0" + G711[1:12] + b"\0", "the padding of the RTP packet is longer than its payload, or empty"),
    ],
)
def test_what_is_no_packet_says_why(data: bytes, message: str) -> None:
    with pytest.raises(RtpError) as caught:
        RtpPacket.parse(data)
    assert str(caught.value) == message


def test_rows_of_a_batch() -> None:
    rtcp = bytes.fromhex("80c9000100000001")
    datagrams, rows = rows_of([G711, rtcp, b"\1\1\0\0", DRESSED, EVENT, G711[:11], b""])
    assert rows.rows.tolist() == [0, 3, 4]
    assert rows.rtcp.tolist() == [1]
    assert rows.rejected == {"not-rtp": 2, "short": 1}
    assert rows.payload_types.tolist() == [0, 8, 101]
    assert rows.markers.tolist() == [False, True, True]
    assert rows.sequences.tolist() == [0x162E, 65535, 8000]
    assert rows.timestamps.tolist() == [0xA3C7, 0xFFFFFFFF, 128000]
    assert rows.ssrcs.tolist() == [0xADC54409, 1, 0x0C0FFEE1]
    start, length = int(rows.offsets[1]), int(rows.lengths[1])
    assert datagrams.data[start : start + length].tobytes() == b"\xc0\xc1\xc2\xc3"


def test_only_the_candidates_are_read() -> None:
    datagrams, _ = rows_of([G711, EVENT, G711])
    assert rtp.parse(datagrams, np.array([1, 2])).rows.tolist() == [1, 2]
    assert len(rtp.parse(datagrams, np.array([], np.int64))) == 0


def test_padding_that_the_capture_cut_is_not_guessed() -> None:
    padded = b"\xa0" + G711[1:] + b"\0\0\3"
    assert rows_of([padded])[1].lengths.tolist() == [160]
    assert rows_of([padded], [1])[1].lengths.tolist() == [162]


def test_padding_that_cannot_be_true_stays_payload() -> None:
    assert rows_of([b"\xa0" + G711[1:14] + b"\xff"])[1].lengths.tolist() == [3]


packets = st.builds(
    RtpPacket,
    payload_type=st.integers(0, 127),
    sequence=st.integers(0, 65535),
    timestamp=st.integers(0, 2**32 - 1),
    ssrc=st.integers(0, 2**32 - 1),
    payload=st.binary(max_size=40),
    marker=st.booleans(),
    csrcs=st.lists(st.integers(0, 2**32 - 1), max_size=15).map(tuple),
    extension=st.none()
    | st.tuples(st.integers(0, 65535), st.binary(max_size=12).map(lambda b: b[: len(b) & ~3])),
    padding=st.integers(0, 255).map(lambda n: bytes(n - 1) + bytes([n]) if n else b""),
)


@given(packets)
def test_every_packet_makes_the_round_trip(packet: RtpPacket) -> None:
    assert RtpPacket.parse(bytes(packet)) == packet


@given(st.binary(max_size=80))
def test_any_bytes_are_a_packet_or_an_rtp_error(data: bytes) -> None:
    try:
        packet = RtpPacket.parse(data)
    except RtpError:
        return
    assert bytes(packet) == data


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**64), st.lists(packets.map(bytes), max_size=12))
def test_random_datagrams_are_read_as_the_reference_reads_them(seed: int, payloads: list[bytes]) -> None:
    rng = random.Random(seed)
    for index, payload in enumerate(payloads):
        data = bytearray(payload)
        if rng.random() < 0.5:
            data[rng.randrange(4)] = rng.randrange(256)
        payloads[index] = bytes(data[: rng.randrange(len(data) + 1)] if rng.random() < 0.3 else data)
    batch = frames.batch([frames.ethernet(frames.ipv4(frames.udp(one))) for one in payloads])
    batch.wire_lengths = batch.wire_lengths + rng.randrange(2)
    expected, rtcp, rejected = reference.rtp(reference.datagrams(batch)[0])
    datagrams = udp.parse(batch)
    found = rtp.parse(datagrams)
    assert found.rejected == rejected
    assert found.rtcp.tolist() == rtcp
    assert [
        reference.Rtp(*fields[:6], datagrams.data[fields[6] : fields[6] + fields[7]].tobytes())
        for fields in zip(
            found.rows.tolist(),
            found.payload_types.tolist(),
            found.markers.tolist(),
            found.sequences.tolist(),
            found.timestamps.tolist(),
            found.ssrcs.tolist(),
            found.offsets.tolist(),
            found.lengths.tolist(),
            strict=True,
        )
    ] == expected
