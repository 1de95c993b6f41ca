"""The recorder is killed at random points a hundred times while traffic goes on."""

import os
import random
import signal
from collections.abc import Callable, Sequence
from pathlib import Path

from recorder.batch import Batch
from recorder.capture import Capture
from recorder.finish.policy import ArchivePolicy
from recorder.finish.worker import FinishWorker, WorkerOptions
from recorder.recovery import recover
from recorder.simulate.callcentre import CallCentre
from recorder.simulate.options import ALL_ANSWERED, SimulationOptions
from recorder.simulate.truth import CallTruth
from storage.model import Call, CallState

KILLS = 100
BATCH = 0.1
"""Seconds of traffic that come at once, as from a live tap."""
FEWEST, MOST = 3, 12
"""Batches that come between two kills."""
LATE = 2
"""Batches that may still come while a recorder is being killed."""
COST = round((0.5 + BATCH) / 0.02) + 1
"""Packets of one stream that a kill may cost: half a second, and what was just coming."""
TRAFFIC = SimulationOptions(
    legs=1,
    concurrent=3,
    duration=KILLS * ((FEWEST + MOST) / 2 + LATE + 1) * BATCH,
    talk_seconds=12,
    talk_spread=0.5,
    hold=0.0,
    outcomes=ALL_ANSWERED,
)


def record(
    folder: Path, batches: Sequence[tuple[int, Batch]], told: Callable[[int], object]
) -> tuple[Capture, FinishWorker]:
    """What a recorder does while it runs, telling each batch that comes."""
    capture = Capture(folder / "spool")
    recover(capture)
    options = WorkerOptions(ArchivePolicy(format="wav"))
    worker = FinishWorker(folder / "spool", folder / "handoff", options)
    for index, batch in batches:
        told(index)
        capture.feed(batch)
        if index % 4 == 0:
            worker.poll()
    return capture, worker


def finish(capture: Capture, worker: FinishWorker) -> None:
    """What a recorder does when the traffic has ended."""
    capture.finish()
    worker.poll()
    while worker.waiting:
        worker.poll()


def killed(folder: Path, batches: Sequence[tuple[int, Batch]], after: int) -> int:
    """Kill a recorder, a process of its own, when ``after`` batches have come; answer which came last."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reader)
            coming = batches[: after + LATE]
            record(folder, coming, lambda index: os.write(writer, index.to_bytes(4, "little")))
            signal.pause()
        finally:
            os._exit(1)
    os.close(writer)
    with os.fdopen(reader, "rb") as told:
        taken = [told.read(4) for _ in range(after)]
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        taken += iter(lambda: told.read(4), b"")
    assert os.waitstatus_to_exitcode(status) == -signal.SIGKILL
    return int.from_bytes(taken[-1], "little")


def test_no_call_is_lost_or_doubled_and_each_kill_costs_half_a_second_at_most(tmp_path: Path) -> None:
    centre = CallCentre(TRAFFIC)
    batches = list(centre.steps(BATCH))
    truths = centre.truths()
    wire = list(enumerate(batches))
    chance = random.Random(7)
    kills: list[Batch] = []
    at = 0
    for _ in range(KILLS):
        at = killed(tmp_path, wire[at:], chance.randint(FEWEST, MOST)) + 1
        kills.append(batches[at - 1])
    assert at < len(wire)
    finish(*record(tmp_path, wire[at:], lambda _: None))

    folders = [path for path in (tmp_path / "handoff").iterdir() if not path.name.startswith(".")]
    calls = [Call.model_validate_json((folder / "call.json").read_bytes()) for folder in folders]
    known = {call.legs[0].call_id: call for call in calls if call.state is not CallState.MEDIA_ONLY}
    # Whose INVITE came in the very moment of a kill was met by nobody: of that call only the media is left.
    unmet = [truth for truth in truths.calls if any(_during(truth.start_ns, batch) for batch in kills)]
    assert len(calls) - len(known) <= len(unmet)
    for truth in truths.calls:
        if truth not in unmet:
            _check(
                known[truth.legs[0].call_id], truth, [int(batch.times[-1]) for batch in kills if len(batch)]
            )
    assert not any((tmp_path / "spool" / "legs").iterdir())


def _during(moment: int, batch: Batch) -> bool:
    return bool(len(batch)) and bool(int(batch.times[0]) - 1 <= moment <= int(batch.times[-1]) + 1)


def _check(call: Call, truth: CallTruth, kills: Sequence[int]) -> None:
    hits = sum(truth.start_ns - 500_000_000 <= kill <= truth.end_ns + 1_500_000_000 for kill in kills)
    for party in call.parties:
        (stream,) = (stream for stream in truth.streams if stream.party == party.side)
        assert party.packets.written >= stream.sent - hits * COST
