"""EVRC in RTP payloads (RFC 3558): frames of 20 ms, alone or in bundles."""

FRAME_BYTES = {0: 0, 1: 2, 3: 10, 4: 22, 5: 0}
"""Bytes of a frame by its type: blank, eighth, half and full rate, erasure (RFC 3558, 5.1)."""
_HEAD = 2


def bundled(payload: bytes) -> list[bytes]:
    """The frames of an interleaved/bundled payload (4.1); none where it is malformed or interleaved.

    Blank and erased frames have no bytes.
    """
    if len(payload) < _HEAD or payload[0] >> 3 & 7:
        return []
    count = (payload[1] & 0x1F) + 1
    at = _HEAD + (count + 1) // 2
    nibbles = [half for byte in payload[_HEAD:at] for half in (byte >> 4, byte & 15)][:count]
    sizes = [FRAME_BYTES.get(nibble, -1) for nibble in nibbles]
    if len(sizes) < count or min(sizes) < 0 or at + sum(sizes) != len(payload):
        return []
    frames = []
    for size in sizes:
        frames.append(payload[at : at + size])
        at += size
    return frames


def single(payload: bytes) -> list[bytes]:
    """The one frame of a payload without a header (4.2), told by its size."""
    return [payload] if payload and len(payload) in FRAME_BYTES.values() else []
