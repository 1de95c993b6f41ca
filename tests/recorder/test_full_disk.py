"""A full disk: an alarm, capture that goes on, and nothing finished that is touched."""

import os
from pathlib import Path
from typing import get_args

import pytest

from recorder.capture import Capture
from recorder.finish.finisher import Finisher
from recorder.finish.policy import ArchiveFormat, ArchivePolicy
from recorder.finish.worker import FinishWorker, WorkerOptions
from storage.model import Call
from tests.recorder.finish.packets import MS, START, packets, plan, voice
from tests.recorder.recording import traffic

pytestmark = pytest.mark.root


def fill(disk: Path) -> Path:
    """Leave no byte free."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return ballast


def test_capture_outlives_a_full_disk_and_says_so(small_disk: Path, tmp_path: Path) -> None:
    batches, truths = traffic(legs=1, calls=2, concurrent=2, talk_seconds=8, talk_spread=0)
    alarms: list[str] = []
    capture = Capture(small_disk / "spool", alarm=alarms.append)
    third = len(batches) // 3
    for batch in batches[:third]:
        capture.feed(batch)
    written = capture.counters.written
    assert written > 0
    assert alarms == []

    ballast = fill(small_disk)
    for batch in batches[third : 2 * third]:
        capture.feed(batch)
    assert len(alarms) == 1
    assert "full" in alarms[0]
    assert "free some space" in alarms[0]
    assert capture.counters.unwritten > 0

    ballast.unlink()
    for batch in batches[2 * third :]:
        capture.feed(batch)
    capture.finish()
    assert alarms[1:] == [""]

    done: list[Call] = []
    FinishWorker(small_disk / "spool", tmp_path / "handoff", done=done.append).poll()
    assert len(done) == len(truths.calls)
    for call in done:
        assert call.recording is not None
        ledgers = [party.packets for party in call.parties]
        assert sum(ledger.unwritten for ledger in ledgers) > 0
        assert all(ledger.received == ledger.written + ledger.unwritten for ledger in ledgers)
        assert call.unrecorded_seconds > 1


def test_a_worker_on_a_full_disk_keeps_the_call_for_later(small_disk: Path, tmp_path: Path) -> None:
    batches, _ = traffic(legs=1, calls=1, concurrent=1)
    capture = Capture(tmp_path / "spool")
    for batch in batches:
        capture.feed(batch)
    capture.finish()
    handoff = small_disk / "handoff"
    handoff.mkdir()
    ballast = fill(small_disk)
    told: list[str] = []

    worker = FinishWorker(tmp_path / "spool", handoff, troubled=lambda _call, why: told.append(why))
    assert worker.poll() == 0
    assert "free some space" in told[0]
    assert len(list((tmp_path / "spool" / "calls").iterdir())) == 1

    ballast.unlink()
    while not worker.poll():
        assert len(told) == 1
    assert len([path for path in handoff.iterdir() if not path.name.startswith(".")]) == 1


@pytest.mark.parametrize("format_", ["opus", "flac", "wav"])
def test_a_worker_whose_own_disk_is_full_makes_the_recording_later(
    small_disk: Path, tmp_path: Path, format_: str
) -> None:
    batches, _ = traffic(legs=1, calls=1, concurrent=1, talk_seconds=25, talk_spread=0)
    capture = Capture(small_disk / "spool")
    for batch in batches:
        capture.feed(batch)
    capture.finish()
    told: list[str] = []
    options = WorkerOptions(ArchivePolicy(format=format_))
    worker = FinishWorker(
        small_disk / "spool", tmp_path / "handoff", options, troubled=lambda _call, why: told.append(why)
    )
    ballast = fill(small_disk)
    os.truncate(ballast, ballast.stat().st_size - 16384)
    assert worker.poll() == 0
    assert "free some space" in told[0]
    ballast.unlink()
    while not worker.poll():
        assert len(told) == 1
    assert len([path for path in (tmp_path / "handoff").iterdir() if path.name[0] != "."]) == 1


@pytest.mark.parametrize("format_", get_args(ArchiveFormat))
@pytest.mark.parametrize("seconds", [120, 9])
def test_a_recording_that_is_cut_short_by_the_disk_is_none(
    small_disk: Path, seconds: int, format_: str
) -> None:
    policy = ArchivePolicy(format=format_)
    finisher = Finisher(plan(("a",)), small_disk / f"call.{policy.suffix}", policy)
    finisher.feed(packets(voice(seconds)))
    ballast = fill(small_disk)
    os.truncate(ballast, ballast.stat().st_size - 8192)
    with pytest.raises(OSError, match="No space left on device"):
        finisher.close(START + seconds * 1000 * MS)
    finisher.abort()
    assert list(small_disk.iterdir()) == [ballast]
