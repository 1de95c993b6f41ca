"""Names and rates of the codecs."""

import pytest

from recorder.codecs import archive_rate, plausible, sample_rate
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


@pytest.mark.parametrize("said", [0, 1, 80, 999, 7_999, 192_001, 4_294_967_295])
@pytest.mark.parametrize(
    ("encoding", "clock"),
    [("PCMU", 8000), ("G722", 8000), ("OPUS", 48_000), ("AMR-WB", 16_000), ("SIREN7", 16_000), ("EVS", 8000)],
)
def test_a_clock_that_cannot_be_one_of_audio_is_that_of_the_codec(encoding, clock, said):
    assert plausible(Format(encoding, said, 2, "a=1")) == Format(encoding, clock, 2, "a=1")


@pytest.mark.parametrize("said", [8000, 16_000, 48_000, 90_000, 192_000])
def test_a_clock_that_can_be_is_what_is_said(said):
    assert plausible(Format("PCMU", said)) == Format("PCMU", said)
