"""How many frames a Speex packet holds (The Speex Codec Manual, 9 and 10)."""

_NARROW = (5, 43, 119, 160, 220, 300, 364, 492, 79)
"""Bits of a narrowband frame by its submode, head included."""
_WIDE = (4, 36, 112, 192, 352)
"""Bits of a high band by its submode, head included."""
_TERMINATOR = 15


def frames(payload: bytes) -> int:
    """Frames of 20 ms; 0 where the packet is malformed or carries requests, which phones do not send."""
    bits = int.from_bytes(payload)
    left = len(payload) * 8
    count = 0
    while left >= 5:
        wide, mode = (bits >> (left - 1)) & 1, (bits >> (left - 5)) & 15
        if wide:
            mode = (bits >> (left - 4)) & 7
            if mode >= len(_WIDE) or not count:
                return 0
            left -= _WIDE[mode]
        elif mode == _TERMINATOR:
            return count
        elif mode < len(_NARROW):
            left -= _NARROW[mode]
            count += 1
        else:
            return 0
        if left < 0:
            return 0
    return count
