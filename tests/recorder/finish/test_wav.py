"""WAV headers, small and beyond 4 GiB."""

import struct

import numpy as np
import soundfile

from recorder.finish.stretch import stretch
from recorder.finish.wav import WavSink, header


def test_the_samples_are_interleaved(tmp_path):
    sink = WavSink(tmp_path / "a.wav", 8000, 2)
    left = np.arange(4800, dtype=np.int16)
    sink.write([stretch(left, 4800, 8000), stretch(None, 4800, 8000)], 4800)
    sink.write([stretch(None, 4800, 8000), stretch(left, 4800, 8000)], 100)
    sink.close()
    got, rate = soundfile.read(tmp_path / "a.wav", dtype="int16")
    assert (rate, got.shape) == (8000, (4900, 2))
    assert got[:4800, 0].tolist() == left.tolist()
    assert got[4800:, 1].tolist() == left[:100].tolist()


def test_a_file_that_was_never_closed_can_be_read(tmp_path):
    """Its header says nothing of the length, the samples are there."""
    sink = WavSink(tmp_path / "a.wav", 8000, 1)
    sink.write([stretch(np.ones(4800, np.int16), 4800, 8000)], 4800)
    sink.abort()
    assert (tmp_path / "a.wav").stat().st_size == 80 + 9600


def test_beyond_4_gib_the_header_is_rf64(tmp_path):
    size = 5 << 30
    start = header(8000, 2, size)
    assert len(start) == 80 == len(header(8000, 2, 4))
    assert start[:4] == b"RF64"
    assert struct.unpack_from("<IQQQ", start, 16) == (28, size + 72, size, size // 4)
    path = tmp_path / "a.wav"
    with path.open("wb") as file:
        file.write(start)
        file.truncate(80 + size)
    assert soundfile.info(path).frames == size // 4
