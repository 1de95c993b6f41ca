"""From composed audio to a file: one sink for each archive format."""

from pathlib import Path
from typing import Protocol

from recorder.finish.flac import FlacSink
from recorder.finish.opus import OpusSink
from recorder.finish.policy import ArchivePolicy
from recorder.finish.stretch import Stretch
from recorder.finish.wav import WavSink


class Sink(Protocol):
    """Takes audio from front to back and owns the file."""

    def write(self, stretches: list[Stretch], samples: int) -> None:
        """Append the first ``samples`` of one stretch for each channel.

        Stretches are whole quanta (see ``stretch.QUANTUM_SECONDS``); only the last call may use less.
        """

    def close(self) -> None:
        """Complete the file and close it."""

    def abort(self) -> None:
        """Close the file, complete or not."""


def open_sink(path: Path, rate: int, channels: int, serial: int, policy: ArchivePolicy) -> Sink:
    """A sink for the policy's format that creates ``path``. ``serial`` (32 bits) marks the Ogg stream."""
    if policy.format == "wav":
        return WavSink(path, rate, channels)
    if policy.format == "flac":
        return FlacSink(path, rate, channels)
    return OpusSink(path, rate, channels, serial, policy)
