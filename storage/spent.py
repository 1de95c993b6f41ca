"""Hand-offs whose calls are archived: removed, many side by side, for some disks are slow to free a file."""

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

_DONE = ".done-"
_AT_ONCE = 16


def remove_all(folders: Sequence[Path]) -> list[OSError | None]:
    """Remove these hand-offs; for each why that could not be done, if so. May be done again after a kill."""
    return _side_by_side(_removed, folders)


def sweep(handoff: Path) -> Iterator[tuple[Path, OSError]]:
    """Remove what a kill in ``remove_all`` left in the hand-off folder; say of what cannot be removed why."""
    left_over = sorted(handoff.glob(f"{_DONE}*"))
    for folder, error in zip(left_over, _side_by_side(_gone, left_over), strict=True):
        if error is not None:
            yield folder, error


def _side_by_side(remove: Callable[[Path], OSError | None], folders: Sequence[Path]) -> list[OSError | None]:
    """What ``remove`` says of each. A thread takes many: handing one over costs as much as removing it."""
    results: list[OSError | None] = [None] * len(folders)
    at_once = min(_AT_ONCE, len(folders))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        shares = pool.map(
            lambda first: [remove(folder) for folder in folders[first::at_once]], range(at_once)
        )
        for first, found in enumerate(shares):
            results[first::at_once] = found
    return results


def _removed(folder: Path) -> OSError | None:
    # Renamed first: a folder that is half removed would look damaged after a kill.
    done = folder.with_name(f"{_DONE}{folder.name}")
    try:
        folder.rename(done)
    except FileNotFoundError:
        return _gone(done) if done.exists() else None
    except OSError as error:
        return error
    return _gone(done)


def _gone(folder: Path) -> OSError | None:
    try:
        _remove_files(folder)
        folder.rmdir()
    except OSError:
        return _gone_with_folders(folder)
    return None


def _remove_files(folder: Path) -> None:
    """As ``rmtree`` where there are only files, which it is in a hand-off, in a third of the time."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        for name in os.listdir(opened):  # noqa: PTH208 - of a descriptor: nobody can put a link there
            os.unlink(name, dir_fd=opened)
    finally:
        os.close(opened)


def _gone_with_folders(folder: Path) -> OSError | None:
    try:
        shutil.rmtree(folder)
    except OSError as error:
        return error
    return None
