"""The archive policy refuses what the encoder would."""

import pytest

from recorder.errors import FinishError
from recorder.finish.policy import ArchivePolicy


@pytest.mark.parametrize(
    "wrong", [{"bitrate": 900_000}, {"wideband_bitrate": 100}, {"complexity": 11}, {"frame_duration": 10}]
)
def test_out_of_range(wrong):
    with pytest.raises(FinishError, match="choose"):
        ArchivePolicy(**wrong)


def test_wideband_gets_more():
    assert ArchivePolicy().total_bitrate(8000) < ArchivePolicy().total_bitrate(16000)
