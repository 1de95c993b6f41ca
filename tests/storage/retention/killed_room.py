"""Run as a program: kill scrubbing, repair and making room before each thing they do, run them again, check.

Prints the number of places where they were killed.
"""

import os
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from storage.archive_names import audio_name
from storage.catalogue import Catalogue, sqlite_url
from storage.retention.lowspace import Proof, Room, make_room
from storage.retention.removing import remove_pending
from storage.scrub.repair import repair_some
from storage.scrub.scrub import scrub_before
from storage.targets import LocalTarget
from storage.targets.contract import Space, Stored, verify
from tests.storage.killed_intake import killed_at_each_step
from tests.storage.retention.archived import NOW, archive, names
from tests.storage.retention.killed_deletion import CHANGES

LACKING = Room(Space(free=9_999, total=100_000), warn_percent=15, free_percent=10)


@dataclass(frozen=True)
class Scene:
    """Two calls on two targets: the sound of one rotten on one of them, that of the other missing there."""

    root: Path

    @property
    def targets(self) -> dict[str, LocalTarget]:
        return {name: LocalTarget(self.root / name) for name in ("local", "disk")}

    def open(self) -> Catalogue:
        return Catalogue(sqlite_url(self.root / "catalogue.db"))

    def prepare(self) -> None:
        self.root.mkdir()
        catalogue = self.open()
        first, second = archive(catalogue, self.targets, range(2))
        (self.root / "disk" / audio_name(first, "opus")).write_bytes(b"rotten")
        self.targets["disk"].delete(audio_name(second, "opus"))
        catalogue.close()

    def run(self) -> None:
        """Read everything back, repair, and let one call move off."""
        catalogue = self.open()
        for name, target in self.targets.items():
            scrub_before(catalogue, name, target, before=NOW, now=NOW, limit=100)
        repair_some(catalogue, self.targets, home="local", now=NOW)
        remove_pending(catalogue, self.targets, now=NOW)
        if len(names(self.targets["local"])) == 6:
            proof = Proof(1, timedelta(days=1))
            make_room(catalogue, self.targets, LACKING, home="local", proof=proof, now=NOW)
        catalogue.close()

    def check(self) -> None:
        """All that the catalogue names is whole, and nothing else lies there; one call has moved."""
        catalogue = self.open()
        named: dict[str, set[str]] = {"local": set(), "disk": set()}
        for found in catalogue.calls.page():
            for copy in found.copies:
                verify(self.targets[copy.target], Stored(copy.name, copy.bytes, copy.sha256))
                assert copy.condition == "good"
                named[copy.target].add(copy.name)
        assert named == {name: names(target) for name, target in self.targets.items()}
        assert [len(found) for found in named.values()] == [5, 6]
        assert catalogue.removals.waiting() == {}
        catalogue.close()


def kill_everywhere(folder: Path) -> int:
    """Kill a run at each of its steps; return how many there were."""
    steps = -1
    for _, scene in killed_at_each_step(folder, Scene, CHANGES):
        scene.run()
        scene.check()
        steps += 1
    return steps


if __name__ == "__main__":
    # A killed process loses nothing that it wrote; only power does. Without syncing this takes seconds.
    os.fsync = lambda _: None
    sys.stdout.write(f"{kill_everywhere(Path(sys.argv[1]))}\n")
