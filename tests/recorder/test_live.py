"""The whole recorder on a real interface: two hundred calls at once, every packet accounted for."""

import threading
from pathlib import Path

import pytest

from recorder.capture import Capture
from recorder.finish.worker import FinishWorker
from recorder.simulate.interface import InterfaceSink
from recorder.simulate.options import ALL_ANSWERED, SimulationOptions
from recorder.taps.af_packet import AfPacketTap
from recorder.taps.simulator import SimulatorTap
from storage.model import Call
from tests.recorder.recording import matched
from tests.recorder.taps.drained import drained
from tests.recorder.taps.network_namespace import connected_pair

pytestmark = pytest.mark.root

CALLS = SimulationOptions(
    concurrent=200,
    calls=200,
    ramp_seconds=0.5,
    talk_seconds=3,
    talk_spread=0,
    ring_seconds=0.1,
    hold=0.0,
    legs=1,
    outcomes=ALL_ANSWERED,
)


def test_two_hundred_calls_on_an_interface_are_recorded_to_the_last_packet(tmp_path: Path) -> None:
    done: list[Call] = []
    not_made: list[tuple[str, str]] = []
    capture = Capture(tmp_path / "spool")
    worker = FinishWorker(
        tmp_path / "spool",
        tmp_path / "handoff",
        done=done.append,
        failed=lambda call, why: not_made.append((call, why)),
        troubled=lambda call, why: not_made.append((call, why)),
    )
    calls = SimulatorTap(CALLS, 1.0, step_seconds=0.02)
    with connected_pair() as cable:
        sink = cable.inside(lambda: InterfaceSink("sender"))
        tap = cable.inside(lambda: AfPacketTap("receiver"))
        sending = threading.Thread(target=lambda: [sink.write(batch) for batch in calls])
        sending.start()
        with tap, sink:
            for batch in drained(tap, done=lambda: not sending.is_alive()):
                capture.feed(batch)
        sending.join()
    capture.finish()
    worker.poll()
    assert not_made == []

    truths = calls.truths()
    assert (capture.counters.dropped, capture.counters.unwritten) == (0, 0)
    assert capture.counters.frames == truths.frames
    for call, truth in matched(done, truths):
        for party in call.parties:
            (stream,) = (stream for stream in truth.streams if stream.party == party.side)
            ledger = party.packets
            assert (ledger.received, ledger.written, ledger.lost) == (stream.sent, stream.sent, 0)
        assert call.recording is not None
