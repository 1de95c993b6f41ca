"""Builders of capture files, byte by byte, and the frames that a tap makes of them."""

import struct
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from recorder.taps.capture_file import CaptureFileTap


class Frame(NamedTuple):
    """A captured frame; ``time`` in nanoseconds, ``wire_length`` 0 for the captured one."""

    data: bytes
    time: int = 1_795_289_146_236_817_001
    wire_length: int = 0
    link_type: int = 1


def pcap(frames: Iterable[Frame], order: str = "<", fractions: int = 10**9, link_type: int = 1) -> bytes:
    """A pcap file."""
    magic = 0xA1B23C4D if fractions == 10**9 else 0xA1B2C3D4
    return struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, link_type) + b"".join(
        pcap_record(frame, order, fractions) for frame in frames
    )


def pcap_record(frame: Frame, order: str = "<", fractions: int = 10**9) -> bytes:
    """One record of a pcap file."""
    seconds, rest = divmod(frame.time, 10**9)
    wire_length = frame.wire_length or len(frame.data)
    head = struct.pack(order + "IIII", seconds, rest * fractions // 10**9, len(frame.data), wire_length)
    return head + frame.data


def block(kind: int, content: bytes, order: str = "<") -> bytes:
    """A pcapng block around its content."""
    content += bytes(-len(content) % 4)
    length = struct.pack(order + "I", len(content) + 12)
    return struct.pack(order + "I", kind) + length + content + length


def section(order: str = "<") -> bytes:
    """A section header block without options."""
    return block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order)


def interface(
    link_type: int = 1, snap_length: int = 0, options: Sequence[tuple[int, bytes]] = (), order: str = "<"
) -> bytes:
    """An interface description block; ``options`` are (code, value)."""
    parts = [struct.pack(order + "HHI", link_type, 0, snap_length)]
    for code, value in options:
        parts.append(struct.pack(order + "HH", code, len(value)) + value + bytes(-len(value) % 4))
    if options:
        parts.append(bytes(4))
    return block(1, b"".join(parts), order)


def enhanced(frame: Frame, ticks: int | None = None, number: int = 0, order: str = "<") -> bytes:
    """An enhanced packet block; ``ticks`` are microseconds of the frame's time where not given."""
    ticks = frame.time // 1000 if ticks is None else ticks
    sizes = (len(frame.data), frame.wire_length or len(frame.data))
    head = struct.pack(order + "IIIII", number, ticks >> 32, ticks & 0xFFFFFFFF, *sizes)
    return block(6, head + frame.data, order)


def simple(frame: Frame, order: str = "<") -> bytes:
    """A simple packet block."""
    return block(3, struct.pack(order + "I", frame.wire_length or len(frame.data)) + frame.data, order)


def old(frame: Frame, number: int = 0, order: str = "<") -> bytes:
    """An obsolete packet block with 5 dropped packets before it."""
    ticks = frame.time // 1000
    sizes = (len(frame.data), frame.wire_length or len(frame.data))
    head = struct.pack(order + "HHIIII", number, 5, ticks >> 32, ticks & 0xFFFFFFFF, *sizes)
    return block(2, head + frame.data, order)


def write(folder: Path, content: bytes, name: str = "capture.pcap") -> Path:
    """A file with this content."""
    path = folder / name
    path.write_bytes(content)
    return path


def read(path: Path, batch_bytes: int = 4 << 20) -> tuple[list[Frame], str]:
    """All frames that a tap delivers, and what it says is damaged."""
    with CaptureFileTap(path, batch_bytes) as tap:
        found = []
        for batch in tap:
            for row in range(len(batch)):
                start, length = int(batch.offsets[row]), int(batch.lengths[row])
                data = batch.data[start : start + length].tobytes()
                found.append(
                    Frame(data, int(batch.times[row]), int(batch.wire_lengths[row]), batch.link_type)
                )
        return found, tap.damage
