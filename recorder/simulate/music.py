"""Music on hold: a slow arpeggio that nobody will mistake for speech."""

import numpy as np
from numpy.typing import NDArray

NOTE_SECONDS = 0.4
_CHORDS = ((262, 330, 392, 494), (220, 262, 330, 392), (175, 220, 262, 330), (196, 247, 294, 349))
_LOUDNESS = 3000.0


def hold_music(rate: int) -> NDArray[np.int16]:
    """One round of four chords, 6.4 s at ``rate`` Hz; it may be repeated without a click."""
    times = np.arange(round(NOTE_SECONDS * rate)) / rate
    decay = np.minimum(times / 0.01, 1) * np.exp(-times * 4) * np.minimum((NOTE_SECONDS - times) / 0.02, 1)
    notes = [decay * _tone(pitch, times) for chord in _CHORDS for pitch in chord]
    return np.rint(_LOUDNESS * np.concatenate(notes)).astype(np.int16)


def _tone(pitch: float, times: NDArray[np.float64]) -> NDArray[np.float64]:
    angle = 2 * np.pi * pitch * times
    return np.asarray(np.sin(angle) + 0.4 * np.sin(2 * angle) + 0.15 * np.sin(3 * angle))
