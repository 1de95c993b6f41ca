"""What a running call keeps in memory: its encoder and its waveform, nothing of what was said."""

import gc
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from recorder.capture import Capture
from recorder.finish import packets
from recorder.finish.worker import FinishWorker
from recorder.simulate.callcentre import CallCentre
from tests.recorder.recording import QUIET

NS = 1_000_000_000
ONE_CALL = replace(QUIET, calls=1, concurrent=1, talk_seconds=300, talk_spread=0, duration=600, legs=1)
MOST = 300
"""Bytes for every second of a call of two channels; its waveform takes 80, what is said 16,000."""


@contextmanager
def traced() -> Iterator[None]:
    """Count what is allocated."""
    gc.collect()
    tracemalloc.start()
    try:
        yield
    finally:
        tracemalloc.stop()


def running(folder: Path, seconds: int, every: int) -> tuple[int, int]:
    """Bytes held when so much of a call has passed, and the most while the worker was at it, who looks each
    time that ``every`` seconds of it have."""
    centre, capture = CallCentre(ONE_CALL), Capture(folder / "spool")
    worker = FinishWorker(folder / "spool", folder / "handoff")
    most = 0
    for _ in range(seconds // every):
        capture.feed(centre.generate(centre.now_ns + every * NS))
        capture.flush()
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        worker.poll()
        most = max(most, tracemalloc.get_traced_memory()[1] - before)
    gc.collect()
    held = tracemalloc.get_traced_memory()[0]
    worker.close()
    return held, most


def grown(folder: Path, *, at_once: bool) -> tuple[float, float]:
    """What a second more of the call adds to the bytes held, and to the most."""
    found = []
    for number, seconds in enumerate((30, 30, 90)):  # the first one makes what is made once in a process
        with traced():
            found.append(running(folder / str(number), seconds, seconds if at_once else 30))
    _, short, long = found
    return (long[0] - short[0]) / 60, (long[1] - short[1]) / 60


def test_a_running_call_holds_its_waveform_alone(tmp_path: Path) -> None:
    assert grown(tmp_path, at_once=False)[0] < MOST


def test_a_worker_that_fell_behind_takes_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packets, "PIECE", 1 << 18)
    held, most = grown(tmp_path, at_once=True)
    assert held < MOST
    assert most < 2 * MOST  # a waveform that grows is copied at times
