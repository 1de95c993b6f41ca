"""Files that libsndfile writes: FLAC, and WAV with samples that are not plain ones."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import soundfile
from numpy.typing import NDArray

from recorder.finish.stretch import Stretch
from recorder.finish.wav import WholeFile, closed_on_error, interleaved

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class Encoding(NamedTuple):
    """A container and what stands in it, as libsndfile calls them; ``is_mixed`` where it has one channel.

    Silence makes the samples of a file a multiple of ``block``.
    """

    container: str
    samples: str
    is_mixed: bool = False
    block: int = 1


FLAC = Encoding("FLAC", "PCM_16")
A_LAW = Encoding("WAV", "ALAW")
MU_LAW = Encoding("WAV", "ULAW")
ADPCM = Encoding("WAV", "IMA_ADPCM")
GSM = Encoding("WAV", "GSM610", is_mixed=True, block=640)
"""GSM 06.10 full rate. In WAV it has one channel, so that both parties are mixed into it. Its blocks come in
pairs: one has 65 bytes, and libsndfile reads the byte behind an odd chunk as a block more, of noise."""


class LibsndfileSink:
    """Writes composed audio in some encoding. Raises ``OSError`` where the disk refuses."""

    def __init__(self, path: Path, rate: int, channels: int, encoding: Encoding) -> None:
        self._is_mixed = encoding.is_mixed
        self._block = encoding.block
        self._written = 0
        self._disk = _Disk(path, "w")
        written = 1 if encoding.is_mixed else channels
        with closed_on_error(self._disk), self._disk.watched():
            self._file = soundfile.SoundFile(
                self._disk, "w", rate, written, encoding.samples, format=encoding.container
            )

    def write(self, stretches: list[Stretch], samples: int) -> None:
        """Append the first ``samples`` of a stretch of every channel."""
        sound = interleaved(stretches, samples)
        with self._disk.watched():
            self._file.write(_mixed(sound) if self._is_mixed else sound)
        self._written += samples

    def close(self) -> None:
        """Write the rest and the header."""
        with self._disk.watched():
            if rest := -self._written % self._block:
                self._file.write(np.zeros((rest, self._file.channels), np.int16))
            self._file.close()
        self._disk.close()

    def abort(self) -> None:
        """Close the file as it is."""
        with suppress(OSError, soundfile.LibsndfileError), self._disk.watched():
            self._file.close()
        self._disk.close()


class _Disk(WholeFile):
    """A file that libsndfile writes to. Some of its encoders pass over what the disk refuses, others tell of
    an error without its reason: it is kept here."""

    _refused: OSError | None = None

    def write(self, data: "ReadableBuffer") -> int:
        """All of the data, or none of what comes behind a refusal: the file is of no use any more."""
        if self._refused is None:
            try:
                return super().write(data)
            except OSError as error:
                self._refused = error
        return 0

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Raise what the disk refused meanwhile, whatever libsndfile says of it."""
        try:
            yield
        except (soundfile.LibsndfileError, AssertionError):
            if self._refused is None:
                raise
        if self._refused is not None:
            raise self._refused


def _mixed(sound: NDArray[np.int16]) -> NDArray[np.int16]:
    """All channels added up, int16 of shape (samples,), cut where that is too loud."""
    limits = np.iinfo(np.int16)
    added: NDArray[np.int32] = sound.sum(axis=1, dtype=np.int32)
    return np.clip(added, limits.min, limits.max).astype(np.int16)
