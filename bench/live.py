"""The whole recorder on a live interface: every packet accounted for, Opus made while the calls run.

A generator sends calls of two parties (PCMU, 20 ms: 100 packets a second each) over a cable between two
interfaces in a network namespace of its own; a capture process takes them from its ring into the spool, and
a finishing worker encodes them. Needs root. The generator takes its share of the same processor.
Run: ``python -m bench.live [--calls 600] [--seconds 60] [--urgent] [--folder DIR]``.
A machine that does other work at the same time drops packets for want of processor time; ``--urgent`` shows
what it would do alone.
"""

import argparse
import json
import multiprocessing
import os
import tempfile
import time
from dataclasses import dataclass
from multiprocessing.synchronize import Event
from pathlib import Path

from bench.batch_sink import BatchSink
from bench.process_load import Load
from recorder.capture import Capture
from recorder.finish.worker import FinishWorker
from recorder.simulate.options import ALL_ANSWERED, SimulationOptions
from recorder.spool.callfile import Journal
from recorder.taps.af_packet import AfPacketTap
from recorder.taps.simulator import SimulatorTap
from storage.model import Call, Side
from tests.recorder.taps.network_namespace import Namespace, connected_pair

STEP = 0.02
RAMP = 5.0
SAMPLE = 2.0
WORKER_NICE = 10
"""Finishing may fall behind for a while; capture may not."""


@dataclass(frozen=True)
class Stage:
    """Where the parts meet: each writes its figures to ``folder`` when it is done."""

    folder: Path
    namespace: Namespace
    is_urgent: bool
    ready: Event
    sent: Event
    captured: Event

    def hurry(self) -> None:
        """Go before everything else on the machine, where that was asked for."""
        if self.is_urgent:
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))

    def report(self, part: str, figures: object) -> None:
        """Keep what a part has to say."""
        (self.folder / f"{part}.json").write_text(json.dumps(figures))

    def figures(self, part: str) -> dict:
        """What a part had to say."""
        return json.loads((self.folder / f"{part}.json").read_text())


def generate(stage: Stage, options: SimulationOptions) -> None:
    """Send the calls in real time; then say how many packets each party sent."""
    stage.hurry()
    sink = stage.namespace.inside(lambda: BatchSink("sender"))
    stage.ready.wait()
    calls, late = SimulatorTap(options, 1.0, step_seconds=STEP), 0.0
    for batch in calls:
        sink.write(batch)
        if len(batch):
            late = max(late, time.time() - int(batch.times[-1]) / 1e9)
    truths = calls.truths()
    streams = {
        f"{truth.legs[0].call_id} {side.value}": sum(one.sent for one in truth.streams if one.party == side)
        for truth in truths.calls
        for side in Side
    }
    stage.report("generator", {"sent": sink.sent, "late": late, "waits": sink.waits, "streams": streams})
    stage.sent.set()


def capture(stage: Stage, ring: int) -> None:
    """Take packets from the ring until all were sent and the ring is empty."""
    stage.hurry()
    tap = stage.namespace.inside(lambda: AfPacketTap("receiver", ring << 20))
    engine = Capture(stage.folder / "spool")
    stage.ready.set()
    fullest = quiet = 0
    for batch in tap:
        engine.feed(batch, time.time_ns())
        fullest = max(fullest, len(batch.data))
        quiet = 0 if len(batch) or not stage.sent.is_set() else quiet + 1
        if quiet > 3:
            break
    tap.close()
    engine.finish()
    counters = engine.counters
    stage.report(
        "capture",
        {
            "frames": counters.frames,
            "dropped": counters.dropped,
            "rtp": counters.rtp,
            "sip": counters.sip,
            "written": counters.written,
            "unwritten": counters.unwritten,
            "fullest": fullest,
        },
    )
    stage.captured.set()


def finish(stage: Stage) -> None:
    """Encode calls as they run, until all have been handed off; then say what their ledgers hold."""
    os.nice(WORKER_NICE)
    ledgers: dict[str, tuple[int, int, int]] = {}
    heard = []

    def note(call: Call) -> None:
        for party in call.parties:
            counts = party.packets
            ledgers[f"{call.legs[0].call_id} {party.side.value}"] = (
                counts.received,
                counts.written,
                counts.lost,
            )
        heard.append(call.recording.seconds if call.recording else 0.0)

    worker = FinishWorker(stage.folder / "spool", stage.folder / "handoff", done=note)
    journal = Journal(stage.folder / "spool")
    early = 0
    while not stage.captured.is_set() or journal.stamps():
        worker.poll()
        early = early if stage.sent.is_set() else _encoded(stage.folder / "spool")
        time.sleep(0.2)
    stage.report("worker", {"ledgers": ledgers, "seconds": sum(heard), "early": early})


def _encoded(spool: Path) -> int:
    return sum(path.stat().st_size for path in spool.glob("finishing-0/*") if path.exists())


def watch(parts: dict[str, multiprocessing.Process]) -> dict[str, Load]:
    """Sample the processes until all have ended."""
    loads = {name: Load(part.pid or 0) for name, part in parts.items()}
    begun = time.monotonic()
    while any(part.is_alive() for part in parts.values()):
        for name, part in parts.items():
            if part.is_alive():
                loads[name].sample(time.monotonic() - begun)
            elif part.exitcode:
                for other in parts.values():
                    other.terminate()
                raise SystemExit(f"the {name} failed with {part.exitcode}")
        time.sleep(SAMPLE)
    return loads


def tell(stage: Stage, loads: dict[str, Load], seconds: float) -> bool:
    """Print the figures; whether every packet is accounted for."""
    sent, taken, made = (stage.figures(part) for part in ("generator", "capture", "worker"))
    wrong = {
        name: (count, made["ledgers"].get(name))
        for name, count in sent["streams"].items()
        if made["ledgers"].get(name) != [count, count, 0]
    }
    rate = sum(sent["streams"].values()) / (seconds + RAMP)
    lines = {
        "sent": f"{sent['sent']:12,} frames, {rate:,.0f} RTP/s, at most {sent['late'] * 1e3:.0f} ms late",
        "taken": f"{taken['frames']:12,} from the ring, {taken['dropped']:,} dropped by the kernel",
        "unaccounted": f"{sent['sent'] - taken['frames'] - taken['dropped']:12,}",
        "RTP": f"{taken['rtp']:12,}, written {taken['written']:,}, unwritten {taken['unwritten']:,}",
        "ledgers": f"{len(sent['streams']) - len(wrong):12,} of {len(sent['streams']):,} parties as sent",
        "audio": f"{made['seconds']:12,.0f} s, {made['early']:,} bytes of Opus before the last packet",
        "ring": f"{taken['fullest'] / (1 << 20):12.2f} MiB at most taken in one go",
    }
    for what, text in lines.items():
        print(f"{what:12s} {text}")
    for name, load in loads.items():
        share = load.share(RAMP + SAMPLE, RAMP + seconds - SAMPLE)
        memory = " ".join(f"{load.memory[len(load.memory) * part // 4]:.0f}" for part in (1, 2, 3))
        print(f"{name:12s} {share:12.2f} cores while all talk; RSS {memory} MiB at 1/4, 1/2, 3/4 of the time")
    for name, (count, ledger) in list(wrong.items())[:5]:
        print(f"wrong: {name}: sent {count}, ledger (received, written, lost) {ledger}")
    return not wrong and sent["sent"] == taken["frames"] and not taken["unwritten"]


def main() -> int:
    """Run it; the status is 1 if a packet is missing anywhere."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=600)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--ring", type=int, default=64, help="MiB")
    parser.add_argument(
        "--urgent", action="store_true", help="let capture and generator go before what else runs here"
    )
    parser.add_argument("--folder", type=Path, help="where to work; a RAM disk keeps the disk out of it")
    chosen = parser.parse_args()
    options = SimulationOptions(
        concurrent=chosen.calls,
        calls=chosen.calls,
        ramp_seconds=RAMP,
        talk_seconds=chosen.seconds,
        talk_spread=0,
        ring_seconds=0.5,
        legs=1,
        hold=0.0,
        outcomes=ALL_ANSWERED,
    )
    context = multiprocessing.get_context("fork")
    with tempfile.TemporaryDirectory(dir=chosen.folder) as name, connected_pair() as namespace:
        stage = Stage(Path(name), namespace, chosen.urgent, *(context.Event() for _ in range(3)))
        parts = {
            "generator": context.Process(target=generate, args=(stage, options)),
            "capture": context.Process(target=capture, args=(stage, chosen.ring)),
            "worker": context.Process(target=finish, args=(stage,)),
        }
        for part in parts.values():
            part.start()
        loads = watch(parts)
        return 0 if tell(stage, loads, chosen.seconds) else 1


if __name__ == "__main__":
    raise SystemExit(main())
