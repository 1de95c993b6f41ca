"""Files that libsndfile writes: FLAC, and WAV with samples that are not plain ones."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile
from numpy.typing import NDArray

from recorder.finish.stretch import Stretch
from recorder.finish.wav import interleaved


class Encoding(NamedTuple):
    """A container and what stands in it, as libsndfile calls them; ``is_mixed`` where it has one channel."""

    container: str
    samples: str
    is_mixed: bool = False


FLAC = Encoding("FLAC", "PCM_16")
A_LAW = Encoding("WAV", "ALAW")
MU_LAW = Encoding("WAV", "ULAW")
ADPCM = Encoding("WAV", "IMA_ADPCM")
GSM = Encoding("WAV", "GSM610", is_mixed=True)
"""GSM 06.10 full rate. In WAV it has one channel, so that both parties are mixed into it."""


class LibsndfileSink:
    """Writes composed audio in some encoding."""

    def __init__(self, path: Path, rate: int, channels: int, encoding: Encoding) -> None:
        self._is_mixed = encoding.is_mixed
        written = 1 if encoding.is_mixed else channels
        self._file = soundfile.SoundFile(
            path, "w", rate, written, encoding.samples, format=encoding.container
        )

    def write(self, stretches: list[Stretch], samples: int) -> None:
        """Append the first ``samples`` of a stretch of every channel."""
        sound = interleaved(stretches, samples)
        self._file.write(_mixed(sound) if self._is_mixed else sound)

    def close(self) -> None:
        """Write the rest and the header."""
        self._file.close()

    def abort(self) -> None:
        """Close the file as it is."""
        self._file.close()


def _mixed(sound: NDArray[np.int16]) -> NDArray[np.int16]:
    """All channels added up, int16 of shape (samples,), cut where that is too loud."""
    limits = np.iinfo(np.int16)
    added: NDArray[np.int32] = sound.sum(axis=1, dtype=np.int32)
    return np.clip(added, limits.min, limits.max).astype(np.int16)
