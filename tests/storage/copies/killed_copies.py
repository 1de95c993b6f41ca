"""Run as a program: copy calls to two targets, killed at a hundred random places, and check what is there.

Prints how often it was killed and how many calls there are. The copier is forked, so that each of the many
runs starts with everything imported; it is a program of its own because forking the test runner is not safe.
"""

import os
import random
import signal
import sys
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.engine import Engine

from storage.catalogue import Catalogue, sqlite_url
from storage.targets import LocalTarget
from tests.storage.copies.centre import Centre

KILLS = 100
BATCH = 3
SYSTEM_CALLS = ("link", "replace", "rename", "unlink", "mkdir", "fsync", "open")
PAUSE = timedelta(minutes=2)
"""More than a claim lasts: the next copier need not wait for the dead one's."""


class Ground:
    """A data folder with two targets beside it. The connections to the catalogue are closed before a fork."""

    def __init__(self, root: Path) -> None:
        targets = {name: LocalTarget(root / name) for name in ("nas", "usb")}
        self._catalogue = Catalogue(sqlite_url(root / "catalogue.db"))
        self.centre = Centre(self._catalogue, targets, LocalTarget(root / "home"))

    def archive(self, *numbers: int) -> None:
        self.centre.archive(*numbers, size=200)
        self._catalogue.close()

    def copy(self) -> None:
        for name in self.centre.placement.targets:
            self.centre.copy(name, limit=BATCH)
        self._catalogue.close()

    def finish(self) -> int:
        """Copy the rest, and check all of it; how many calls there are."""
        calls = self._catalogue.calls.count()
        for name in self.centre.placement.targets:
            self.centre.later(hours=1)
            self.centre.copy_all(name)
            target = self.centre.targets[name]
            assert isinstance(target, LocalTarget)
            target.sweep(datetime.now(UTC) + PAUSE)
            self.centre.check(name)
            files = [path for path in target.root.rglob("*") if path.is_file()]
            assert len(files) == 3 * calls, files
        self._catalogue.close()
        return calls


def kill_before(step: int) -> None:
    """Kill this process before the thing of this number that it does to disk or database, from any thread."""
    steps = count()

    def tick(*_args: object) -> None:
        if next(steps) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", lambda *args: tick())
    event.listen(Engine, "commit", tick)
    for name in SYSTEM_CALLS:
        original = getattr(os, name)

        def counted(*args, _original=original, **kwargs):  # type: ignore[no-untyped-def]
            tick()
            return _original(*args, **kwargs)

        setattr(os, name, counted)


def killed(ground: Ground, step: int) -> bool:
    """Whether the copier was killed; False where it came to its end before."""
    child = os.fork()
    if child == 0:
        kill_before(step)
        ground.copy()
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0
    return False


def main(root: Path) -> None:
    ground = Ground(root)
    ground.archive(0)
    ground.copy()
    chance = random.Random(4)
    kills = 0
    for number in count(1):
        ground.archive(number)
        while killed(ground, chance.randrange(5, 150)):
            kills += 1
            ground.centre.now += PAUSE
        if kills >= KILLS:
            break
    sys.stdout.write(f"{kills} {ground.finish()}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
