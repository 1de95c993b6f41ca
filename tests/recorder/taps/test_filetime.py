"""The clock was set back while a file was captured: its media tells by how much."""

import struct
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from recorder.batch import Batch
from recorder.capture import Capture
from recorder.taps.capture_file import CaptureFileTap
from recorder.taps.filetime import FileTime
from recorder.taps.pcap_writer import PcapWriter
from tests.recorder import frames
from tests.recorder.frames import SECOND, START
from tests.recorder.recording import traffic
from tests.recorder.streamed import whole
from tests.recorder.switchboard import AGENT, CUSTOMER, PBX, Wire, finished, heard

BACK = [-0.3, -2.0, -30.0, -86400.0]
"""Seconds."""


def _call(seconds: float = 20) -> Batch:
    wire = Wire()
    line = wire.line("one", (CUSTOMER.host, PBX), (CUSTOMER.number, AGENT.number))
    line.begins(0)
    line.carries(400, 0.2, seconds)
    line.carries(700, 0.2, seconds, from_called=True)
    line.hangs_up(seconds)
    return wire.batch()


def _set(batch: Batch, at: float, by: float) -> Batch:
    """The clock is set ``by`` seconds, ``at`` seconds behind the beginning."""
    is_behind = batch.times >= batch.times[0] + round(at * SECOND)
    return replace(batch, times=batch.times + is_behind * round(by * SECOND))


def _cut(batch: Batch, size: int) -> Iterator[Batch]:
    for at in range(0, len(batch), size):
        yield batch.part(at, at + size)


def _times(parts: list[Batch]) -> np.ndarray:
    return np.concatenate([part.times for part in parts])


@pytest.mark.parametrize("size", [1, 77, 5000])
@pytest.mark.parametrize("by", BACK)
def test_frames_behind_a_step_follow_those_before_it(by: float, size: int) -> None:
    batch = _call()
    known = FileTime()

    found = list(known.even(_cut(_set(batch, 8.005, by), size)))

    assert np.abs(_times(found) - batch.times).max() < SECOND // 50
    assert sum(known.steps) == pytest.approx(by * SECOND, abs=SECOND // 50)
    assert {part.shift for part in found} == {None, sum(known.steps)}


def test_the_clock_may_be_set_several_times() -> None:
    batch = _call()
    known = FileTime()

    found = list(known.even(_cut(_set(_set(batch, 8.005, -5), 12.005, -60), 100)))

    assert len(known.steps) == 2
    assert np.abs(_times(found) - batch.times).max() < SECOND // 20


def _site(calls: int) -> Batch:
    """So many calls at once for 0.4 s, each stream with packets of its own moments."""
    streams = range(2 * calls)
    packets = [(at + stream % 97 / 97, at, stream) for at in range(20) for stream in streams]
    sent = [(when, _packet(at, stream)) for when, at, stream in sorted(packets)]
    batch = frames.batch([frame for _, frame in sent])
    batch.times[:] = START + np.array([round(when * SECOND / 50) for when, _ in sent])
    return batch


def _packet(number: int, stream: int) -> bytes:
    carried = struct.pack("!BBHII", 0x80, 0, 40 + number, 160 * number, stream) + bytes(160)
    datagram = frames.udp(carried, 10_000 + 2 * (stream // 2), 30_000 + 2 * (stream // 2))
    return frames.ethernet(frames.ipv4(datagram, f"10.0.0.{1 + stream % 2}", f"10.0.0.{2 - stream % 2}"))


@pytest.mark.parametrize("calls", [1, 60, 1000])
def test_a_step_is_seen_however_many_calls_there_are(calls: int) -> None:
    known = FileTime()

    list(known.even([_set(_site(calls), 0.2, -30)]))

    assert sum(known.steps) == pytest.approx(-30 * SECOND, abs=SECOND // 50)


def test_frames_of_interfaces_whose_clocks_are_apart_stay_together() -> None:
    """Each batch costs the engine as much as a thousand frames, and time goes on by batches."""
    batch = _call()
    is_first = batch.data[batch.offsets + 29] == batch.data[batch.offsets[0] + 29]
    apart = replace(batch, times=batch.times + is_first * 15 * SECOND)

    found = list(FileTime().even(_cut(apart, 500)))

    assert [len(part) for part in found] == [len(part) for part in _cut(apart, 500)]
    assert np.array_equal(_times(found), apart.times)


def _behind_each_other() -> Batch:
    batches, _ = traffic(legs=1)
    earlier, _ = traffic(legs=1, seed=5)
    return whole([*batches, *(replace(one, times=one.times - 3600 * SECOND) for one in earlier)])


def _twice() -> Batch:
    return whole([_call(), _call()])


def _queues_out_of_order() -> Batch:
    batch = _call()
    is_first = batch.data[batch.offsets + 29] == batch.data[batch.offsets[0] + 29]
    blocks = (batch.times - START) // (SECOND // 2)
    order = np.lexsort((batch.times, ~is_first, blocks))
    names = ("offsets", "lengths", "wire_lengths", "times")
    return replace(batch, **{name: getattr(batch, name)[order] for name in names})


def _set_forward() -> Batch:
    return _set(_call(), 8, 60)


@pytest.mark.parametrize("make", [_call, _behind_each_other, _twice, _queues_out_of_order, _set_forward])
def test_what_no_step_back_explains_stays_as_it_is(make: Callable[[], Batch]) -> None:
    batch = make()
    known = FileTime()

    found = list(known.even(_cut(batch, 100)))

    assert not known.steps
    assert np.array_equal(_times(found), batch.times)
    assert all(part.shift is None for part in found)


@pytest.mark.parametrize("by", BACK)
def test_a_call_of_a_file_in_which_the_clock_is_set_back_is_whole(tmp_path: Path, by: float) -> None:
    with PcapWriter(tmp_path / "set.pcap") as writer:
        writer.write(_set(_call(), 8.005, by))
    tap = CaptureFileTap(tmp_path / "set.pcap", 1 << 17)
    capture = Capture(tmp_path / "spool")
    for batch in tap:
        capture.feed(batch)
    capture.finish()

    ((call, folder),) = finished(tmp_path)

    assert f"the clock was set back by {-by:.1f} s" in tap.damage
    assert call.duration == pytest.approx(19.9, abs=0.05)
    assert call.start.timestamp() == pytest.approx(START / SECOND + by, abs=0.05)
    assert all(party.packets.late == 0 for party in call.parties)
    assert [heard(folder, 0, at, at + 0.9) for at in range(19)] == [400] * 19
