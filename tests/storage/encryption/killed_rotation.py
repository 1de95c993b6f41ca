"""Run as a program: kill a rotation before each thing it does to disk or database, turn it to one of the two
master keys, check.

Prints the number of places where it was killed.
"""

import os
import sys
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from storage.catalogue import Catalogue, sqlite_url
from storage.catalogue.key_changes import GRACE
from storage.clock import utc_now
from storage.copies.backlog import Backlog
from storage.copies.copier import Copier
from storage.copies.placement import Placement
from storage.encryption.keyring import KeyMaker, KeyOpener
from storage.encryption.masterkey import MasterKey
from storage.encryption.rotation import Rotation
from storage.encryption.wrapping import read_document
from storage.intake import Intake
from storage.retention.deletion import Deletion
from storage.retention.removing import remove_pending
from storage.targets import LocalTarget
from storage.targets.contract import Stored, verify
from tests.storage.encryption.keys import a_keyring, a_master
from tests.storage.handoffs import hand_off
from tests.storage.killed_intake import killed_at_each_step, run_killed
from tests.storage.sealers import a_sealer
from tests.storage.targets.contract import content

CHANGES = ("INSERT", "UPDATE", "DELETE")
PLACEMENT = Placement(("disk",))


@dataclass(frozen=True)
class Scene:
    """Three encrypted calls on two targets, whose keys are wrapped anew for ``goal``; with ``erases``, the
    last of them is erased while its key is put on the second target."""

    root: Path
    goal: MasterKey
    erases: bool = False

    @property
    def targets(self) -> dict[str, LocalTarget]:
        return {name: LocalTarget(self.root / name) for name in ("home", "disk")}

    def open(self) -> Catalogue:
        return Catalogue(sqlite_url(self.root / "catalogue.db"))

    def prepare(self) -> None:
        for number in range(3):
            hand_off(self.root / "handoff", number)
        catalogue = self.open()
        keys = a_keyring(catalogue)
        home = self.targets["home"]
        assert Intake(self.root / "handoff", home, catalogue, "home", a_sealer(), keys).run_once() == 3
        backlog = Backlog(catalogue, PLACEMENT, "home")
        while backlog.fill("disk", utc_now()):
            pass
        assert len(Copier(catalogue, self.targets, PLACEMENT, "home").batch("disk").copied) == 3
        catalogue.close()

    def run(self) -> None:
        catalogue = self.open()
        targets = self.targets
        if self.erases:
            targets["home"] = _Erasing(self.root / "home", catalogue, targets)
        opener = KeyOpener([a_master(1), a_master(2)])
        rotation = Rotation(catalogue, targets, opener, KeyMaker(self.goal))
        assert [item for item in rotation.run() if item.reason] == []
        assert rotation.pending() == 0
        catalogue.close()

    def check(self) -> None:
        catalogue = self.open()
        remove_pending(catalogue, self.targets, now=utc_now() + GRACE + timedelta(hours=1))
        assert catalogue.removals.waiting() == {}
        rows = {found.call.id: catalogue.keys.get(found.call.id) for found in catalogue.calls.page()}
        for name, target in self.targets.items():
            blobs = [one.name for one in target.list() if one.name.endswith(".key")]
            assert {Path(blob).stem for blob in blobs} == set(rows), name
            for blob in blobs:
                document = rows[Path(blob).stem].document
                assert content(target, blob) == document.encode(), (name, blob)
                assert KeyOpener([self.goal]).open(read_document(document))
        for found in catalogue.calls.page():
            for copy in found.copies:
                verify(self.targets[copy.target], Stored(copy.name, copy.bytes, copy.sha256))
        catalogue.close()


class _Erasing(LocalTarget):
    """Where a call is erased, and removed everywhere, just before its key comes."""

    def __init__(self, root: Path, catalogue: Catalogue, others: dict[str, LocalTarget]) -> None:
        super().__init__(root)
        self._catalogue = catalogue
        self._others = others

    def put_many(self, blobs):
        for name, _ in blobs:
            call_id = Path(name).stem
            if name.endswith(".key") and call_id == max(f.call.id for f in self._catalogue.calls.page()):
                now = utc_now()
                Deletion(self._catalogue).again({call_id: "erasure: asked for"}, by="ben", now=now)
                remove_pending(self._catalogue, self._others, now=now)
        return super().put_many(blobs)


def kill_everywhere(folder: Path, *, erases: bool) -> int:
    """Kill a run at each of its steps, sometimes the next run too, and end with each of the two master keys
    in turn; return how many steps there were."""
    forth, back = a_master(2), a_master(1)
    step = 0
    for step, scene in killed_at_each_step(folder, lambda root: Scene(root, forth, erases), CHANGES):
        last = replace(scene, goal=back if step % 2 else forth, erases=False)
        if step % 3 == 0:
            run_killed(last, step * 7 % 31 + 1, CHANGES)
        last.run()
        last.check()
    return step - 1


if __name__ == "__main__":
    # A killed process loses nothing that it wrote; only power does. Without syncing this takes seconds.
    os.fsync = lambda _: None
    sys.stdout.write(f"{kill_everywhere(Path(sys.argv[1]), erases=len(sys.argv) > 2)}\n")
