"""AMR and AMR-WB payloads (RFC 4867) as the frames of their file format (section 5)."""

_BITS = (95, 103, 118, 134, 148, 159, 204, 244, 39)
_WIDE_BITS = (132, 177, 253, 285, 317, 365, 397, 461, 477, 40)
"""Bits of a speech frame by its type, the last one a frame of comfort noise (tables 1 of both codecs)."""
_NOTHING = 15
_SPEECH_LOST = 14
LOST = bytes((_NOTHING << 3,))
"""Stands for a lost frame of AMR."""
LOST_WIDE = bytes((_SPEECH_LOST << 3,))
"""Stands for a lost frame of AMR-WB."""


def read(payload: bytes, *, wide: bool, aligned: bool) -> list[bytes]:
    """The frames of a payload that is said to be ``aligned`` or not; see ``frames``.

    Some senders do not do as they say: a payload that only fits the other form exactly is read as that.
    """
    for form in (aligned, not aligned):
        found = frames(payload, wide=wide, aligned=form)
        if found and _is_filled(payload, found, wide=wide, aligned=form):
            return found
    return frames(payload, wide=wide, aligned=aligned)


def duration(payload: bytes, *, wide: bool) -> int:
    """Samples of a payload that is exactly one of either form; 0 for what is none."""
    for aligned in (True, False):
        found = frames(payload, wide=wide, aligned=aligned)
        if found and _is_filled(payload, found, wide=wide, aligned=aligned):
            return len(found) * (320 if wide else 160)
    return 0


def frames(payload: bytes, *, wide: bool, aligned: bool) -> list[bytes]:
    """The frames of a payload, each with its head byte; none where the payload is malformed.

    ``aligned`` payloads pad every field to whole octets (4.4), others only the end (4.3).
    """
    bits = int.from_bytes(payload)
    left = len(payload) * 8 - (8 if aligned else 4)
    entry = 8 if aligned else 6
    heads = []
    more = True
    while more:
        left -= entry
        if left < 0:
            return []
        toc = (bits >> left) & ((1 << entry) - 1)
        toc = toc if aligned else toc << 2
        more = bool(toc & 0x80)
        heads.append(toc & 0x7C)
    found = []
    for head in heads:
        size = _size(head >> 3, wide=wide)
        if size is None:
            return []
        octets = (size + 7) // 8
        left -= octets * 8 if aligned else size
        if left < 0:
            return []
        speech = bits >> left
        if not aligned:
            speech <<= octets * 8 - size
        found.append(bytes((head,)) + (speech & ((1 << octets * 8) - 1)).to_bytes(octets))
    return found


def _is_filled(payload: bytes, frames: list[bytes], *, wide: bool, aligned: bool) -> bool:
    """Whether the payload holds these frames and nothing but zeros besides (4.3 and 4.4)."""
    if aligned:
        heads = payload[1 : 1 + len(frames)]
        is_blank = not payload[0] & 0x0F and not any(head & 3 for head in heads)
        return is_blank and len(payload) == 1 + sum(map(len, frames))
    used = 4 + sum(6 + (_size(frame[0] >> 3, wide=wide) or 0) for frame in frames)
    left = len(payload) * 8 - used
    return left < 8 and not payload[-1] & ((1 << left) - 1)


def _size(kind: int, *, wide: bool) -> int | None:
    """Bits of a frame of this type; None for types that are not defined."""
    if kind == _NOTHING or (wide and kind == _SPEECH_LOST):
        return 0
    sizes = _WIDE_BITS if wide else _BITS
    return sizes[kind] if kind < len(sizes) else None
