"""FLAC files."""

from pathlib import Path

import soundfile

from recorder.finish.stretch import Stretch
from recorder.finish.wav import interleaved


class FlacSink:
    """Writes composed audio without loss."""

    def __init__(self, path: Path, rate: int, channels: int) -> None:
        self._file = soundfile.SoundFile(path, "w", rate, channels, "PCM_16", format="FLAC")

    def write(self, stretches: list[Stretch], samples: int) -> None:
        """Append the first ``samples`` of a stretch of every channel."""
        self._file.write(interleaved(stretches, samples))

    def close(self) -> None:
        """Write the rest and the header."""
        self._file.close()

    def abort(self) -> None:
        """Close the file as it is."""
        self._file.close()
