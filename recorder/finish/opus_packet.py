"""Opus packets (RFC 6716, 3) and their self-delimiting form (appendix B), as multistream packets need it."""

from collections.abc import Sequence


def _length_code(length: int) -> bytes:
    if length < 252:
        return bytes((length,))
    first = 252 + (length & 3)
    return bytes((first, (length - first) >> 2))


_LONGEST = 5760
_LENGTH_CODES = [_length_code(length) for length in range(1276)]


def multistream(streams: Sequence[Sequence[bytes]]) -> list[bytes]:
    """Packets of all streams together (RFC 7845, 3): in each, every part but the last says how long it is.

    ``streams`` are equally long.
    """
    joined = list(streams[-1])
    for stream in reversed(streams[:-1]):
        joined = [delimited(first) + rest for first, rest in zip(stream, joined, strict=True)]
    return joined


def delimited(packet: bytes) -> bytes:
    """The packet in self-delimiting form; it must be one that an encoder made."""
    code = packet[0] & 3
    if code == 0:
        return packet[:1] + _LENGTH_CODES[len(packet) - 1] + packet[1:]
    if code == 1:
        return packet[:1] + _LENGTH_CODES[(len(packet) - 1) // 2] + packet[1:]
    if code == 2:
        first, at = _read_length(packet, 1)
        return packet[:at] + _LENGTH_CODES[len(packet) - at - first] + packet[at:]
    return _delimited_many(packet)


def _delimited_many(packet: bytes) -> bytes:
    """Code 3: any number of frames, with or without padding."""
    frames, variable, padded = packet[1] & 0x3F, packet[1] & 0x80, packet[1] & 0x40
    at, padding = 2, 0
    while padded:
        value = packet[at]
        at += 1
        padding += 254 if value == 255 else value
        padded = value == 255
    known = 0
    if variable:
        for _ in range(frames - 1):
            length, at = _read_length(packet, at)
            known += length
        last = len(packet) - at - padding - known
    else:
        last = (len(packet) - at - padding) // frames
    return packet[:at] + _LENGTH_CODES[last] + packet[at:]


def _read_length(packet: bytes, at: int) -> tuple[int, int]:
    if packet[at] < 252:
        return packet[at], at + 1
    return packet[at + 1] * 4 + packet[at], at + 2


def duration(packet: bytes) -> int:
    """Samples at 48 kHz in a packet of at most 120 ms (RFC 6716, 3.1 and 3.2); 0 where it cannot be one."""
    if not packet:
        return 0
    config, code = packet[0] >> 3, packet[0] & 3
    count = (1, 2, 2, packet[1] & 0x3F if len(packet) > 1 else 0)[code]
    if config < 12:
        samples = (480, 960, 1920, 2880)[config & 3]
    elif config < 16:
        samples = (480, 960)[config & 1]
    else:
        samples = (120, 240, 480, 960)[config & 3]
    return samples * count if samples * count <= _LONGEST else 0
