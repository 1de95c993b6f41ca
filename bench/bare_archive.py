"""What the disk alone asks for archiving calls: the same files, written, synced, named and read back."""

import hashlib
import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

SMALL = (100, 600, 3000)
"""Bytes of waveform, key and sidecar, about."""
_BATCH, _AT_ONCE = 256, 8


def bare_archive(folder: Path, calls: int, audio: int) -> tuple[float, float]:
    """Seconds and processor seconds of putting the files of encrypted calls into ``folder``.

    Files are synced before they get their names, side by side and in batches, as intake does it; nothing is
    encrypted, sealed or noted anywhere, and no hand-off is removed.
    """
    folder.mkdir(parents=True)
    contents = [os.urandom(size) for size in (audio, *SMALL)]
    wall, processor = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for first in range(0, calls, _BATCH):
            paths = []
            for call in range(first, min(first + _BATCH, calls)):
                for kind, data in enumerate(contents):
                    paths.append(folder / f".{call}.{kind}")
                    paths[-1].write_bytes(data)
            list(pool.map(_sync, [paths[at::_AT_ONCE] for at in range(_AT_ONCE)]))
            named = [path.rename(folder / path.name[1:]) for path in paths]
            _sync([folder])
            for path in named:
                hashlib.sha256(path.read_bytes()).digest()
    return time.perf_counter() - wall, time.process_time() - processor


def _sync(paths: Sequence[Path]) -> None:
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
