"""Room and speed of the data folder's disk."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from earwitness.host.finding import Finding, warning, well, wrong
from earwitness.settings import Settings

GIB = 1 << 30
SAMPLE = 32 << 20
"""Bytes that are written to measure the disk."""
SLOW_SYNC = 0.1
"""Seconds of one fsync above which handing off calls gets slow."""


def check(settings: Settings) -> Iterator[Finding]:
    """Free space, write speed and fsync time where the data folder is, or will be."""
    folder = existing(settings.data)
    if not os.access(folder, os.W_OK):
        yield wrong("disk", f"{folder} cannot be written", "choose another data folder, or change its owner")
        return
    free = shutil.disk_usage(folder).free
    room = (
        f"{free / GIB:.1f} GiB free in {folder}, about {hours(free, settings.finish.bitrate):,.0f} h of calls"
    )
    if free < GIB:
        yield wrong("disk", room, "make room: capture stops writing when the disk is full")
    elif free < 10 * GIB:
        yield warning("disk", room, "make room soon, or let retention remove old calls earlier")
    else:
        yield well("disk", room)
    yield speed(folder)


def existing(folder: Path) -> Path:
    """The folder itself or its nearest parent that exists."""
    folder = folder.absolute()
    return next(each for each in (folder, *folder.parents) if each.exists())


def hours(free: int, bitrate: int) -> float:
    """Hours of calls of both parties that ``free`` bytes hold at ``bitrate`` bit/s."""
    return free * 8 / bitrate / 3600


def speed(folder: Path) -> Finding:
    """Write and fsync a file, remove it."""
    block = os.urandom(1 << 20)
    with tempfile.TemporaryFile(dir=folder) as file:
        begin = time.perf_counter()
        for _ in range(SAMPLE // len(block)):
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
        rate = SAMPLE / (time.perf_counter() - begin)
        file.write(b"x")
        file.flush()
        begin = time.perf_counter()
        os.fsync(file.fileno())
        sync = time.perf_counter() - begin
    text = f"writes {rate / 1e6:.0f} MB/s to stable storage, one fsync takes {sync * 1000:.1f} ms"
    if sync > SLOW_SYNC:
        return warning("disk speed", text, "use a faster disk for the data folder")
    return well("disk speed", text)
