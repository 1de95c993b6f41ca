"""Opus through libopus itself: FFmpeg passes on neither its concealment of a lost packet nor the copy of it
that the next packet may carry (in-band FEC; RFC 6716, 2.1.7)."""

import ctypes
import ctypes.util
from functools import cache
from importlib.metadata import PackageNotFoundError, files

import numpy as np
from numpy.typing import NDArray

from recorder.finish import opus_packet

Samples = NDArray[np.int16]

RATE = 48_000
_TYPICAL = RATE // 50


@cache
def library() -> ctypes.CDLL | None:
    """The libopus that PyAV's wheel brings, else the system's; None where there is neither."""
    try:
        brought = [str(file.locate()) for file in files("av") or () if file.name.startswith("libopus")]
    except PackageNotFoundError:
        brought = []
    found = brought or [name for name in (ctypes.util.find_library("opus"),) if name]
    try:
        opus = ctypes.CDLL(found[0]) if found else None
    except OSError:
        return None
    if opus is not None:
        pointer, number = ctypes.c_void_p, ctypes.c_int
        opus.opus_decoder_get_size.argtypes = [number]
        opus.opus_decoder_init.argtypes = [pointer, ctypes.c_int32, number]
        opus.opus_decode.argtypes = [pointer, ctypes.c_char_p, ctypes.c_int32, pointer, number, number]
        opus.opus_encoder_get_size.argtypes = [number]
        opus.opus_encoder_init.argtypes = [pointer, ctypes.c_int32, number, number]
        opus.opus_encode.argtypes = [pointer, pointer, number, pointer, ctypes.c_int32]
    return opus


class OpusDecoder:
    """A ``Decoder`` of the packets of one stream (RFC 7587), mixed to mono."""

    def __init__(self, opus: ctypes.CDLL) -> None:
        self.rate = RATE
        self.unreadable: list[int] = []
        self._opus = opus
        self._state = ctypes.create_string_buffer(opus.opus_decoder_get_size(1))
        opus.opus_decoder_init(self._state, RATE, 1)
        self._has_heard = False

    def samples(self, payload: NDArray[np.uint8]) -> int:
        """See ``Decoder``."""
        return opus_packet.duration(payload[:2].tobytes()) or _TYPICAL

    def decode(self, payload: NDArray[np.uint8], count: int = 1) -> Samples:
        """See ``Decoder``. All packets are taken to be as long as the first one."""
        data = payload.tobytes()
        size = len(data) // max(count, 1)
        packets = [data[size * i : size * (i + 1)] for i in range(count)]
        length = opus_packet.duration(packets[0]) if packets else 0
        pcm = np.zeros((count, length or _TYPICAL), np.int16)
        self.unreadable = []
        for number, packet in enumerate(packets):
            own = opus_packet.duration(packet)
            part = pcm[number] if own == length else np.zeros(own, np.int16)
            if not own or not self._into(part, packet):
                self.unreadable.append(number)
            elif own != length:
                pcm[number, : min(own, pcm.shape[1])] = part[: pcm.shape[1]]
        self._has_heard |= len(self.unreadable) < count
        return pcm.reshape(-1)

    def conceal(self, samples: int, following: bytes = b"") -> Samples | None:
        """See ``Decoder``. The end of the loss is the copy in the packet ``following``, where it has one."""
        if not self._has_heard:
            return None
        pcm = np.zeros(samples, np.int16)
        copied = opus_packet.duration(following)
        plain = samples - copied if 0 < copied <= samples else samples
        # libopus conceals in steps of 2.5 ms.
        whole = plain // 120 * 120
        if whole and not self._into(pcm[:whole], b""):
            return None
        if plain < samples:
            self._into(pcm[plain:], following, fec=1)
        return pcm

    def _into(self, pcm: Samples, packet: bytes, fec: int = 0) -> bool:
        """Decode into ``pcm``, whose length is what is asked for; no packet is a lost one."""
        made = self._opus.opus_decode(
            self._state, packet or None, len(packet), pcm.ctypes.data, len(pcm), fec
        )
        return bool(made == len(pcm))
