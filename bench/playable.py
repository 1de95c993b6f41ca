"""How long after its hang-up a call can be played, for calls of very different length.

A call runs with its worker beside it, as in ``serve``; then comes its BYE. The seconds from the moment at
which the recorder takes the call for over to its row in the catalogue and its document in the index are
measured; what the parts wait meanwhile, by design, is added: the time for stragglers, the flush, one pause
of the finishing worker and one of the archive. Run: ``python -m bench.playable [--minutes 1 10 60]``.
"""

import argparse
import tempfile
import time
from pathlib import Path

from earwitness.archiving import Archiving
from earwitness.parts import archive, finish
from earwitness.settings import Settings
from recorder.assembly.book import Patience
from recorder.capture import FLUSH, Capture
from recorder.finish.policy import ArchivePolicy
from recorder.finish.worker import FinishWorker, WorkerOptions
from recorder.simulate.callcentre import CallCentre
from recorder.simulate.options import ALL_ANSWERED, SimulationOptions

NS = 1_000_000_000
WAITS = (Patience().linger + FLUSH) / NS + finish.PAUSE + archive.PAUSE
"""Seconds that pass however fast the machine is."""


def hang_up(minutes: float, folder: Path) -> float:
    """Wall seconds from the end of one call of that length to its being found and playable."""
    options = SimulationOptions(
        calls=1, concurrent=1, talk_seconds=60 * minutes, talk_spread=0, hold=0.0, outcomes=ALL_ANSWERED
    )
    centre, capture = CallCentre(options), Capture(folder / "spool")
    worker = FinishWorker(folder / "spool", folder / "handoff", WorkerOptions(ArchivePolicy()))
    with Archiving(Settings(data=folder)) as archiving:
        for batch in centre.steps(1.0):
            capture.feed(batch)
            worker.poll()
        begun = time.perf_counter()
        capture.finish()
        worker.poll()
        taken, trouble = archive.once(archiving)
        archiving.index()
        assert taken == 1, trouble
        return time.perf_counter() - begun


def main() -> None:
    """Print a line for each length."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, nargs="+", default=[1.0, 10.0, 60.0])
    parser.add_argument("--folder", type=Path, help="where to work")
    options = parser.parse_args()
    for minutes in options.minutes:
        with tempfile.TemporaryDirectory(dir=options.folder) as name:
            seconds = hang_up(minutes, Path(name))
        print(
            f"call of {minutes:g} min: {seconds:.2f} s of work after its end, "
            f"playable {seconds + WAITS:.2f} s after the hang-up at most (budget 2 s)"
        )


if __name__ == "__main__":
    main()
