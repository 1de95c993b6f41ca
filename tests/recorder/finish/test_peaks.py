"""The waveform file."""

import struct

import numpy as np
import pytest

from recorder.errors import FinishError
from recorder.finish.peaks import PeakWriter, read_peaks
from recorder.finish.stretch import stretch


def test_the_extremes_of_every_pixel():
    sound = np.zeros(4800, np.int16)
    sound[10], sound[20], sound[399], sound[4799] = 32767, -32768, 512, -300
    writer = PeakWriter(8000, 2)
    writer.write([stretch(sound, 4800, 8000), stretch(None, 4800, 8000)], 4800)
    data = writer.data()
    assert struct.unpack_from("<iIiiIi", data) == (2, 1, 8000, 400, 12, 2)
    assert len(data) == 24 + 12 * 2 * 2
    peaks = read_peaks(data)
    assert (peaks.rate, peaks.samples_per_pixel) == (8000, 400)
    assert peaks.values[0].tolist() == [[-128, 127], [0, 0]]
    assert peaks.values[11].tolist() == [[-2, 0], [0, 0]]


def test_the_last_pixel_may_be_part_of_one():
    writer = PeakWriter(8000, 1)
    writer.write([stretch(np.full(4800, 2560, np.int16), 4800, 8000)], 401)
    assert read_peaks(writer.data()).values[:, 0, 1].tolist() == [10, 10]


def test_nothing_yet():
    assert read_peaks(PeakWriter(8000, 2).data()).values.shape == (0, 2, 2)


@pytest.mark.parametrize("data", [b"", b"\x02" * 10, bytes(24), PeakWriter(8000, 2).data() + b"x"])
def test_other_bytes_are_refused(data):
    with pytest.raises(FinishError, match="make it anew"):
        read_peaks(data)
