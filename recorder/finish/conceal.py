"""Short losses filled with what was likely said there."""

import numpy as np
from numpy.typing import NDArray

from recorder.finish.decoders import Decoder

Samples = NDArray[np.int16]

_LONGEST_PITCH = 0.015
_SHORTEST_PITCH = 0.0025
_COMPARED = 0.02
_MEMORY = _LONGEST_PITCH + _COMPARED
"""Seconds of sound from which a loss is filled: periods of 66 to 400 Hz, as in ITU-T G.711, appendix I."""
_FULL = 0.01
_FADED = 0.06
"""A repeated sound is full for so many seconds, then fades until so many."""


class Concealer:
    """Fills the losses of one stream: by its codec where that knows how, else by repeating the last pitch
    period. ``longest`` is in seconds; longer losses are left alone. Positions are ticks of ``clock``, Hz."""

    def __init__(self, clock: int, longest: float) -> None:
        self._clock = clock
        self._longest = longest * clock
        self._decoder: Decoder | None = None
        self._memory = np.zeros(0, np.int16)
        self._end = -1
        self._made: tuple[int, Samples] | None = None

    @property
    def decoder(self) -> Decoder | None:
        """What decoded the sound before a loss."""
        return self._decoder

    def note(self, decoder: Decoder, pcm: Samples, end: int) -> None:
        """The stream was heard up to the position ``end``, these samples last."""
        keep = round(_MEMORY * decoder.rate)
        if len(pcm) >= keep:
            self._memory = pcm[-keep:].copy()
        elif decoder is self._decoder:
            self._memory = np.concatenate([self._memory, pcm])[-keep:]
        else:
            self._memory = pcm.copy()
        self._decoder, self._end, self._made = decoder, end, None

    def fill(self, start: int, end: int, following: bytes = b"") -> tuple[int, Samples] | None:
        """Rate and samples of what is to be heard from start to end; None for silence.

        ``following`` is the payload behind the loss, which may carry a copy of what was lost.

        Asked again for the same place it answers the same, so that a loss can be filled ahead of time.
        """
        decoder = self._decoder
        if decoder is None or start != self._end or end - start > self._longest:
            return None
        samples = (end - start) * decoder.rate // self._clock
        if self._made is not None and len(self._made[1]) == samples:
            return self._made
        made = decoder.conceal(samples, following)
        if made is None:
            made = repeated(self._memory, samples, decoder.rate)
        self._made = (decoder.rate, made) if made is not None else None
        return self._made


def repeated(memory: Samples, samples: int, rate: int) -> Samples | None:
    """The last pitch period again and again, fading; None where less than 35 ms are remembered.

    ``memory`` is what was heard until now, ``rate`` in Hz.
    """
    compared, shortest = round(_COMPARED * rate), round(_SHORTEST_PITCH * rate)
    longest = round(_MEMORY * rate) - compared
    if len(memory) < compared + longest:
        return None
    values = memory[-(compared + longest) :].astype(np.float32)
    recent = values[longest:]
    # Row k began ``longest - k`` samples before the recent ones.
    earlier = np.lib.stride_tricks.sliding_window_view(values, compared)[: longest - shortest + 1]
    likeness = (earlier @ recent) / np.sqrt(np.vecdot(earlier, earlier) + 1.0)
    period = longest - int(likeness.argmax())
    seconds = np.arange(samples, dtype=np.float32) / rate
    fade = np.clip((_FADED - seconds) / (_FADED - _FULL), 0.0, 1.0)
    return (np.resize(values[-period:], samples) * fade).astype(np.int16)
