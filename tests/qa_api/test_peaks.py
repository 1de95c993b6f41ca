import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_api.peaks import PeaksDamaged, Waveform, read, rows, thin
from tests.qa_api.recordings import peaks, tones

WHOLE = peaks(tones(5.0))


def test_a_file_is_read_as_it_was_written() -> None:
    waveform = read(peaks(tones(3.0)))
    assert (waveform.length, waveform.channels, waveform.pixels_per_second) == (60, 2, 20.0)
    left, right = (np.array(row).reshape(-1, 2) for row in rows(waveform))
    assert left[:30, 1].min() > 30
    assert not left[30:].any()
    assert right[31:, 0].max() < -30


@given(st.binary(max_size=200))
def test_any_bytes_are_peaks_or_damaged(data: bytes) -> None:
    with pytest.raises(PeaksDamaged):
        read(data)


@given(st.integers(0, 400))
def test_a_cut_file_is_damaged(length: int) -> None:
    with pytest.raises(PeaksDamaged):
        read(WHOLE[: min(length, len(WHOLE) - 1)])


@given(st.integers(0, 300), st.integers(1, 400))
def test_thinning_keeps_extremes_and_duration(length: int, points: int) -> None:
    pixels = np.random.default_rng(length).integers(-128, 128, (length, 2, 2)).astype(np.int8)
    waveform = Waveform(20.0, pixels)
    thinned = thin(waveform, points)
    assert thinned.length <= max(points, 0)
    if length:
        assert (thinned.pixels[:, :, 0].min(0) == pixels[:, :, 0].min(0)).all()
        assert (thinned.pixels[:, :, 1].max(0) == pixels[:, :, 1].max(0)).all()
        group = 20.0 / thinned.pixels_per_second
        assert thinned.length == -(-length // round(group))
