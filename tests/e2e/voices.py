"""Speech-like sound: two parties who take turns, with syllables, pauses and now and then both at once."""

import numpy as np
from numpy.typing import NDArray

RATE = 8000


def conversation(seconds: float, seed: int) -> NDArray[np.int16]:
    """Party A and party B, int16 of shape (2, samples) at 8 kHz; the same seed gives the same sound."""
    random = np.random.default_rng(seed)
    samples = round(seconds * RATE)
    spoken = np.zeros((2, samples))
    at, speaker = random.uniform(0.3, 1.0), int(random.integers(2))
    while at < seconds - 0.5:
        length = random.uniform(1.2, 4.5)
        start, end = round(at * RATE), min(round((at + length) * RATE), samples)
        pitch = (118, 205)[speaker] * random.uniform(0.9, 1.1)
        spoken[speaker, start:end] += _utterance(end - start, pitch, random)
        at += length + random.choice([-0.3, 0.25, 0.6, 2.8], p=[0.1, 0.45, 0.35, 0.1])
        speaker = 1 - speaker
    return (np.clip(spoken, -1, 1) * 20000).astype(np.int16)


def _utterance(samples: int, pitch: float, random: np.random.Generator) -> NDArray[np.float64]:
    time = np.arange(samples) / RATE
    voice = sum(np.sin(2 * np.pi * pitch * harmonic * time) / harmonic for harmonic in range(1, 9))
    breath = random.normal(0, 0.2, samples)
    rhythm = np.abs(np.sin(np.pi * 2.1 * time + random.uniform(0, 3))) ** 0.7
    beats = np.arange(0, samples / RATE + 1, 0.4)
    stress = np.interp(time, beats, random.uniform(0.25, 1, len(beats)))
    fade = np.minimum(1, np.minimum(time, time[::-1]) / 0.05)
    return (voice + breath) * rhythm * stress * fade * 0.35
