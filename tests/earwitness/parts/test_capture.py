"""A capture as a part: a clock that is set while calls run, and packets that are lost before it has them."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from earwitness.parts.capture import DROPPING, Watcher, evenly
from earwitness.settings import Settings
from recorder.batch import Batch
from recorder.capture import Capture
from recorder.finish.policy import ArchivePolicy
from recorder.finish.worker import FinishWorker, WorkerOptions
from recorder.recovery import recover
from storage.model import Call
from tests.recorder.frames import SECOND, START
from tests.recorder.recording import call_files
from tests.recorder.switchboard import AGENT, CUSTOMER, PBX, Wire, heard

STEPS = [-3600.0, -30.0, -2.0, 2.0, 30.0, 3600.0]
"""Seconds."""
SET_AT = 6.01
BOOTED = START - 1000 * SECOND
"""When the clock that nobody sets began, by the right one."""


class Live:
    """A wire as a tap shows it while the clock of the machine is set, with both clocks of each batch."""

    def __init__(self, wire: Wire, by: float) -> None:
        self._whole = wire.batch()
        self._by = round(by * SECOND)
        self._read: list[int] = []

    def batches(self, first: int = 0, last: int | None = None) -> Iterator[Batch]:
        """Those of 50 ms each from number to number, with the stamps of the clock."""
        for batch in list(_cut(self._whole))[first:last]:
            self._read.append(int(batch.times[-1]) + SECOND // 1000)
            is_set = batch.times >= START + round(SET_AT * SECOND)
            yield replace(batch, times=batch.times + self._by * is_set)

    def clocks(self) -> tuple[int, int]:
        """The clock and the one that nobody sets, behind the batch that came last."""
        true = self._read[-1]
        return true + self._by * (true >= START + round(SET_AT * SECOND)), true - BOOTED


def _cut(whole: Batch) -> Iterator[Batch]:
    step = 5
    for a, b in pairwise([*range(0, len(whole), step), len(whole)]):
        yield replace(
            whole,
            offsets=whole.offsets[a:b],
            lengths=whole.lengths[a:b],
            wire_lengths=whole.wire_lengths[a:b],
            times=whole.times[a:b],
        )


def recorded(
    folder: Path, live: Live, parts: Iterable[tuple[int, int | None]] = ((0, None),)
) -> list[tuple[Call, Path]]:
    """The calls that are handed off while the tap is live, in their order; a new engine for each part."""
    done: list[Call] = []
    options = WorkerOptions(ArchivePolicy(format="wav"))
    worker = FinishWorker(folder / "spool", folder / "out", options, done=done.append)
    for part in parts:
        capture = Capture(folder / "spool")
        recover(capture)
        for batch, now in evenly(live.batches(*part), capture, live.clocks):
            capture.feed(batch, now)
            assert capture._flow._rows < 200
            worker.poll()
    capture.finish()
    worker.poll()
    return [(call, folder / "out" / call.id) for call in sorted(done, key=lambda call: call.start)]


def two_calls() -> Wire:
    """One of twelve seconds in which the clock is set, and one after it."""
    wire = Wire()
    for name, start, end in (("first", 0, 12), ("second", 14, 18)):
        line = wire.line(name, (CUSTOMER.host, PBX), (CUSTOMER.number, AGENT.number))
        line.begins(start)
        line.carries(400, start + 0.1, end)
        line.carries(700, start + 0.1, end, from_called=True)
        line.hangs_up(end)
    return wire


@pytest.mark.parametrize("by", STEPS)
def test_a_call_in_which_the_clock_is_set_is_whole(tmp_path: Path, by: float) -> None:
    (first, folder), (second, _) = sorted(
        recorded(tmp_path, Live(two_calls(), by)), key=lambda one: one[0].duration, reverse=True
    )
    assert first.duration == pytest.approx(11.9)
    assert first.recording is not None
    assert first.recording.seconds == pytest.approx(11.9, abs=0.05)
    assert [heard(folder, channel, at, at + 0.9) for channel in (0, 1) for at in range(11)] == [
        *[400] * 11,
        *[700] * 11,
    ]
    assert all(party.packets.late == 0 for party in first.parties)
    assert second.duration == pytest.approx(3.9)
    assert second.start - first.start == timedelta(seconds=14)
    assert second.start.timestamp() == pytest.approx(START / SECOND + 14 + by)
    assert second.recording is not None
    assert second.recording.start == second.answered


@pytest.mark.parametrize("by", STEPS[:3])
def test_a_clock_that_is_behind_after_a_restart_cuts_no_call(tmp_path: Path, by: float) -> None:
    at = round(SET_AT * 20)
    (first, folder), _ = sorted(
        recorded(tmp_path, Live(two_calls(), by), [(0, at), (at + 1, None)]),
        key=lambda one: one[0].duration,
        reverse=True,
    )
    assert first.state == "answered"
    assert all(party.packets.written >= 595 - 26 for party in first.parties)
    assert [heard(folder, 0, at, at + 0.9) for at in (1, 4, 7, 9)] == [400] * 4


@pytest.mark.parametrize("at", [120, 9 * 20])
@pytest.mark.parametrize("by", STEPS)
def test_a_restart_behind_a_step_goes_on_in_the_same_time(tmp_path: Path, by: float, at: int) -> None:
    calls = recorded(tmp_path, Live(two_calls(), by), [(0, at), (at, None)])
    (first, _), _ = sorted(calls, key=lambda one: one[0].duration, reverse=True)
    assert first.duration == pytest.approx(11.9)
    assert first.start.timestamp() == pytest.approx(START / SECOND + by)


def test_packets_that_waited_in_the_ring_while_the_machine_stood_still_are_of_calls_that_run(
    tmp_path: Path,
) -> None:
    wire = Wire()
    for voice, hosts, ports in (
        (400, (CUSTOMER.host, AGENT.host), (4000, 5000)),
        (700, (AGENT.host, CUSTOMER.host), (5000, 4000)),
    ):
        wire.voice(voice, 0, 20, hosts, ports, f"{voice}")
    live = Live(wire, 0)
    stood_still = 15 * SECOND

    def clocks() -> tuple[int, int]:
        clock, running = live.clocks()
        return clock + stood_still, running + stood_still

    capture = Capture(tmp_path)
    for batch, now in evenly(live.batches(), capture, clocks):
        capture.feed(batch, now)
    capture.finish()

    (file,) = call_files(capture)
    assert [party.packets.written for party in file.call.parties] == [1000, 1000]


def test_packets_that_the_ring_loses_are_told_once_until_none_was_lost_for_a_minute(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    settings.folders.make()
    now = [0.0]
    watcher = Watcher(settings, "capture-x", lambda: now[0])
    capture = Capture(tmp_path / "calls")

    def loses(packets: int, after: float) -> str:
        now[0] += after
        capture.counters.dropped += packets
        watcher.look(capture)
        return str(json.loads((settings.folders.run / "capture-x.json").read_text())["detail"])

    with capture_logs() as logs:
        said = [loses(0, 1), loses(7, 1), loses(9, 1), loses(0, 59), loses(1, 0.5), loses(0, 61), loses(0, 1)]
    assert [DROPPING in one for one in said] == [False, True, True, True, True, False, False]
    assert [(line["event"][:18], line["packets"]) for line in logs] == [
        ("packets are lost b", 7),
        ("no more packets ar", 17),
    ]
    capture.stop()
