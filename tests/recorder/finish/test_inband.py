"""Keys as tones: found within the limits of Q.24, and never in speech or music."""

import numpy as np
import pytest

from recorder.finish.finisher import Finisher
from recorder.finish.inband import InbandReader
from recorder.finish.policy import ArchivePolicy
from recorder.finish.stretch import stretch
from recorder.simulate.music import hold_music
from recorder.simulate.voice import SPEAKERS, phrases
from tests.recorder.finish.packets import START, packets, pick, plan, voice

LOW, HIGH, KEYS = (697, 770, 852, 941), (1209, 1336, 1477, 1633), "123A456B789C*0#D"


def tone(key, seconds=0.1, rate=8000, level=4000.0, twist=0.0, off=0.0):
    row, column = divmod(KEYS.index(key), 4)
    time = np.arange(round(seconds * rate)) / rate
    low = np.sin(2 * np.pi * LOW[row] * (1 + off) * time)
    high = np.sin(2 * np.pi * HIGH[column] * (1 - off) * time + 1.0) * 10 ** (twist / 20)
    return level * (low + high)


def dialled(keys, rate=8000, seconds=0.1, pause=0.08, lead=0.0, **how):
    """The tones with pauses, in noise 25 dB below them, padded to whole stretches."""
    gap = np.zeros(round(pause * rate))
    parts = [np.zeros(round(lead * rate))]
    for key in keys:
        parts += [gap, tone(key, seconds, rate, **how)]
    sound = np.concatenate([*parts, np.zeros(rate)])
    sound = np.concatenate([sound, np.zeros(-len(sound) % round(rate * 0.6))])
    noise = np.random.default_rng(1).normal(0, how.get("level", 4000.0) / 18, len(sound))
    return (sound + noise).astype(np.int16)


def read(sound, rate=8000, step=0.6):
    reader = InbandReader(rate)
    size = round(rate * step)
    found = []
    for start in range(0, len(sound) - size + 1, size):
        found += reader.read(stretch(sound[start : start + size], size, rate), start)
    return found


def keys(sound, rate=8000, step=0.6):
    return "".join(key for _, key in read(sound, rate, step))


@pytest.mark.parametrize("rate", [8000, 16000])
@pytest.mark.parametrize("step", [0.6, 1.2])
def test_all_keys_and_where_they_begin(rate, step):
    sound = dialled(KEYS, rate)
    assert keys(sound, rate, step) == KEYS
    begin = np.array([start for start, _ in read(sound, rate, step)]) / rate
    assert np.abs(begin - (0.08 + 0.18 * np.arange(16))).max() < 0.011


@pytest.mark.parametrize("lead", [0.0, 0.003, 0.011, 0.017])
def test_the_shortest_tones_and_pauses(lead):
    assert keys(dialled("159D#0", seconds=0.045, pause=0.045, lead=lead)) == "159D#0"


@pytest.mark.parametrize(
    "how", [{"twist": 3.5}, {"twist": -7.5}, {"off": 0.014}, {"off": -0.014}, {"level": 900.0}]
)
def test_within_the_limits(how):
    assert keys(dialled("1470*", **how)) == "1470*"


@pytest.mark.parametrize(
    "how",
    [{"twist": 8.0}, {"twist": -12.0}, {"off": 0.04}, {"off": -0.04}, {"level": 60.0}, {"seconds": 0.023}],
)
def test_beyond_the_limits(how):
    assert keys(dialled("1470*", **how)) == ""


def test_a_key_held_long_or_broken_for_a_moment_is_one_key():
    assert keys(dialled("5", seconds=3.0)) == "5"
    broken = np.concatenate([tone("5"), np.zeros(120), tone("5"), np.zeros(9600)])[:9600].astype(np.int16)
    assert keys(broken) == "5"


def test_the_same_key_twice_is_two():
    assert keys(dialled("55")) == "55"


def test_tones_through_mu_law_in_steps_of_any_size():
    assert keys(dialled("8021"), step=0.6) == keys(dialled("8021"), step=1.8) == "8021"


@pytest.mark.parametrize("speaker", SPEAKERS, ids=lambda speaker: getattr(speaker, "name", None))
def test_no_keys_in_speech(speaker):
    sound = np.concatenate(phrases(speaker, 8000, 10))
    assert read(sound[: len(sound) // 4800 * 4800]) == []


def test_no_keys_in_music_and_noise():
    assert read(np.resize(hold_music(8000), 8000 * 60)) == []
    assert read(voice(60, level=8000.0)) == []


def test_silence_forgets_what_was_before():
    reader = InbandReader(8000)
    assert reader.read(stretch(None, 4800, 8000), 0) == []
    sound = dialled("7")[:4800]
    assert [key for _, key in reader.read(stretch(sound, 4800, 8000), 4800)] == ["7"]
    assert reader.read(stretch(None, 4800, 8000), 9600) == []


def test_a_finished_call_knows_the_keys_that_were_heard(tmp_path):
    sound = dialled("42#", lead=1.0)
    finisher = Finisher(plan(("a",), ("b",)), tmp_path / "call.wav", ArchivePolicy(format="wav"))
    finisher.feed(packets(sound, stream="b"))
    done = finisher.close(START + len(sound) * 125_000)
    assert [(digit.side, digit.digit) for digit in done.dtmf] == [(1, "4"), (1, "2"), (1, "#")]
    assert abs(done.dtmf[0].time - START - 1_080_000_000) < 11_000_000


def test_tones_of_a_phone_that_sends_events_are_no_second_keys(tmp_path):
    sound = dialled("4", lead=1.0)
    block = packets(sound)
    event = pick(block, np.array([50]))
    event.payload_types[:] = 101
    event.lengths[:] = 4
    event.payload = np.array([4, 0x8A, 3, 32], np.uint8)
    finisher = Finisher(plan(("a",), ("b",)), tmp_path / "call.wav", ArchivePolicy(format="wav"))
    finisher.feed(pick(block, np.arange(len(block)) != 50))
    finisher.feed(event)
    assert [digit.digit for digit in finisher.close(START + 3_000_000_000).dtmf] == ["4"]
