"""People who talk, in no known language: speakers, and phrases of syllables in their voice."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recorder.simulate.speech import HOP_SECONDS, Floats, Tracks, render, smooth

ROOM_NOISE = 24.0
"""Root mean square of the noise behind every voice, in steps of 16 bit: about -63 dB of full scale."""
LOUDNESS = 2600.0
"""Root mean square of a phrase, pauses inside it included: about -22 dB of full scale."""

_VOWELS = np.array(
    [
        (280, 2250, 2900, 3500),
        (400, 2000, 2600, 3450),
        (560, 1750, 2500, 3400),
        (730, 1200, 2500, 3400),
        (480, 900, 2450, 3300),
        (320, 800, 2300, 3300),
        (290, 1850, 2300, 3300),
        (500, 1450, 2450, 3400),
    ],
    float,
)
_NASAL = np.array((250, 1150, 2300, 3300), float)


class _Segment(NamedTuple):
    """A stretch of steady articulation; levels and frequencies as in ``Tracks``."""

    seconds: float
    voicing: float
    breath: float
    hiss: float
    hiss_frequency: float
    formants: Floats
    accent: float


@dataclass(frozen=True, slots=True)
class Speaker:
    """How somebody sounds: ``pitch`` in Hz, ``tract`` as formant scale, ``pace`` in syllables a second.

    ``liveliness`` is how far the pitch moves, ``breath`` how much noise is in the voice; ``seed`` picks
    what is said.
    """

    name: str
    pitch: float
    tract: float
    pace: float
    liveliness: float
    breath: float
    seed: int


SPEAKERS = (
    Speaker("bass", 92.0, 0.94, 4.6, 0.10, 0.010, 1),
    Speaker("bright", 214.0, 1.16, 5.6, 0.16, 0.016, 2),
    Speaker("calm", 118.0, 1.00, 4.2, 0.08, 0.014, 3),
    Speaker("warm", 188.0, 1.10, 4.8, 0.12, 0.030, 4),
    Speaker("quick", 134.0, 1.03, 6.4, 0.14, 0.010, 5),
    Speaker("young", 241.0, 1.20, 5.9, 0.20, 0.022, 6),
    Speaker("old", 108.0, 0.97, 3.7, 0.11, 0.040, 7),
    Speaker("clear", 172.0, 1.13, 5.1, 0.10, 0.008, 8),
)


def phrases(speaker: Speaker, rate: int, count: int = 8) -> list[NDArray[np.int16]]:
    """``count`` phrases of one to six seconds at ``rate`` Hz, the same for the same speaker.

    A phrase says the same and lasts as long at every rate.
    """
    words = np.random.default_rng(speaker.seed)
    noise = np.random.default_rng((speaker.seed, rate))
    return [_speak(_articulate(speaker, words), rate, noise) for _ in range(count)]


def room(speaker: Speaker, rate: int, samples: int) -> NDArray[np.int16]:
    """Background noise of the speaker's room: what is heard while nothing is said."""
    rng = np.random.default_rng((speaker.seed, rate, 1))
    return np.rint(_room_noise(rng, samples)).astype(np.int16)


def _room_noise(rng: np.random.Generator, samples: int) -> Floats:
    noise = rng.standard_normal(samples + 3)
    return ROOM_NOISE / 2 * (noise[3:] + noise[2:-1] + noise[1:-2] + noise[:-3])


def _speak(tracks: Tracks, rate: int, rng: np.random.Generator) -> NDArray[np.int16]:
    sound = render(tracks, rate, rng)
    sound = sound / np.sqrt(np.mean(sound**2))
    loud = 3.2 * LOUDNESS * np.tanh(sound / 3.2)
    return np.asarray(np.clip(np.rint(loud + _room_noise(rng, len(sound))), -32768, 32767), np.int16)


def _articulate(speaker: Speaker, rng: np.random.Generator) -> Tracks:
    """Control tracks of one phrase: words of one to four syllables with short rests between them."""
    segments: list[_Segment] = []
    words = rng.integers(3, 7)
    for word in range(words):
        for syllable in range(rng.integers(1, 5)):
            accent = 1 + speaker.liveliness * (rng.normal() + (0.9 if syllable == 0 else 0.0))
            segments += _syllable(speaker, rng, accent)
        if word + 1 < words and rng.random() < 0.35:
            segments.append(_rest(rng.uniform(0.05, 0.16), speaker))
    segments.append(_rest(0.12, speaker))
    hops = [max(1, round(segment.seconds / HOP_SECONDS)) for segment in segments]

    def track(name: str) -> Floats:
        return np.repeat(np.array([getattr(segment, name) for segment in segments], float), hops, axis=0)

    accents = smooth(track("accent"), 16)
    fall = np.linspace(1.12, 0.84 if rng.random() < 0.7 else 1.06, len(accents))
    wobble = 1 + 0.008 * rng.standard_normal(len(accents))
    return Tracks(
        pitch=speaker.pitch * np.clip(accents, 0.7, 1.6) * fall * wobble,
        voicing=smooth(track("voicing"), 3),
        breath=smooth(track("breath"), 3),
        hiss=smooth(track("hiss"), 2),
        hiss_frequency=track("hiss_frequency"),
        formants=smooth(track("formants"), 6),
    )


def _rest(seconds: float, speaker: Speaker) -> _Segment:
    return _Segment(seconds, 0, 0, 0, 3000.0, _VOWELS[-1] * speaker.tract, 0.95)


def _syllable(speaker: Speaker, rng: np.random.Generator, accent: float) -> list[_Segment]:
    """A consonant, or none, and a vowel that may glide into another."""
    vowel, other = _VOWELS[rng.integers(len(_VOWELS), size=2)] * speaker.tract
    end = other if rng.random() < 0.3 else vowel
    onset = _onset(speaker, rng, vowel, accent)
    seconds = rng.uniform(0.75, 1.3) / speaker.pace - sum(part.seconds for part in onset)
    seconds = max(0.05, seconds)
    level = rng.uniform(0.75, 1.0) * min(accent, 1.3)
    breath = speaker.breath * level
    return [
        *onset,
        _Segment(seconds * 0.6, level, breath, 0, 3000.0, vowel, accent),
        _Segment(seconds * 0.4, level * 0.75, breath, 0, 3000.0, end, accent * 0.97),
    ]


def _onset(speaker: Speaker, rng: np.random.Generator, vowel: Floats, accent: float) -> list[_Segment]:
    kind = rng.choice(["stop", "fricative", "nasal", "glide", "none"], p=[0.34, 0.2, 0.18, 0.16, 0.12])
    if kind == "stop":
        return [
            _Segment(0.035, 0.02, 0, 0, 2500.0, vowel, accent),
            _Segment(0.012, 0, 0.02, 0.5, rng.uniform(1500, 3300), vowel, accent),
        ]
    if kind == "fricative":
        loudness, centre = rng.uniform(0.1, 0.3), rng.uniform(2200, 3600)
        return [_Segment(rng.uniform(0.06, 0.1), 0, 0, loudness, centre, vowel, accent)]
    if kind == "nasal":
        return [_Segment(0.06, 0.45, 0, 0, 3000.0, _NASAL * speaker.tract, accent)]
    if kind == "glide":
        start = _VOWELS[rng.choice([0, 5, 6])] * speaker.tract
        return [_Segment(0.05, 0.6, 0.005, 0, 3000.0, start, accent)]
    return []
