"""Running a simulation into a sink: a file, an interface, or anything that takes batches."""

from pathlib import Path
from typing import Protocol

from recorder.batch import Batch
from recorder.simulate.callcentre import STEP_SECONDS, CallCentre
from recorder.simulate.options import SimulationOptions
from recorder.simulate.truth import Truths
from recorder.taps.pcap_writer import PcapWriter


class Sink(Protocol):
    """What takes batches; it must not keep a reference to a batch's arrays if it changes them."""

    def write(self, batch: Batch) -> None:
        """Take the frames of one batch."""


def simulate(options: SimulationOptions, sink: Sink) -> Truths:
    """Send all that the call centre of ``options`` makes, as fast as the sink takes it; the truth of it.

    For real time, give batches from ``recorder.taps.simulator.SimulatorTap`` to the sink instead.
    Never returns where the options set no end.
    """
    centre = CallCentre(options)
    for batch in centre.steps(STEP_SECONDS):
        sink.write(batch)
    return centre.truths()


def to_pcap(options: SimulationOptions, path: Path) -> Truths:
    """The same into a pcap file, over any that was there."""
    with PcapWriter(path) as writer:
        return simulate(options, writer)
