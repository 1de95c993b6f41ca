"""Names and rates of the codecs."""

import pytest

from recorder.codecs import archive_rate, sample_rate
from recorder.media import Format


@pytest.mark.parametrize(
    ("format_", "heard", "archived"),
    [
        (Format("PCMA"), 8000, 8000),
        (Format("G722", 8000), 16000, 16000),
        (Format("G729A"), 8000, 8000),
        (Format("AMR-WB", 16000), 16000, 16000),
        (Format("OPUS", 48000, 2), 48000, 16000),
        (Format("SPEEX", 32000), 32000, 16000),
        (Format("SPEEX", 8000), 8000, 8000),
        (Format("L16", 44100, 2), 44100, 16000),
        (Format("L16", 8000), 8000, 8000),
        (Format("PCMU", 8000, 2), None, 8000),
        (Format("SPEEX", 7), None, 8000),
        (Format("L16", 0), None, 8000),
        (Format("TELEPHONE-EVENT", 48000), None, 8000),
        (Format("SRTP/PCMU"), None, 8000),
        (Format("SRTP/G722"), None, 16000),
    ],
)
def test_rates(format_, heard, archived):
    assert sample_rate(format_) == heard
    assert archive_rate(format_) == archived
