"""Speech-like sound from a source and a filter, in arrays.

The source is a glottal pulse train (a band-limited wavetable read at the pitch) and breath noise; the filter
is the cascade of formant resonances of the classic formant synthesisers, applied frame by frame in the
spectrum and added up with overlapping windows. Nothing here knows who speaks or what is said: it
turns tracks of control values, one each ``HOP_SECONDS``, into samples.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

HOP_SECONDS = 0.008
BANDWIDTHS = (70.0, 100.0, 140.0, 220.0)
"""Hz, of the four formants."""

_TABLE_SIZE = 4096

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Tracks:
    """Control values of shape (hops,), of ``formants`` (hops, 4); frequencies in Hz, levels linear.

    ``voicing`` drives the pulse train, ``breath`` noise through the formants, ``hiss`` noise through one
    resonance at ``hiss_frequency``: the fricatives and bursts.
    """

    pitch: Floats
    voicing: Floats
    breath: Floats
    hiss: Floats
    hiss_frequency: Floats
    formants: Floats


def render(tracks: Tracks, rate: int, rng: np.random.Generator) -> Floats:
    """Samples at ``rate`` Hz, ``hops * HOP_SECONDS`` long, at no particular level."""
    hop = round(HOP_SECONDS * rate)
    hops = len(tracks.pitch)
    noise = rng.standard_normal(hops * hop)
    voiced = _pulses(tracks.pitch, rate, hop) * _stretch(tracks.voicing, hop)
    throat = voiced + noise * _stretch(tracks.breath, hop)
    size = 4 * hop
    frequencies: Floats = np.linspace(0, rate / 2, size // 2 + 1, dtype=np.float64)
    sound = _filtered(throat, _formant_response(tracks.formants, frequencies, rate), hop)
    hissing = _resonance(frequencies, tracks.hiss_frequency[:, None], 900.0, rate)
    return sound + _filtered(noise * _stretch(tracks.hiss, hop), hissing, hop)


def smooth(values: Floats, width: int) -> Floats:
    """Moving average over ``width`` hops along the first axis, ends held."""
    before = width // 2
    padding = [(before, width - 1 - before)] + [(0, 0)] * (values.ndim - 1)
    total = np.cumsum(np.pad(values, padding, mode="edge"), axis=0)
    total = np.concatenate([np.zeros_like(total[:1]), total])
    return np.asarray((total[width:] - total[:-width]) / width)


def _stretch(track: Floats, hop: int) -> Floats:
    at = (np.arange(len(track) * hop) - hop / 2) / hop
    return np.interp(at, np.arange(len(track)), track)


def _pulses(pitch: Floats, rate: int, hop: int) -> Floats:
    """Glottal source: harmonics falling 6 dB an octave (12 of the glottis, less 6 of the lips)."""
    harmonics = np.arange(1, max(2, int(0.47 * rate / pitch.max())))
    angles = np.arange(_TABLE_SIZE) * (2 * np.pi / _TABLE_SIZE)
    table = (np.sin(angles[:, None] * harmonics) / harmonics).sum(axis=1)
    cycles = np.cumsum(_stretch(pitch, hop)) / rate
    return np.asarray(table[(cycles * _TABLE_SIZE).astype(np.int64) % _TABLE_SIZE])


def _formant_response(formants: Floats, frequencies: Floats, rate: int) -> NDArray[np.complex128]:
    response = np.ones((len(formants), len(frequencies)), complex)
    for column, bandwidth in enumerate(BANDWIDTHS):
        response *= _resonance(frequencies, formants[:, column, None], bandwidth, rate)
    return response


def _resonance(frequencies: Floats, centre: Floats, bandwidth: float, rate: int) -> NDArray[np.complex128]:
    """Transfer function of a two-pole resonator with gain 1 at 0 Hz, shape (hops, bins)."""
    radius = np.exp(-np.pi * bandwidth / rate)
    middle = 2 * radius * np.cos(2 * np.pi * centre / rate)
    delay = np.exp(-2j * np.pi * frequencies / rate)
    gain = 1 - middle + radius**2
    return np.asarray(gain / (1 - middle * delay + radius**2 * delay**2))


def _filtered(source: Floats, response: NDArray[np.complex128], hop: int) -> Floats:
    """Overlap-add: window two hops, filter, let it ring for two more; the windows sum to one."""
    hops = len(response)
    padded = np.concatenate([source, np.zeros(hop)])
    frames = np.lib.stride_tricks.sliding_window_view(padded, 2 * hop)[::hop][:hops]
    window = 0.5 - 0.5 * np.cos(np.arange(2 * hop) * np.pi / hop)
    filtered = np.fft.irfft(np.fft.rfft(frames * window, 4 * hop) * response, 4 * hop)
    sound = np.zeros((hops + 3, hop))
    for part in range(4):
        sound[part : part + hops] += filtered[:, part * hop : (part + 1) * hop]
    return sound[:hops].ravel()
