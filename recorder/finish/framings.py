"""The payload formats of the codecs that FFmpeg decodes frame by frame."""

import io

import av

from recorder import codecs
from recorder.finish import amr as rfc4867
from recorder.finish import evrc as rfc3558
from recorder.finish import opus_packet, speex_packet
from recorder.finish.ffmpeg import context
from recorder.finish.framed import Frame, Framing
from recorder.media import Format

_G723_FRAME = {0: 24, 1: 20, 2: 4, 3: 1}
"""Bytes of a G.723.1 frame by the two lowest bits of its first: 6.3 kbit/s, 5.3, SID, nothing sent."""
_G723_FORBIDDEN = b"\xfc" + b"\xff" * 23
"""A G.723.1 frame whose pitch lag is one that no encoder makes: the decoder conceals it."""
_G7221_FRAMES = (60, 80, 40)
"""Bytes of a G.722.1 frame, the standard rates first."""
_ILBC_BITRATES = {160: 15200, 240: 13333}


def g722(_: Format) -> Framing:
    """G.722 at 64 kbit/s: a byte is two samples at 16 kHz (RFC 3551, 4.5.2)."""
    return Framing(
        open=lambda _: context("g722", 16000),
        split=lambda payload: [(payload, len(payload) * 2)] if payload else [],
        joinable=True,
    )


def g729(_: Format) -> Framing:
    """G.729: frames of 10 bytes and 10 ms, then maybe one of 2 bytes, the noise of annex B (RFC 3551, 4.5.6).

    FFmpeg knows no annex B: its noise is silence here.
    """
    return Framing(
        open=lambda _: context("g729", 8000),
        split=_split_g729,
        # FFmpeg takes a frame of zeros for an erasure (ITU-T G.729, 4.4).
        erased=lambda _: (bytes(10), 80),
        joinable=True,
    )


def _split_g729(payload: bytes) -> list[Frame]:
    speech, rest = divmod(len(payload), 10)
    if rest not in (0, 2):
        return []
    frames = [(payload[10 * number : 10 * number + 10], 80) for number in range(speech)]
    return [*frames, (b"", 80)] if rest else frames


def g723(_: Format) -> Framing:
    """G.723.1 at 6.3 and 5.3 kbit/s and annex A: frames of 30 ms that say their size (RFC 3551, 4.5.3)."""
    return Framing(
        open=lambda _: context("g723_1", 8000),
        split=_split_g723,
        erased=lambda last: (_G723_FORBIDDEN if len(last) > 4 else b"\x03", 240),
        joinable=True,
    )


def _split_g723(payload: bytes) -> list[Frame]:
    frames = []
    start = 0
    while start < len(payload):
        end = start + _G723_FRAME[payload[start] & 3]
        frames.append((payload[start:end], 240))
        start = end
    return frames if start == len(payload) else []


def gsm(_: Format) -> Framing:
    """GSM 06.10: frames of 33 bytes and 20 ms that begin with the bits 1101 (RFC 3551, 4.5.8)."""
    return Framing(open=lambda _: context("gsm", 8000), split=_split_gsm, joinable=True)


def _split_gsm(payload: bytes) -> list[Frame]:
    frames = [(payload[start : start + 33], 160) for start in range(0, len(payload), 33)]
    return frames if all(len(frame) == 33 and frame[0] >> 4 == 0xD for frame, _ in frames) else []


def ilbc(format_: Format) -> Framing:
    """iLBC: frames of 38 bytes and 20 ms or of 50 bytes and 30 ms (RFC 3952).

    The size of a packet tells which; ``mode`` does where a size fits both.
    """
    sizes = [(50, 240), (38, 160)]
    if parameter(format_, "mode") == "20":
        sizes.reverse()

    def split(payload: bytes) -> list[Frame]:
        for size, samples in sizes:
            if payload and len(payload) % size == 0:
                return [(payload[at : at + size], samples) for at in range(0, len(payload), size)]
        return []

    return Framing(
        open=lambda samples: context("ilbc", 8000, _ILBC_BITRATES[samples]), split=split, modes=True
    )


def g726(format_: Format) -> Framing:
    """G.726 at 16 to 40 kbit/s, packed as RFC 3551 (4.5.4) says or as AAL2 does (ITU-T I.366.2)."""
    name = codecs.name(format_)
    bits = int(name[-2:]) // 8
    codec = "g726" if name.startswith("AAL2") else "g726le"

    def split(payload: bytes) -> list[Frame]:
        whole = payload and len(payload) * 8 % bits == 0
        return [(payload, len(payload) * 8 // bits)] if whole else []

    return Framing(open=lambda _: _open_g726(codec, bits), split=split, joinable=True)


def _open_g726(codec: str, bits: int) -> av.AudioCodecContext:
    """FFmpeg is told the bits of a sample by its demuxer of raw files alone."""
    options = {"code_size": str(bits)}
    with av.open(io.BytesIO(bytes(64)), format=codec, options=options) as container:
        return container.streams.audio[0].codec_context


def amr(format_: Format) -> Framing | None:
    """AMR and AMR-WB, octet-aligned or bandwidth-efficient (RFC 4867).

    None with interleaving, robust sorting or check sums, which hardly anything has ever sent.
    """
    if any(parameter(format_, name) not in ("", "0") for name in ("interleaving", "robust-sorting", "crc")):
        return None
    wide = codecs.name(format_) == "AMR-WB"
    aligned = parameter(format_, "octet-align") == "1"
    codec, rate = ("libopencore_amrwb", 16000) if wide else ("libopencore_amrnb", 8000)
    return Framing(
        open=lambda _: context(codec, rate),
        split=lambda payload: [
            (frame, rate // 50) for frame in rfc4867.read(payload, wide=wide, aligned=aligned)
        ],
        erased=lambda _: (rfc4867.LOST_WIDE if wide else rfc4867.LOST, rate // 50),
        joinable=True,
    )


def opus(_: Format) -> Framing:
    """Opus (RFC 7587): one packet in each payload, whose first byte says how long it is.

    A frame without data makes the decoder conceal (RFC 6716, 3.1 and 4.4).
    """

    def split(payload: bytes) -> list[Frame]:
        samples = opus_packet.duration(payload)
        return [(payload, samples)] if samples else []

    def erased(last: bytes) -> Frame:
        toc = bytes((last[0] & 0xFC,))
        return toc, opus_packet.duration(toc)

    return Framing(open=lambda _: context("libopus", 48000), split=split, erased=erased)


def speex(format_: Format) -> Framing:
    """Speex (RFC 5574): frames of 20 ms, packed bit by bit."""
    rate = format_.clock_rate

    def split(payload: bytes) -> list[Frame]:
        count = speex_packet.frames(payload)
        return [(payload, count * rate // 50)] if count else []

    return Framing(open=lambda _: context("speex", rate), split=split)


def evrc(format_: Format) -> Framing:
    """EVRC, bundled or, as EVRC0, a frame in each payload (RFC 3558)."""
    read = rfc3558.single if codecs.name(format_) == "EVRC0" else rfc3558.bundled
    return Framing(
        open=lambda _: context("evrc", 8000),
        split=lambda payload: [(frame, 160) for frame in read(payload)],
    )


def g7221(_: Format) -> Framing:
    """G.722.1 (Siren 7): frames of 20 ms at 16, 24 or 32 kbit/s, of whose size a packet is (RFC 5577)."""
    return Framing(open=lambda _: context("siren", 16000), split=_split_g7221)


def _split_g7221(payload: bytes) -> list[Frame]:
    size = next((size for size in _G7221_FRAMES if payload and len(payload) % size == 0), 0)
    return [(payload[at : at + size], 320) for at in range(0, len(payload), size)] if size else []


def parameter(format_: Format, name: str) -> str:
    """Value of a parameter of ``fmtp``, lower case; empty where it is not given."""
    for pair in format_.parameters.lower().replace(" ", "").split(";"):
        key, _, value = pair.partition("=")
        if key == name:
            return value
    return ""
