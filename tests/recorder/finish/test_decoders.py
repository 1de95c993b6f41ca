"""Payload to samples, against the numbers of ITU-T G.711 and FFmpeg's own encoders."""

import numpy as np
import pytest

from recorder.finish.decoders import open_decoder, sample_rate
from recorder.media import Format
from tests.recorder.finish.packets import payload, voice


@pytest.mark.parametrize(
    ("encoding", "codes", "samples"),
    [
        ("PCMU", [0xFF, 0x7F, 0x80, 0x00, 0xFE], [0, 0, 32124, -32124, 8]),
        ("PCMA", [0xD5, 0x55, 0xAA, 0x2A], [8, -8, 32256, -32256]),
    ],
)
def test_known_codes(encoding, codes, samples):
    decoder = open_decoder(Format(encoding))
    assert decoder.decode(np.array(codes, np.uint8)).tolist() == samples
    assert decoder.samples(160) == 160


def test_g722_in_pieces_is_the_same_as_in_one():
    data = np.frombuffer(payload(voice(1, rate=16000), 9), np.uint8)
    whole, pieces = open_decoder(Format("G722")), open_decoder(Format("G722"))
    joined = np.concatenate([pieces.decode(data[i : i + 160]) for i in range(0, len(data), 160)])
    assert np.array_equal(whole.decode(data), joined)
    assert len(joined) == 16000 == whole.samples(len(data))


def test_empty_payload():
    for encoding in ("PCMU", "G722"):
        assert open_decoder(Format(encoding)).decode(np.zeros(0, np.uint8)).tolist() == []


def test_rates():
    assert sample_rate(Format("PCMA")) == 8000
    assert sample_rate(Format("G722", 8000)) == 16000
    assert sample_rate(Format("G729")) is None
    assert sample_rate(Format("PCMU", 8000, 2)) is None
    assert open_decoder(Format("H261", 90000)) is None
