"""Simulated traffic through the capture engine, for tests of what comes out."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from recorder.batch import Batch
from recorder.capture import Capture, CaptureOptions
from recorder.recovery import recover
from recorder.simulate.callcentre import CallCentre
from recorder.simulate.options import ALL_ANSWERED, Network, SimulationOptions
from recorder.simulate.truth import CallTruth, Truths
from recorder.spool.callfile import CallFile
from storage.model import Call

SECOND = 1_000_000_000
COLUMNS = ("offsets", "lengths", "wire_lengths", "times")

QUIET = SimulationOptions(
    concurrent=3,
    calls=3,
    talk_seconds=4,
    talk_spread=0.3,
    ring_seconds=1,
    ramp_seconds=1,
    duration=30,
    hold=0.0,
    outcomes=ALL_ANSWERED,
)
"""Three answered calls of about four seconds through a PBX."""


def traffic(options: SimulationOptions = QUIET, **changes: object) -> tuple[list[Batch], Truths]:
    """All batches of a simulation and the truth of it."""
    centre = CallCentre(replace(options, **changes))
    batches = list(centre.steps())
    return batches, centre.truths()


def captured(spool: Path, batches: Iterable[Batch], options: CaptureOptions | None = None) -> Capture:
    """An engine that has seen the batches to the end."""
    capture = Capture(spool, options)
    for batch in batches:
        capture.feed(batch)
    capture.finish()
    return capture


def taken_over(
    spool: Path,
    before: Iterable[Batch],
    after: Iterable[Batch],
    options: CaptureOptions | None = None,
    *,
    is_killed: bool = False,
) -> list[CallFile]:
    """The calls of an engine that goes on where another one, with these options, stopped or was killed."""
    first = Capture(spool, options)
    for batch in before:
        first.feed(batch)
    if not is_killed:
        first.stop()
    second = Capture(spool)
    recover(second)
    for batch in after:
        second.feed(batch)
    second.finish()
    return call_files(second)


def watched(spool: Path, batch: Batch, options: CaptureOptions | None = None) -> Capture:
    """An engine to which a live tap brought the batch: a bit at a time, and nothing where nothing came."""
    capture = Capture(spool, options)
    now = int(batch.times[0])
    for part in batch.within(SECOND // 10):
        for quiet in range(now + SECOND // 4, int(part.times[0]), SECOND // 4):
            capture.feed(replace(part, **dict.fromkeys(COLUMNS, part.times[:0])), quiet)
        capture.feed(part)
        now = int(part.times[-1])
    capture.finish()
    return capture


def call_files(capture: Capture) -> list[CallFile]:
    """What is in the journal, in the order in which the calls began."""
    journal = capture.spool.journal
    found = [file for call in journal.stamps() if (file := journal.read(call))]
    return sorted(found, key=lambda file: file.call.start)


def matched(calls: Iterable[Call], truths: Truths) -> list[tuple[Call, CallTruth]]:
    """Each call with the truth of the same SIP dialog; fails where one has no other."""
    by_dialog = {truth.legs[0].call_id: truth for truth in truths.calls}
    found = [(call, by_dialog.pop(call.legs[0].call_id)) for call in calls]
    assert not by_dialog, f"not recorded: {sorted(by_dialog)}"
    return found


LOSSY = Network(loss=0.03, duplicate=0.02, reorder=0.02, jitter_ms=2)
"""A network on which everything goes wrong that can."""
