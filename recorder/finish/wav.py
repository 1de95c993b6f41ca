"""WAV files of 16-bit PCM that may grow beyond 4 GiB (RF64, EBU Tech 3306)."""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from recorder.finish.stretch import Stretch

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_HEADER_BYTES = 80
_MAX_32_BITS = 0xFFFFFFFF


class WavSink:
    """Writes composed audio, channels interleaved. The header is set right when the file is closed."""

    def __init__(self, path: Path, rate: int, channels: int) -> None:
        self._rate = rate
        self._channels = channels
        self._bytes = 0
        self._file = WholeFile(path, "w")
        with closed_on_error(self._file):
            self._file.write(header(rate, channels, 0))

    def write(self, stretches: list[Stretch], samples: int) -> None:
        """Append the first ``samples`` of a stretch of every channel."""
        data = interleaved(stretches, samples)
        self._file.write(data.data)
        self._bytes += data.nbytes

    def close(self) -> None:
        """Write the header with the sizes that came about."""
        self._file.seek(0)
        self._file.write(header(self._rate, self._channels, self._bytes))
        self._file.close()

    def abort(self) -> None:
        """Close the file as it is."""
        self._file.close()


class WholeFile(FileIO):
    """A file that takes all of the data or raises ``OSError``: a disk that has room for a part of them takes
    that, and refuses nothing before it is asked again."""

    def write(self, data: "ReadableBuffer") -> int:
        """Write all of the data; answer how many bytes that were."""
        rest = memoryview(data).cast("B")
        size = len(rest)
        while rest:
            rest = rest[super().write(rest) :]
        return size


@contextmanager
def closed_on_error(file: FileIO) -> Iterator[None]:
    """Close the file where its beginning cannot be written."""
    try:
        yield
    except BaseException:
        file.close()
        raise


def interleaved(stretches: list[Stretch], samples: int) -> NDArray[np.int16]:
    """The first samples of all channels, little-endian int16 of shape (samples, channels)."""
    data = np.empty((samples, len(stretches)), "<i2")
    for channel, stretch in enumerate(stretches):
        data[:, channel] = 0 if stretch.pcm is None else stretch.pcm[:samples]
    return data


def header(rate: int, channels: int, size: int) -> bytes:
    """Everything before the samples, 80 bytes, for ``size`` bytes of them.

    The room that RF64 needs for its 64-bit sizes is kept free by a JUNK chunk, as EBU Tech 3306, 3 advises.
    """
    block = channels * 2
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, channels, rate, rate * block, block, 16)
    whole = size + _HEADER_BYTES - 8
    if whole <= _MAX_32_BITS:
        start = struct.pack("<4sI4s", b"RIFF", whole, b"WAVE") + struct.pack("<4sI28x", b"JUNK", 28)
        return start + form + struct.pack("<4sI", b"data", size)
    sizes = struct.pack("<4sIQQQI", b"ds64", 28, whole, size, size // block, 0)
    start = struct.pack("<4sI4s", b"RF64", _MAX_32_BITS, b"WAVE") + sizes
    return start + form + struct.pack("<4sI", b"data", _MAX_32_BITS)
