"""Run as a program: kill retention before each thing it does to disk or database, run it again, check.

Prints the number of places where it was killed.
"""

import os
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from storage.catalogue import Catalogue, sqlite_url
from storage.retention.apply import apply_erasures, apply_retention
from storage.retention.erasures import Erasures, ErasureState
from storage.retention.holds import Holds
from storage.retention.removing import remove_pending
from storage.targets import LocalTarget
from storage.targets.contract import Stored, verify
from tests.storage.killed_intake import killed_at_each_step, run_killed
from tests.storage.retention.archived import NOW, archive, names, rule

CHANGES = ("INSERT", "UPDATE", "DELETE")
OLD, HELD, YOUNG, ERASED = 0, 1, 99, 98


@dataclass(frozen=True)
class Scene:
    """Two targets with a call that is over, one held, one young, and one to be erased."""

    root: Path

    @property
    def targets(self) -> dict[str, LocalTarget]:
        return {name: LocalTarget(self.root / name) for name in ("local", "disk")}

    def open(self) -> Catalogue:
        return Catalogue(sqlite_url(self.root / "catalogue.db"))

    def prepare(self) -> None:
        self.root.mkdir()
        catalogue = self.open()
        calls = archive(catalogue, self.targets, (OLD, HELD, YOUNG, ERASED))
        rule(catalogue, 50)
        Holds(catalogue).place("Court", "court", by="anna", now=NOW, call_ids=[calls[1].id])
        asked = Erasures(catalogue).request([calls[3].id], "asked", by="anna", now=NOW)
        Erasures(catalogue).approve(asked.id, "ben", NOW)
        catalogue.close()

    def run(self) -> None:
        catalogue = self.open()
        apply_erasures(catalogue, now=NOW)
        apply_retention(catalogue, by="system", now=NOW)
        remove_pending(catalogue, self.targets, now=NOW)
        catalogue.close()

    def check(self) -> None:
        catalogue = self.open()
        left = catalogue.calls.page()
        assert len(left) == 2, left
        kept = {copy.name for found in left for copy in found.copies}
        for found in left:
            assert len(found.copies) == 6
            for copy in found.copies:
                verify(self.targets[copy.target], Stored(copy.name, copy.bytes, copy.sha256))
        assert [names(target) for target in self.targets.values()] == [kept, kept]
        assert catalogue.removals.waiting() == {}
        told = Counter(change.call_id for change in catalogue.changes.after() if change.kind == "deleted")
        assert sorted(told.values()) == [1, 1], told
        assert len(catalogue.audit.page(action="call.delete")) == 2
        assert catalogue.audit.verify().intact
        assert [each.state for each in Erasures(catalogue).page()] == [ErasureState.DONE]
        catalogue.close()


def kill_everywhere(folder: Path) -> int:
    """Kill a run at each of its steps, and sometimes the next run too; return how many steps there were."""
    step = 0
    for step, scene in killed_at_each_step(folder, Scene, CHANGES):
        if step % 3 == 0:
            run_killed(scene, step * 7 % 31 + 1, CHANGES)
        scene.run()
        scene.check()
    return step - 1


if __name__ == "__main__":
    # A killed process loses nothing that it wrote; only power does. Without syncing this takes seconds.
    os.fsync = lambda _: None
    sys.stdout.write(f"{kill_everywhere(Path(sys.argv[1]))}\n")
