"""Capture files of both formats, whole, compressed, cut and damaged."""

import gzip
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recorder.protocol import udp
from recorder.protocol.errors import CaptureFileError
from recorder.protocol.pcapng import SLICE
from recorder.taps.capture_file import CaptureFileTap
from tests.recorder import capture_files as files
from tests.recorder.capture_files import Frame

BASE = 1_795_289_146_000_000_000


def some_frames(count: int, seed: int = 1, step: int = 20_000_000) -> list[Frame]:
    """Frames of random bytes, mostly of one length as media are."""
    rng = random.Random(seed)
    sizes = [214] * 8 + [58, 700, 1]
    return [Frame(rng.randbytes(rng.choice(sizes)), BASE + row * step) for row in range(count)]


def whole(frames: list[Frame]) -> list[Frame]:
    """The frames as they come back: with their length on the wire."""
    return [frame._replace(wire_length=frame.wire_length or len(frame.data)) for frame in frames]


FRAMES = some_frames(300)
GARBAGE = [b"\xff" * 100, bytes(1000), random.Random(3).randbytes(7000)]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("fractions", [10**6, 10**9])
@pytest.mark.parametrize("batch_bytes", [1, 100, 4096, 4 << 20])
def test_pcap_of_every_kind(tmp_path: Path, order: str, fractions: int, batch_bytes: int) -> None:
    frames = FRAMES[:8] if batch_bytes == 1 else FRAMES
    path = files.write(tmp_path, files.pcap(frames, order, fractions, link_type=113))
    found, damage = files.read(path, batch_bytes)
    assert found == [frame._replace(link_type=113) for frame in whole(frames)]
    assert damage == ""


def test_times_keep_their_nanoseconds(tmp_path: Path) -> None:
    frame = Frame(b"x", BASE + 999_999_999, 2000)
    assert files.read(files.write(tmp_path, files.pcap([frame])))[0] == [frame]
    micro = files.read(files.write(tmp_path, files.pcap([frame], fractions=10**6)))[0]
    assert micro == [frame._replace(time=BASE + 999_999_000)]


def test_a_file_without_frames(tmp_path: Path) -> None:
    assert files.read(files.write(tmp_path, files.pcap([]))) == ([], "")
    assert files.read(files.write(tmp_path, files.section())) == ([], "")


def test_frames_without_bytes(tmp_path: Path) -> None:
    frames = [Frame(b"", BASE, 60)] * 100
    assert files.read(files.write(tmp_path, files.pcap(frames))) == (frames, "")


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("batch_bytes", [1, 100, 4 << 20])
def test_pcapng_of_every_kind_of_packet(tmp_path: Path, order: str, batch_bytes: int) -> None:
    rng = random.Random(7)
    frames = some_frames(8 if batch_bytes == 1 else 60)
    makers = [files.enhanced, files.old]
    content = files.section(order) + files.interface(order=order)
    content += b"".join(rng.choice(makers)(frame, order=order) for frame in frames)
    content += files.block(0xBAD, b"of nobody's concern", order) + files.simple(Frame(b"xyz"), order)
    found, damage = files.read(files.write(tmp_path, content), batch_bytes)
    assert found == whole([*frames, Frame(b"xyz", frames[-1].time)])
    assert damage == ""


@pytest.mark.parametrize(
    ("options", "ticks", "time"),
    [
        ([], 5_000_001, 5_000_001_000),
        ([(9, b"\x03")], 5_001, 5_001_000_000),
        ([(9, b"\x09")], 5_000_000_001, 5_000_000_001),
        ([(9, b"\x0c")], 5_000_000_001_999, 5_000_000_001),
        ([(9, b"\x7f")], 5, 0),
        ([(9, b"\x80")], 5, 5_000_000_000),
        ([(9, b"\x8a")], 5 * 1024 + 1, 5_000_976_562),
        ([(9, b"\xa8")], (5 << 40) + (1 << 39), 5_500_000_000),
        ([(9, b"\xff")], 5, 0),
        ([(9, b"\x06"), (14, b"\x10\0\0\0\0\0\0\0")], 1, 16_000_001_000),
        ([(14, b"\xff\xff\xff\xff\xff\xff\xff\xff"), (9, b"\x00")], 3, 2_000_000_000),
        ([(2, b"eth0"), (9, b"")], 5_000_001, 5_000_001_000),
    ],
)
def test_clocks_of_pcapng(tmp_path: Path, options: list[tuple[int, bytes]], ticks: int, time: int) -> None:
    content = files.section() + files.interface(options=options) + files.enhanced(Frame(b"x"), ticks)
    assert [frame.time for frame in files.read(files.write(tmp_path, content))[0]] == [time]


def test_interfaces_and_sections_of_pcapng(tmp_path: Path) -> None:
    content = files.section() + files.interface(1) + files.interface(101, options=[(9, b"\x09")])
    content += files.enhanced(Frame(b"a", BASE)) + files.enhanced(Frame(b"b"), BASE + 1, 1)
    content += files.enhanced(Frame(b"c", BASE + 2000))
    content += (
        files.section(">") + files.interface(113, order=">") + files.enhanced(Frame(b"d", BASE), order=">")
    )
    found, damage = files.read(files.write(tmp_path, content))
    assert [(frame.data, frame.time, frame.link_type) for frame in found] == [
        (b"a", BASE, 1),
        (b"c", BASE + 2000, 1),
        (b"b", BASE + 1, 101),
        (b"d", BASE, 113),
    ]
    assert damage == ""


def test_frames_of_interfaces_of_different_kinds_come_in_the_order_of_their_times(tmp_path: Path) -> None:
    sent = [
        Frame(b"frame %d" % at, BASE + at * 40_000_000, link_type=(1, 101)[at % 3 == 1]) for at in range(99)
    ]
    content = files.section() + files.interface(1) + files.interface(101)
    content += b"".join(files.enhanced(one, number=one.link_type // 101) for one in sent)
    found, _ = files.read(files.write(tmp_path, content))
    assert sorted(found) == sorted(whole(sent))
    times = np.array([one.time for one in found])
    assert (np.maximum.accumulate(times) - times).max() <= SLICE


def test_simple_packets_are_as_long_as_the_snap_length(tmp_path: Path) -> None:
    content = files.section() + files.interface(snap_length=5)
    content += files.simple(Frame(b"1234567", wire_length=1000)) + files.simple(Frame(b"12", wire_length=2))
    assert files.read(files.write(tmp_path, content))[0] == [Frame(b"12345", 0, 1000), Frame(b"12", 0, 2)]


def test_packets_of_unknown_interfaces_are_left_out(tmp_path: Path) -> None:
    long = bytearray(files.enhanced(Frame(b"long", BASE)))
    long[20] = 200
    content = files.section() + files.interface() + files.enhanced(Frame(b"a", BASE), number=1) + bytes(long)
    found, damage = files.read(files.write(tmp_path, content + files.enhanced(Frame(b"b", BASE))))
    assert [frame.data for frame in found] == [b"b"]
    assert damage == "2 packets before byte 156 name no interface or are longer than their block"


@pytest.mark.parametrize("batch_bytes", [100, 4 << 20])
def test_compressed_files(tmp_path: Path, batch_bytes: int) -> None:
    content = files.pcap(FRAMES)
    members = gzip.compress(content[:5000]) + gzip.compress(content[5000:]) + bytes(512)
    assert files.read(files.write(tmp_path, members, "capture.pcap.gz"), batch_bytes) == (whole(FRAMES), "")
    ng = files.section() + files.interface() + b"".join(map(files.enhanced, FRAMES))
    assert files.read(files.write(tmp_path, gzip.compress(ng)), batch_bytes) == (whole(FRAMES), "")


def test_a_cut_compressed_file_delivers_what_is_there(tmp_path: Path) -> None:
    packed = gzip.compress(files.pcap(FRAMES))
    found, damage = files.read(files.write(tmp_path, packed[: len(packed) // 2]))
    assert 100 < len(found) < 200
    assert found == whole(FRAMES)[: len(found)]
    assert damage.endswith("hold no whole packet; the gzip file is cut: its end is missing")


def test_a_damaged_compressed_file_delivers_what_stands_before(tmp_path: Path) -> None:
    frames = [frame._replace(data=frame.data.hex().encode()) for frame in FRAMES]
    packed = bytearray(gzip.compress(files.pcap(frames)))
    packed[len(packed) // 2 :] = random.Random(1).randbytes(len(packed) // 2)
    found, damage = files.read(files.write(tmp_path, bytes(packed)), 4096)
    assert found[:120] == whole(frames)[:120]
    assert "the gzip file is damaged near byte" in damage


@pytest.mark.parametrize("missing", [1, 100, 213, 214, 220])
@pytest.mark.parametrize("batch_bytes", [500, 4 << 20])
def test_a_cut_pcap_delivers_what_is_there(tmp_path: Path, missing: int, batch_bytes: int) -> None:
    frames = [Frame(bytes(214), BASE)] * 10
    content = files.pcap(frames)[:-missing]
    found, damage = files.read(files.write(tmp_path, content), batch_bytes)
    assert found == whole(frames[:-1])
    assert damage == f"the last {230 - missing} bytes, from byte {24 + 9 * 230}, hold no whole packet"


@pytest.mark.parametrize("missing", [1, 100, 240])
def test_a_cut_pcapng_delivers_what_is_there(tmp_path: Path, missing: int) -> None:
    frames = [Frame(bytes(212), BASE)] * 10
    content = files.section() + files.interface() + b"".join(map(files.enhanced, frames))
    found, damage = files.read(files.write(tmp_path, content[:-missing]))
    assert found == whole(frames[:-1])
    assert damage == f"the last {244 - missing} bytes, from byte {48 + 9 * 244}, hold no whole packet"


@pytest.mark.parametrize("batch_bytes", [300, 5000, 4 << 20])
@pytest.mark.parametrize("garbage", GARBAGE, ids=["ones", "zeros", "noise"])
def test_garbage_between_records_is_skipped(tmp_path: Path, batch_bytes: int, garbage: bytes) -> None:
    content = files.pcap(FRAMES[:100]) + garbage + files.pcap(FRAMES[100:])[24:]
    found, damage = files.read(files.write(tmp_path, content), batch_bytes)
    assert found == whole(FRAMES)
    assert (
        damage
        == f"{len(garbage)} bytes from byte {len(files.pcap(FRAMES[:100]))} are damaged and were skipped"
    )


@pytest.mark.parametrize("batch_bytes", [300, 5000, 4 << 20])
@pytest.mark.parametrize("garbage", GARBAGE, ids=["ones", "zeros", "noise"])
def test_garbage_between_blocks_is_skipped(tmp_path: Path, batch_bytes: int, garbage: bytes) -> None:
    head = files.section() + files.interface() + b"".join(map(files.enhanced, FRAMES[:100]))
    content = head + garbage + b"".join(map(files.enhanced, FRAMES[100:]))
    found, damage = files.read(files.write(tmp_path, content), batch_bytes)
    assert found == whole(FRAMES)
    assert damage == f"{len(garbage)} bytes from byte {len(head)} are damaged and were skipped"


@pytest.mark.parametrize("days", [-400, 0, 3])
@pytest.mark.parametrize("batch_bytes", [1, 300, 5000, 4 << 20])
def test_pcap_files_one_behind_the_other_are_read_as_each_says(
    tmp_path: Path, days: int, batch_bytes: int
) -> None:
    first, after = FRAMES[:20], [one._replace(time=one.time + days * 86_400 * 10**9) for one in FRAMES[20:40]]
    later = [one._replace(link_type=113) for one in after]
    content = files.pcap(first, "<", 10**6) + files.pcap([]) + files.pcap(later, ">", 10**9, link_type=113)
    found, damage = files.read(files.write(tmp_path, content), batch_bytes)
    assert found == whole(first + later)
    assert damage == ""


@pytest.mark.parametrize("missing", [1, 100, 216, 229])
def test_a_cut_file_before_another_costs_its_last_packet(tmp_path: Path, missing: int) -> None:
    later = [one._replace(time=one.time + 3 * 86_400 * 10**9) for one in FRAMES[20:40]]
    first = [one for one in FRAMES if len(one.data) == 214][:20]
    content = files.pcap(first)[:-missing] + files.pcap(later)
    found, damage = files.read(files.write(tmp_path, content))
    assert set(whole(first[:-1] + later)) - set(found) == set()
    assert len(found) <= 40
    assert damage


@pytest.mark.parametrize("inserted", [1, 2, 3, 5])
@pytest.mark.parametrize("batch_bytes", [300, 5000, 4 << 20])
def test_inserted_bytes_cost_few_packets(tmp_path: Path, inserted: int, batch_bytes: int) -> None:
    content = files.pcap(FRAMES[:100]) + b"\1" * inserted + files.pcap(FRAMES[100:])[24:]
    found, damage = files.read(files.write(tmp_path, content), batch_bytes)
    assert set(whole(FRAMES)) - set(found) == set()
    assert len(found) <= 301
    assert damage


@pytest.mark.parametrize("length", [100, 300, 5000, 200_000, 2**31])
def test_a_wrong_length_costs_few_packets(tmp_path: Path, length: int) -> None:
    records = [bytearray(files.pcap_record(frame)) for frame in FRAMES]
    records[150][8:12] = length.to_bytes(4, "little")
    path = files.write(tmp_path, files.pcap([]) + b"".join(records))
    found, damage = files.read(path)
    data = {frame.data for frame in found}
    assert [row for row in range(300) if FRAMES[row].data not in data] in ([150], [150, 151])
    assert damage


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "it is empty"),
        (b"RIFF1234WAVEfmt ", "it begins with 52 49 46 46, but pcap files begin with"),
        (b"\xd4\xc3\xb2\xa1\2\0", "a pcap file begins with a header of 24 bytes"),
        (b"\n\r\r\n\x1c\0\0\0oops", "a pcapng file begins with a section header block"),
        (gzip.compress(b"hello world", mtime=0), "it begins with 68 65 6c 6c, but"),
        (b"\x1f\x8b\x08\0", "the gzip file is cut: its end is missing"),
        (b"\x1f\x8bnonsense that is long enough", "the gzip file is damaged near byte"),
    ],
)
def test_what_is_no_capture_file_says_why(tmp_path: Path, content: bytes, why: str) -> None:
    path = files.write(tmp_path, content, "odd.pcap")
    with pytest.raises(CaptureFileError) as caught:
        CaptureFileTap(path)
    assert str(caught.value).startswith(f"{path} cannot be read as a capture file: {why}")


def test_a_file_that_is_not_there_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        CaptureFileTap(tmp_path / "absent.pcap")


def test_progress_grows_to_the_whole(tmp_path: Path) -> None:
    path = files.write(tmp_path, files.pcap(FRAMES))
    with CaptureFileTap(path, 10_000) as tap:
        steps = [tap.progress.read for _ in tap]
        assert steps == sorted(steps)
        assert len(steps) > 3
        assert tap.progress == (path.stat().st_size,) * 2


def test_memory_is_bounded_by_the_batch(tmp_path: Path) -> None:
    path = files.write(tmp_path, files.pcap(FRAMES))
    with CaptureFileTap(path, 10_000) as tap:
        assert max(len(batch.data) for batch in tap) < 12_000


def test_a_closed_tap_ends_and_can_be_closed_again(tmp_path: Path) -> None:
    tap = CaptureFileTap(files.write(tmp_path, files.pcap(FRAMES)), 10_000)
    batches = iter(tap)
    next(batches)
    tap.close()
    tap.close()
    assert list(batches) == []
    assert 10_000 <= tap.progress.read < tap.progress.total


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 2**64), st.booleans(), st.integers(100, 3000))
def test_damaged_files_are_read_to_their_end(
    tmp_path: Path, seed: int, is_ng: bool, batch_bytes: int
) -> None:
    rng = random.Random(seed)
    frames = some_frames(20, seed)
    ng = files.section() + files.interface() + b"".join(map(files.enhanced, frames))
    content = bytearray(ng if is_ng else files.pcap(frames))
    for _ in range(rng.randrange(1, 20)):
        content[rng.randrange(24, len(content))] = rng.randrange(256)
    found, _ = files.read(
        files.write(tmp_path, bytes(content[: rng.randrange(30, len(content))])), batch_bytes
    )
    assert len(found) <= 20


@pytest.mark.captures
def test_a_real_call(captures: Path) -> None:
    with CaptureFileTap(captures / "01_pcmu" / "capture.pcap") as tap:
        datagrams = [udp.parse(batch) for batch in tap]
        assert tap.damage == ""
    assert sum(map(len, datagrams)) == 5037
    assert [found.rejected for found in datagrams] == [{}]


def test_a_wrong_time_is_set_right_and_told(tmp_path: Path) -> None:
    wrong = [
        one._replace(time=one.time + (at == 7) * 30 * 86_400 * 10**9) for at, one in enumerate(FRAMES[:20])
    ]
    found, damage = files.read(files.write(tmp_path, files.pcap(wrong)))
    assert [one.time for one in found] == [FRAMES[at - (at == 7)].time for at in range(20)]
    assert damage == "the wrong times of packets were set right: 1"
