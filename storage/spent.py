"""Hand-offs whose calls are archived: removed, many side by side, for some disks are slow to free a file."""

import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

_DONE = ".done-"
_AT_ONCE = 16


def remove_all(folders: Sequence[Path]) -> list[OSError | None]:
    """Remove these hand-offs; for each why that could not be done, if so."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(_removed, folders))


def sweep(handoff: Path) -> Iterator[tuple[Path, OSError]]:
    """Remove what a kill in ``remove_all`` left in the hand-off folder; say of what cannot be removed why."""
    left_over = sorted(handoff.glob(f"{_DONE}*"))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for folder, error in zip(left_over, pool.map(_gone, left_over), strict=True):
            if error is not None:
                yield folder, error


def _removed(folder: Path) -> OSError | None:
    # Renamed first: a folder that is half removed would look damaged after a kill.
    done = folder.with_name(f"{_DONE}{folder.name}")
    try:
        folder.rename(done)
    except OSError as error:
        return error
    return _gone(done)


def _gone(folder: Path) -> OSError | None:
    try:
        shutil.rmtree(folder)
    except OSError as error:
        return error
    return None
