"""A folder of input from which the next turn goes on, kept to a bounded size."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

MOST_FILES = 2000
MOST_BYTES = 16 << 20


def begin(folder: Path, inputs: Iterable[bytes]) -> None:
    """Put the first inputs into the folder, by their hash, as libFuzzer names its own."""
    folder.mkdir(parents=True, exist_ok=True)
    for data in inputs:
        path = folder / hashlib.sha1(data).hexdigest()
        if not path.exists():
            path.write_bytes(data)


def prune(folder: Path) -> int:
    """Remove the longest inputs until the folder is inside its bounds; how many are left."""
    files = sorted((path.stat().st_size, path.name) for path in folder.iterdir() if path.is_file())
    size = 0
    kept = 0
    for length, name in files:
        size += length
        if kept >= MOST_FILES or size > MOST_BYTES:
            (folder / name).unlink()
        else:
            kept += 1
    return kept


def inputs(folder: Path) -> list[bytes]:
    """All inputs, in the order of their names."""
    return [path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()]
