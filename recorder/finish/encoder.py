"""From composed audio to a file: one sink for each archive format."""

from pathlib import Path
from typing import Protocol

from recorder.finish import libsndfile
from recorder.finish.decrypt import PREFIX
from recorder.finish.libsndfile import Encoding, LibsndfileSink
from recorder.finish.opus import OpusSink
from recorder.finish.policy import ArchivePolicy
from recorder.finish.stretch import Stretch
from recorder.finish.wav import WavSink
from recorder.media import RecordingPlan


class Sink(Protocol):
    """Takes audio from front to back and owns the file."""

    def write(self, stretches: list[Stretch], samples: int) -> None:
        """Append the first ``samples`` of one stretch for each channel.

        Stretches are whole quanta (see ``stretch.QUANTUM_SECONDS``); only the last call may use less.
        """

    def close(self) -> None:
        """Complete the file and close it."""

    def abort(self) -> None:
        """Close the file, complete or not. Never raises."""


def open_sink(path: Path, plan: RecordingPlan, serial: int, policy: ArchivePolicy) -> Sink:
    """A sink for the policy's format that creates ``path``. ``serial`` (32 bits) marks the Ogg stream."""
    rate, channels = plan.rate, len(plan.channels)
    match policy.format:
        case "opus":
            return OpusSink(path, rate, channels, serial, policy)
        case "wav":
            return WavSink(path, rate, channels)
        case "flac":
            return LibsndfileSink(path, rate, channels, libsndfile.FLAC)
        case "g711":
            return LibsndfileSink(path, rate, channels, _law(plan))
        case "adpcm":
            return LibsndfileSink(path, rate, channels, libsndfile.ADPCM)
        case "gsm":
            return LibsndfileSink(path, rate, channels, libsndfile.GSM)


def _law(plan: RecordingPlan) -> Encoding:
    """The law that was spoken in, so that the samples stay what they were; A-law where both were.

    What no key opens is not heard. Keys of SDES are not kept with packets that they have opened.
    """
    spoken = {
        one.encoding.removeprefix(PREFIX)
        for channel in plan.channels
        for source in channel.sources
        for one in source.all_formats
        if source.keys or source.exchange == "sdes" or not one.encoding.startswith(PREFIX)
    }
    return libsndfile.MU_LAW if "PCMU" in spoken and "PCMA" not in spoken else libsndfile.A_LAW
