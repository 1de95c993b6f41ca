import numpy as np
import pytest

from recorder.simulate.voice import SPEAKERS, Speaker, phrases, room


def level(samples: np.ndarray, rate: int) -> np.ndarray:
    """Root mean square of each 20 ms, in dB of full scale."""
    length = rate // 50
    frames = samples[: len(samples) // length * length].reshape(-1, length).astype(float)
    return 20 * np.log10(np.sqrt((frames**2).mean(axis=1)) / 32768)


def share(samples: np.ndarray, rate: int, low: float, high: float) -> float:
    power = np.abs(np.fft.rfft(samples.astype(float))) ** 2
    at = np.fft.rfftfreq(len(samples), 1 / rate)
    return float(power[(at >= low) & (at < high)].sum() / power.sum())


def pitch(samples: np.ndarray, rate: int) -> float:
    """The most common distance of pulses in the loud frames, as a frequency."""
    length = rate // 20
    found = []
    for start in range(0, len(samples) - length, length):
        frame = samples[start : start + length].astype(float)
        if np.sqrt((frame**2).mean()) < 1500:
            continue
        same = np.correlate(frame, frame, "full")[length - 1 :]
        shortest, longest = rate // 330, rate // 65
        found.append(rate / (shortest + int(np.argmax(same[shortest:longest]))))
    return float(np.median(found))


@pytest.mark.parametrize("speaker", SPEAKERS, ids=lambda speaker: speaker.name)
@pytest.mark.parametrize("rate", [8000, 16000])
def test_speech_is_in_the_band_of_speech_and_has_pauses(speaker: Speaker, rate: int) -> None:
    spoken = phrases(speaker, rate, 4)
    everything = np.concatenate(spoken)
    assert share(everything, rate, 80, 4000) > 0.95
    assert share(everything, rate, 1000, 4000) > 0.01
    levels = level(everything, rate)
    assert np.mean(levels > -35) > 0.5
    assert np.mean(levels < -45) > 0.02
    assert -24 < 20 * np.log10(np.sqrt((everything.astype(float) ** 2).mean()) / 32768) < -20


def test_no_phrase_is_a_beep() -> None:
    for phrase in phrases(SPEAKERS[0], 8000, 4):
        power = np.abs(np.fft.rfft(phrase.astype(float))) ** 2
        assert power.max() / power.sum() < 0.1
        assert np.std(level(phrase, 8000)) > 4


def test_speakers_are_told_apart_by_their_pitch() -> None:
    for speaker in SPEAKERS:
        heard = pitch(np.concatenate(phrases(speaker, 8000, 3)), 8000)
        assert heard == pytest.approx(speaker.pitch, rel=0.2), speaker.name


def test_a_phrase_lasts_as_long_at_every_rate() -> None:
    narrow, wide = phrases(SPEAKERS[1], 8000, 5), phrases(SPEAKERS[1], 16000, 5)
    assert [2 * len(phrase) for phrase in narrow] == [len(phrase) for phrase in wide]
    assert all(0.7 < len(phrase) / 8000 < 8 for phrase in narrow)


def test_the_same_speaker_says_the_same_each_time() -> None:
    for once, again in zip(phrases(SPEAKERS[2], 8000, 2), phrases(SPEAKERS[2], 8000, 2), strict=True):
        np.testing.assert_array_equal(once, again)


def test_a_room_is_nearly_silent() -> None:
    noise = room(SPEAKERS[0], 8000, 8000)
    assert len(noise) == 8000
    assert np.all(np.abs(level(noise, 8000) + 63) < 3)
