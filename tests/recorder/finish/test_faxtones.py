"""Tones of fax machines and modems, and sounds that are none."""

import numpy as np
import pytest
import soundfile

from recorder.finish.decoders import open_decoder
from recorder.finish.faxtones import FaxListener, Tone, event_of
from recorder.finish.stretch import stretch
from recorder.media import Format
from recorder.simulate.bank import payload_bank
from tests.recorder.finish.packets import voice

LEAD = 1.2
"""Seconds of a quiet line before each sound."""


def tone(hertz: float, seconds: float, rate: int = 8000) -> np.ndarray:
    return 6000 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)


def flags(seconds: float, rate: int = 8000) -> np.ndarray:
    """The preamble of a fax: flags at 300 bit/s, phase-continuous (ITU-T V.21, T.30 5.3.1)."""
    bits = np.array([0, 1, 1, 1, 1, 1, 1, 0])[(np.arange(round(seconds * rate)) * 300 // rate) % 8]
    return 6000 * np.sin(2 * np.pi * np.cumsum(np.where(bits == 1, 1650, 1850)) / rate)


def ansam(seconds: float, rate: int = 8000) -> np.ndarray:
    """A modem's answer: 2100 Hz, its level wavering at 15 Hz, its phase turned every 450 ms (V.8)."""
    at = np.arange(round(seconds * rate)) / rate
    level = (1 + 0.2 * np.sin(2 * np.pi * 15 * at)) * np.where(at // 0.45 % 2, 1, -1)
    return tone(2100, seconds, rate) * level


def found(sound: np.ndarray, rate: int = 8000, step: float = 3.0) -> list[Tone]:
    """What is found in the sound on a quiet line, given in stretches of ``step`` seconds."""
    whole = np.concatenate([np.zeros(round(LEAD * rate)), sound, np.zeros(2 * rate)])
    whole = whole[: len(whole) // (rate * 3 // 5) * (rate * 3 // 5)]
    pcm = (whole + np.random.default_rng(0).normal(0, 20, len(whole))).clip(-32768, 32767).astype(np.int16)
    listener = FaxListener(rate)
    size = round(step * rate)
    for at in range(0, len(pcm), size):
        part = pcm[at : at + size]
        listener.write(stretch(part, len(part), rate))
    return listener.found


@pytest.mark.parametrize("rate", [8000, 16000])
@pytest.mark.parametrize("step", [0.6, 3.0])
@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (lambda rate: tone(1100, 0.5, rate), "cng"),
        (lambda rate: tone(1138, 0.5, rate), "cng"),
        (lambda rate: tone(1062, 0.5, rate), "cng"),
        (lambda rate: tone(2100, 3, rate), "answer"),
        (lambda rate: tone(2085, 3, rate), "answer"),
        (lambda rate: ansam(3, rate), "answer"),
        (lambda rate: flags(1, rate), "v21"),
    ],
)
def test_each_tone_is_found_where_it_begins(make, kind, rate, step):
    (one,) = found(make(rate), rate, step)
    assert one.kind == kind
    assert one.sample / rate == pytest.approx(LEAD, abs=0.041)


def test_the_pause_between_calling_tones_is_no_end_and_each_kind_is_told_once():
    calling = np.concatenate([tone(1100, 0.5), np.zeros(24000)] * 3)
    assert [one.kind for one in found(calling)] == ["cng"]
    both = np.concatenate([tone(2100, 3), np.zeros(800), flags(1)])
    assert [one.kind for one in found(both)] == ["answer", "v21"]


@pytest.mark.parametrize(
    "sound",
    [
        tone(1100, 0.2),
        tone(1100, 3),
        tone(1000, 0.5),
        tone(425, 3),
        tone(1700, 3),
        tone(2100, 0.5),
        tone(941, 0.5) + tone(1336, 0.5),
        voice(6, level=3000),
        np.random.default_rng(1).normal(0, 3000, 48000),
        tone(2100, 3) / 2000,
    ],
    ids=["short", "long", "beep", "dial", "hum", "chirp", "key", "voice", "noise", "faint"],
)
def test_other_sounds_are_none(sound):
    assert found(sound) == []


def test_the_voices_and_the_music_of_the_simulator_are_none():
    rows = payload_bank(("PCMU",), 20).rows
    decoder = open_decoder(Format("PCMU"))
    assert decoder is not None
    assert found(decoder.decode(rows.ravel(), len(rows)).astype(float)) == []


@pytest.mark.captures
def test_real_voices_are_none(captures):
    for path in sorted(captures.glob("*/recordings/*.flac")):
        pcm, rate = soundfile.read(path, dtype="int16")
        assert found(pcm.astype(float), rate) == [], path


def test_what_tones_mean_together():
    assert event_of([]) is None
    assert event_of([Tone(8, "answer")]) == Tone(8, "modem")
    assert event_of([Tone(8, "answer"), Tone(900, "v21")]) == Tone(8, "fax")
    assert event_of([Tone(3, "cng")]) == Tone(3, "fax")


def test_silence_costs_nothing_and_counts():
    listener = FaxListener(8000)
    listener.write(stretch(None, 48000, 8000))
    listener.write(stretch(tone(2100, 1.2).astype(np.int16), 9600, 8000))
    assert listener.found == [Tone(48000, "answer")]
