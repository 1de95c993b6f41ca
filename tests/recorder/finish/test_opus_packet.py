"""Self-delimiting packets: read back by the rules of RFC 6716, appendix B."""

import pytest

from recorder.finish.opus_packet import delimited, multistream


def frames_of(packet):
    """The frames of a self-delimiting packet and what follows it."""

    def length(at):
        return (packet[at], at + 1) if packet[at] < 252 else (packet[at + 1] * 4 + packet[at], at + 2)

    code, at = packet[0] & 3, 1
    if code == 0:
        sizes, padding = [0], 0
        sizes[0], at = length(at)
    elif code == 1:
        size, at = length(at)
        sizes, padding = [size, size], 0
    elif code == 2:
        first, at = length(at)
        second, at = length(at)
        sizes, padding = [first, second], 0
    else:
        count, variable, padded = packet[1] & 0x3F, packet[1] & 0x80, packet[1] & 0x40
        at, padding = 2, 0
        while padded:
            value, at = packet[at], at + 1
            padding += 254 if value == 255 else value
            padded = value == 255
        sizes = []
        for _ in range(count if variable else 1):
            size, at = length(at)
            sizes.append(size)
        sizes = sizes if variable else sizes * count
    found = []
    for size in sizes:
        found.append(packet[at : at + size])
        at += size
    return found, packet[at + padding :]


@pytest.mark.parametrize("size", [0, 1, 251, 252, 253, 255, 256, 500, 1275])
def test_one_frame(size):
    frame = bytes(range(256)) * 5
    assert frames_of(delimited(b"\x18" + frame[:size]) + b"rest") == ([frame[:size]], b"rest")


@pytest.mark.parametrize(
    ("packet", "frames"),
    [
        (b"\x19" + b"ab" + b"cd", [b"ab", b"cd"]),
        (b"\x1a" + b"\x03" + b"abc" + b"d", [b"abc", b"d"]),
        (b"\x1b" + b"\x03" + b"abcdef", [b"ab", b"cd", b"ef"]),
        (b"\x1b" + b"\x83" + b"\x01\x02" + b"abbccc", [b"a", b"bb", b"ccc"]),
        (b"\x1b" + b"\xc2" + b"\x03" + b"\x01" + b"abb" + b"\0\0\0", [b"a", b"bb"]),
        (b"\x1b" + b"\x41" + b"\xff\x01" + b"ab" + bytes(255), [b"ab"]),
    ],
)
def test_several_frames(packet, frames):
    assert frames_of(delimited(packet) + b"rest") == (frames, b"rest")


def test_streams_are_joined_packet_by_packet():
    joined = multistream([[b"\x18a", b"\x18bb"], [b"\x18c", b"\x18"], [b"\x18d", b"\x18e"]])
    assert joined == [b"\x18\x01a\x18\x01c\x18d", b"\x18\x02bb\x18\x00\x18e"]
