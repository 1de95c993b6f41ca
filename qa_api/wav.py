"""Archived audio as 16-bit WAV, decoded while it is sent: memory does not grow with the length."""

import struct
from collections.abc import Iterator
from typing import Any, BinaryIO

import av
import numpy as np
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

from qa_api.errors import ArchiveUnavailable
from storage.model import Recording

HEADER_BYTES = 44
_SAMPLE_BYTES = 2
_CHUNK = 1 << 17
_LONGEST = 0xFFFF_FFFF - HEADER_BYTES


def size(recording: Recording) -> int:
    """Bytes of the WAV file, header included."""
    return HEADER_BYTES + _samples(recording) * recording.channels * _SAMPLE_BYTES


def stream(source: BinaryIO, recording: Recording) -> Iterator[bytes]:
    """The file in chunks, exactly ``size(recording)`` bytes; closes the source.

    The header comes first and says the length that the catalogue knows, so what the decoder gives beyond it
    is cut and what is missing is silence. Raises ``ArchiveUnavailable`` before the first chunk where the
    source is no audio.
    """
    try:
        container = av.open(source, "r")
        if not container.streams.audio:
            raise ArchiveUnavailable("The file in the archive is no audio.")
    except av.FFmpegError as error:
        source.close()
        raise ArchiveUnavailable("The file in the archive is no audio that can be read.") from error
    return _chunks(container, source, recording)


def _chunks(
    container: "av.container.InputContainer", source: BinaryIO, recording: Recording
) -> Iterator[bytes]:
    width = recording.channels * _SAMPLE_BYTES
    left = _samples(recording) * width
    with source, container:
        yield _header(recording, left)
        for data in _gathered(_decoded(container, recording)):
            piece = data[:left]
            left -= len(piece)
            if piece:
                yield piece
    silence = bytes(_CHUNK)
    while left:
        piece = silence[:left]
        left -= len(piece)
        yield piece


def _gathered(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes in chunks worth sending: a decoded frame has a kilobyte, a chunk costs a thread."""
    gathered = bytearray()
    for piece in pieces:
        gathered += piece
        if len(gathered) >= _CHUNK:
            yield bytes(gathered)
            gathered.clear()
    yield bytes(gathered)


def _decoded(container: "av.container.InputContainer", recording: Recording) -> Iterator[bytes]:
    resampler = AudioResampler(format="s16p", rate=recording.rate)
    for frame in container.decode(audio=0):
        for ready in resampler.resample(frame):
            yield _interleaved(ready.to_ndarray(), recording.channels)
    for ready in resampler.resample(None):
        yield _interleaved(ready.to_ndarray(), recording.channels)


def _interleaved(planes: NDArray[Any], channels: int) -> bytes:
    """Planes of int16 of shape (channels, samples) as interleaved bytes; missing channels are silent."""
    if planes.shape[0] < channels:
        planes = np.pad(planes, ((0, channels - planes.shape[0]), (0, 0)))
    return np.ascontiguousarray(planes[:channels].T).astype("<i2", copy=False).tobytes()


def _samples(recording: Recording) -> int:
    width = recording.channels * _SAMPLE_BYTES
    return min(round(recording.seconds * recording.rate), _LONGEST // width)


def _header(recording: Recording, data_bytes: int) -> bytes:
    width = recording.channels * _SAMPLE_BYTES
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        *(b"RIFF", HEADER_BYTES - 8 + data_bytes, b"WAVE", b"fmt ", 16),
        *(1, recording.channels, recording.rate, recording.rate * width, width, 8 * _SAMPLE_BYTES),
        *(b"data", data_bytes),
    )
