import av
import numpy as np
import pytest

from recorder.simulate.codec import CODECS, Codec, codec, encode
from recorder.simulate.errors import BadOptions
from recorder.simulate.music import hold_music
from recorder.simulate.voice import SPEAKERS, phrases

DECODERS = {"PCMU": "pcm_mulaw", "PCMA": "pcm_alaw", "G722": "g722"}


def decode(codec: Codec, payload: np.ndarray) -> np.ndarray:
    context = av.CodecContext.create(DECODERS[codec.name], "r")
    context.sample_rate = codec.rate
    context.layout = "mono"
    frames = [*context.decode(av.Packet(payload.tobytes())), *context.decode(None)]
    return np.concatenate([frame.to_ndarray().ravel() for frame in frames]).astype(np.int64)


@pytest.mark.parametrize("name", ["PCMU", "PCMA"])
def test_g711_of_every_sample_is_within_half_a_step(name: str) -> None:
    samples = np.arange(-32768, 32768).astype(np.int16)
    heard = decode(codec(name), encode(codec(name), samples))
    error = np.abs(heard - samples)
    magnitude = np.abs(samples.astype(np.int64))
    inside = magnitude <= 32000
    assert np.all(error[inside] <= 9 + magnitude[inside] / 30)
    assert np.all(np.diff(heard) >= 0)


@pytest.mark.parametrize("name", CODECS)
def test_speech_survives_its_codec(name: str) -> None:
    chosen = codec(name)
    samples = phrases(SPEAKERS[3], chosen.rate, 1)[0]
    samples = samples[: len(samples) // 320 * 320]
    payload = encode(chosen, samples)
    assert len(payload) == len(samples) * 8000 // chosen.rate
    heard = decode(chosen, payload)
    delay = 22 if name == "G722" else 0  # of the two filter banks
    signal, echo = samples[: len(samples) - delay].astype(float), heard[delay : len(samples)]
    noise = ((signal - echo) ** 2).mean()
    assert 10 * np.log10((signal**2).mean() / noise) > (10 if name == "G722" else 30)


def test_a_codec_is_found_by_the_names_people_write() -> None:
    assert codec("g.722").payload_type == 9
    assert codec("pcma").payload_type == 8
    with pytest.raises(BadOptions, match="does not speak 'OPUS'; choose from PCMU, PCMA, G722"):
        codec("OPUS")


def test_hold_music_ends_where_it_starts() -> None:
    music = hold_music(8000).astype(int)
    assert abs(music[0] - music[-1]) < 200
    assert np.abs(music).max() < 20000
