"""What delay takes away from a conversation (ITU-T G.107, 7.4), all else at its default (table 3)."""

from math import cbrt, exp, log2, log10, sqrt

PACKET_MS = 20.0
"""Assumed to pass while a packet is filled."""
JITTER_BUFFER_MS = 40.0
"""Assumed to pass in the buffer of the receiver, or twice the jitter where that is more."""

_BEST = 94.77
"""Ro: what noise alone leaves (7.2). Talker echo is measured by the same (Roe, 7-20)."""
_TALKER_ECHO_LOUDNESS = 65.0
"""TELR, dB."""
_ECHO_PATH_LOSS = 110.0
"""WEPL, dB."""


def mouth_to_ear_ms(network_ms: float, jitter_ms: float | None) -> float:
    """One-way delay of a voice that the network takes ``network_ms`` to carry."""
    return network_ms + PACKET_MS + max(JITTER_BUFFER_MS, 2 * (jitter_ms or 0.0))


def impairment(one_way_ms: float) -> float:
    """Id: by echo to the talker and to the listener, and by delay too long to converse with (7.4)."""
    if one_way_ms < 1:
        return 0.0
    # What listeners hear of their echo without delay is part of the rating of a call that nothing impairs.
    listener = _listener_echo(2 * one_way_ms) - _listener_echo(0)
    return _talker_echo(one_way_ms) + listener + too_long(one_way_ms)


def too_long(one_way_ms: float) -> float:
    """Idd (7-27 and 7-28): nothing up to 100 ms."""
    if one_way_ms <= 100:
        return 0.0
    x = log2(one_way_ms / 100)
    return 25 * (_sixth_root(1 + x**6) - 3 * _sixth_root(1 + (x / 3) ** 6) + 2)


def _talker_echo(one_way_ms: float) -> float:
    """Idte, for a sidetone (STMR) of 9 to 15 dB."""
    t = one_way_ms
    loudness = _TALKER_ECHO_LOUDNESS - 40 * log10((1 + t / 10) / (1 + t / 150)) + 6 * exp(-0.3 * t * t)
    half = (_BEST - (80 + 2.5 * (loudness - 14))) / 2
    return max(half + sqrt(half * half + 100) - 1, 0.0) * (1 - exp(-t))


def _listener_echo(round_trip_ms: float) -> float:
    """Idle."""
    half = (_BEST - 10.5 * (_ECHO_PATH_LOSS + 7) / sqrt(sqrt(round_trip_ms + 1))) / 2
    return half + sqrt(half * half + 169)


def _sixth_root(value: float) -> float:
    return sqrt(cbrt(value))
