"""Run as a program: intake with helpers is killed, or its helpers are; run again, and checked.

Prints in how many places it was killed, and in how many its helpers were. The processes are real ones that
are started each time, so that not every place is tried.
"""

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path

from storage import intake
from storage.carrying import Hands, Parcel, Result, carry, own_hands
from storage.errors import FolderBusy, HelperGone
from storage.helper import Helper
from storage.intake import Intake
from storage.lock import DataFolderLock
from storage.spent import remove_all
from storage.targets.contract import Target
from tests.storage.encryption.keys import a_keyring
from tests.storage.killed_intake import BATCH, KILLED, Scene, kill_before, run_killed
from tests.storage.sealers import a_sealer
from tests.waiting import until

EACH = 11
"""Of the places where somebody may be killed, one in so many is tried."""


@dataclass(frozen=True)
class Helped(Scene):
    """The scene with intake by four processes."""

    def run(self) -> None:
        lock = until(self.locked)
        catalogue = self.open()
        keys = a_keyring(catalogue)
        Intake(self.handoff, self.target, catalogue, "main", a_sealer(), keys, lock=lock).run_once()
        catalogue.close()
        lock.release()

    def locked(self) -> DataFolderLock | None:
        """Helpers of a process that was killed hold the lock until they have noticed."""
        lock = DataFolderLock(self.root, "archive")
        try:
            lock.acquire()
        except FolderBusy:
            return None
        return lock


def carry_and_die(step: int, target: Target, parcels: Sequence[Parcel]) -> list[Result]:
    kill_before(step)
    return carry(target, parcels)


def remove_and_die(step: int, folders: Sequence[Path]) -> list[OSError | None]:
    kill_before(step)
    return remove_all(folders)


@contextmanager
def dying_hands(
    step: int, deaths: list[int], target: Target, lock: DataFolderLock, *, removing: bool
) -> Iterator[Hands]:
    """A helper that dies before its ``step``-th effect; then this process does it, as it would."""
    here = own_hands(target)
    with Helper(lock.shared()) as helper:

        def tried(function: Callable[..., list], instead: Callable[..., list], *given: object) -> list:
            try:
                return helper.call(function, step, *given)
            except HelperGone as error:
                deaths.append(step if str(error).endswith(f" {KILLED}.") else -1)
                return instead(given[-1])

        if removing:
            yield Hands(here.carry, lambda folders: tried(remove_and_die, here.remove, folders))
        else:
            yield Hands(lambda parcels: tried(carry_and_die, here.carry, target, parcels), here.remove)


def scenes(folder: Path) -> Iterator[tuple[int, Helped]]:
    """Copies of one scene, with the step at which somebody is to die."""
    Scene(folder / "template").prepare()
    for step in count(1, EACH):
        scene = Helped(folder / str(step))
        shutil.copytree(folder / "template", scene.root)
        yield step, scene
        shutil.rmtree(scene.root)
    raise AssertionError


def kill_intake(folder: Path) -> int:
    """Kill intake while its helpers live on; return how often."""
    for tried, (step, scene) in enumerate(scenes(folder)):
        died = run_killed(scene, step)
        until(scene.locked).release()
        Scene(scene.root).run()
        scene.check()
        if not died:
            return tried
    raise AssertionError


def kill_helpers(folder: Path, *, removing: bool) -> int:
    """Kill a helper while intake lives on; return how often."""
    deaths: list[int] = []
    for step, scene in scenes(folder):
        intake.helping_hands = partial(dying_hands, step, deaths, removing=removing)
        scene.run()
        scene.check()
        assert -1 not in deaths
        if step not in deaths:
            return len(deaths)
    raise AssertionError


def main(root: Path) -> None:
    """Kill all of them, below ``root``."""
    # A killed process loses nothing that it wrote; only power does. Without syncing this takes seconds.
    os.fsync = lambda _: None
    intake._BATCH, intake._MANY = BATCH, 1
    killed = kill_intake(root / "intake")
    helpers = kill_helpers(root / "carrying", removing=False) + kill_helpers(root / "removing", removing=True)
    sys.stdout.write(f"{killed} {helpers}\n")


if __name__ == "__main__":
    # Under its own name, by which helpers find its functions.
    from tests.storage import killed_helpers

    killed_helpers.main(Path(sys.argv[1]))
