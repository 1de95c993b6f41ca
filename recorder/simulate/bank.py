"""Everything that can be heard, encoded once: the payload of every packet is a row of one matrix."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from recorder.simulate.codec import BYTES_PER_MS, Codec, codec, encode
from recorder.simulate.music import hold_music
from recorder.simulate.voice import SPEAKERS, Speaker, phrases, room

MARK_BYTES = 32
"""Leading bytes of each payload that carry the mark of the call, see ``streams``."""

_PHRASES = 7
_ROOM_SECONDS = 2.4
_LEAD_SECONDS = 0.12

Rows = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Consecutive rows: ``count`` packets from row ``first`` on."""

    first: int
    count: int


@dataclass(frozen=True, slots=True)
class SpeakerRows:
    """Where in the matrix a speaker's phrases and the silence of the speaker's room are."""

    speaker: Speaker
    phrases: tuple[Stretch, ...]
    room: Stretch


@dataclass(frozen=True, slots=True)
class PayloadBank:
    """Payloads as rows of ``rows``, uint8 of shape (codecs * rows_per_codec, bytes a packet).

    Row r of the first codec is row r + c * rows_per_codec of codec c: the same sound. ``sums`` (uint32) is
    the sum of the big-endian 16-bit words of each row without its first ``MARK_BYTES``, for the UDP checksum.
    """

    codecs: tuple[Codec, ...]
    packet_ms: int
    rows: NDArray[np.uint8]
    sums: NDArray[np.uint32]
    rows_per_codec: int
    speakers: tuple[SpeakerRows, ...]
    music: Stretch


_Sound = tuple[NDArray[np.int16], NDArray[np.int16]]


@lru_cache(maxsize=4)
def payload_bank(codec_names: tuple[str, ...], packet_ms: int) -> PayloadBank:
    """The bank for these codecs; it is the same each time, and made once for a process."""
    codecs = tuple(codec(name) for name in codec_names)
    sounds = {rate: _sounds(rate, packet_ms) for rate in {each.rate for each in codecs}}
    matrices = [_encode_all(each, sounds[each.rate], BYTES_PER_MS * packet_ms) for each in codecs]
    rate = codecs[0].rate
    speakers, music = _layout([len(sound) * 1000 // (rate * packet_ms) for _, sound in sounds[rate]])
    rows = np.concatenate(matrices)
    words = rows[:, MARK_BYTES:].view(">u2")
    return PayloadBank(
        codecs, packet_ms, rows, words.sum(axis=1, dtype=np.uint32), len(matrices[0]), speakers, music
    )


def _sounds(rate: int, packet_ms: int) -> list[_Sound]:
    """All sounds of the bank in order, in whole packets, each with what goes before it in the room."""
    samples = rate * packet_ms // 1000
    lead = round(_LEAD_SECONDS * rate)
    sounds = []
    for speaker in SPEAKERS:
        quiet = room(speaker, rate, round(_ROOM_SECONDS * rate) // samples * samples)
        for phrase in phrases(speaker, rate, _PHRASES):
            missing = -len(phrase) % samples
            sounds.append((quiet[:lead], np.concatenate([phrase, quiet[:missing]])))
        sounds.append((quiet[-lead:], quiet))
    music = hold_music(rate)
    sounds.append((music[:0], music[: len(music) // samples * samples]))
    return sounds


def _encode_all(codec: Codec, sounds: list[_Sound], width: int) -> NDArray[np.uint8]:
    """Each sound is encoded after its lead, which is cut off: an adaptive encoder has settled by then."""
    encoded = []
    for lead, sound in sounds:
        payload = encode(codec, np.concatenate([lead, sound]))
        encoded.append(payload[len(payload) - len(sound) * 8000 // codec.rate :].reshape(-1, width))
    return np.concatenate(encoded)


def _layout(counts: list[int]) -> tuple[tuple[SpeakerRows, ...], Stretch]:
    starts = np.cumsum([0, *counts]).tolist()
    stretches = [Stretch(first, count) for first, count in zip(starts, counts, strict=False)]
    speakers = []
    for index, speaker in enumerate(SPEAKERS):
        own = stretches[index * (_PHRASES + 1) : (index + 1) * (_PHRASES + 1)]
        speakers.append(SpeakerRows(speaker, tuple(own[:-1]), own[-1]))
    return tuple(speakers), stretches[-1]
