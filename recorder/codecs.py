"""The audio codecs by their names in SDP, and the rates at which they are heard and archived."""

from collections.abc import Callable
from dataclasses import replace

from recorder.media import Format

WIDEBAND = 16000
"""The highest archive rate, Hz. At the bit rate of the archive a party has 16 kbit/s, for which Opus codes
nothing above 8 kHz; a higher rate would cost time and hold no more."""
NARROWBAND = 8000
REDUNDANT = "RED"
"""Packets in this encoding carry others, in a codec of their own (RFC 2198)."""

_ALIASES = {
    "G729A": "G729",
    "G729B": "G729",
    "G729AB": "G729",
    "G7231": "G723",
    "G723.1": "G723",
    "SPEEX-NB": "SPEEX",
    "SPEEX-WB": "SPEEX",
    "G726": "G726-32",
    "G721": "G726-32",
    "SIREN7": "G7221",
}
_FIXED = {
    "G722": 16000,
    "G729": 8000,
    "G723": 8000,
    "GSM": 8000,
    "ILBC": 8000,
    "AMR": 8000,
    "AMR-WB": 16000,
    "OPUS": 48000,
    "EVRC": 8000,
    "EVRC0": 8000,
    **{f"{prefix}G726-{rate}": 8000 for prefix in ("", "AAL2-") for rate in (16, 24, 32, 40)},
}
_BY_CLOCK: dict[str, Callable[[int], bool]] = {
    "PCMU": lambda rate: 0 < rate <= 48000,
    "PCMA": lambda rate: 0 < rate <= 48000,
    "L16": lambda rate: 0 < rate <= 192_000,
    "G7221": lambda rate: rate == 16000,
    "SPEEX": lambda rate: rate in (8000, 16000, 32000),
}
"""Codecs that sample at their RTP clock, and the clocks that they can have."""
_CLOCKS = {"OPUS": 48000, "AMR-WB": 16000, "G7221": 16000}
"""RTP clocks of codecs that have another one than 8000 Hz."""
_SLOWEST, _FASTEST = 8000, 192_000
_CHANNELS = {"L16": 2, "OPUS": 2}
"""The most channels of codecs that can have several. Opus is always announced with two (RFC 7587, 7)."""


NAMES = tuple(sorted({*_FIXED, *_BY_CLOCK}))
"""All codecs that can be decoded."""


def name(format_: Format) -> str:
    """The codec's name as this module knows it, in upper case."""
    return _ALIASES.get(format_.encoding, format_.encoding)


def plausible(format_: Format) -> Format:
    """The format with a clock that can be one of audio: with its codec's where what is said cannot."""
    if _SLOWEST <= format_.clock_rate <= _FASTEST:
        return format_
    return replace(format_, clock_rate=_CLOCKS.get(name(format_), 8000))


def sample_rate(format_: Format) -> int | None:
    """Samples per second that the format decodes to, Hz; None where it cannot be decoded."""
    codec = name(format_)
    if not 1 <= format_.channels <= _CHANNELS.get(codec, 1):
        return None
    by_clock = _BY_CLOCK.get(codec)
    if by_clock is not None:
        return format_.clock_rate if by_clock(format_.clock_rate) else None
    return _FIXED.get(codec)


def archive_rate(format_: Format) -> int:
    """The rate of a recording in which nothing of this format is lost that the archive can hold, Hz.

    Encrypted formats count like those in clear: they may be decrypted.
    """
    clear = replace(format_, encoding=format_.encoding.removeprefix("SRTP/"))
    return WIDEBAND if (sample_rate(clear) or 0) > NARROWBAND else NARROWBAND
