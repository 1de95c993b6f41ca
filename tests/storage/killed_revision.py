"""Run as a program: kill a revision before each thing it does to disk or database, do it again, check."""

import os
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from storage.catalogue import Catalogue, sqlite_url
from storage.encryption.sidecars import open_sidecar
from storage.encryption.target import EncryptedTarget
from storage.intake import Intake
from storage.model import Call
from storage.revision import NewRecording, Revision
from storage.sidecar import read_sidecar
from storage.targets import LocalTarget
from storage.targets.contract import Stored, verify
from tests.storage.encryption.keys import a_keyring
from tests.storage.handoffs import a_recording, hand_off_partly_encrypted
from tests.storage.killed_intake import killed_at_each_step
from tests.storage.sealers import a_sealer

NEW = b"both sides" * 300


@dataclass(frozen=True)
class Scene:
    """A call of which one side was closed and is open now, so that its packets go."""

    root: Path

    @property
    def target(self) -> LocalTarget:
        return LocalTarget(self.root / "archive")

    def prepare(self) -> None:
        hand_off_partly_encrypted(self.root / "handoff", 1)
        catalogue = self.open()
        keys = a_keyring(catalogue)
        Intake(self.root / "handoff", self.target, catalogue, "main", a_sealer(), keys).run_once()
        catalogue.close()
        (self.root / "new.opus").write_bytes(NEW)

    def open(self) -> Catalogue:
        return Catalogue(sqlite_url(self.root / "catalogue.db"))

    def wanted(self, known: Call) -> Call:
        return known.model_copy(update={"recording": a_recording(NEW), "gaps": (), "encrypted": None})

    def run(self) -> None:
        catalogue = self.open()
        revision = Revision(self.target, catalogue, "main", a_sealer(), a_keyring(catalogue))
        (known,) = catalogue.calls.page()
        if known.call.encrypted is None:
            revision.tidy(known.call.id)
        else:
            revision.put(self.wanted(known.call), NewRecording(self.root / "new.opus", b"new peaks"))
        catalogue.close()

    def check(self) -> None:
        catalogue = self.open()
        (known,) = catalogue.calls.page()
        call = known.call
        assert call.recording is not None
        assert call.gaps == ()
        keys = a_keyring(catalogue)
        assert b"".join(EncryptedTarget(self.target, keys).get(call.recording.path)) == NEW
        kinds = [change.kind.value for change in catalogue.changes.after()]
        assert kinds == ["added", "changed"], kinds
        names = {copy.name for copy in known.copies}
        assert len(names) == 4
        for copy in known.copies:
            verify(self.target, Stored(copy.name, copy.bytes, copy.sha256))
        assert {blob.name for blob in self.target.list()} == names
        (sidecar,) = (name for name in names if name.endswith(".json"))
        read = read_sidecar(b"".join(self.target.get(sidecar)))
        key = keys.of_call(call.id)
        assert key
        assert open_sidecar(read, key.data) == call
        first, second = catalogue.seals.of_calls([call.id])[call.id]
        assert (first.number, second.number, second.hash) == (1, 2, read.hash)
        assert read.seal
        assert [place.hash for place in read.seal.supersedes] == [first.hash]
        assert call.encrypted is None
        self.target.sweep(datetime.now(UTC) + timedelta(hours=1))
        catalogue.close()

    def check_meanwhile(self) -> None:
        """Whatever the catalogue names is there, as it says, but for a sidecar that may be ahead."""
        catalogue = self.open()
        (known,) = catalogue.calls.page()
        for copy in known.copies:
            if not copy.name.endswith(".json"):
                verify(self.target, Stored(copy.name, copy.bytes, copy.sha256))
        catalogue.close()


def kill_everywhere(folder: Path) -> int:
    """Kill a run at each of its steps; return how many there were."""
    steps = -1
    for _, scene in killed_at_each_step(folder, Scene):
        scene.check_meanwhile()
        scene.run()
        scene.check()
        steps += 1
    return steps


if __name__ == "__main__":
    os.fsync = lambda _: None
    sys.stdout.write(f"{kill_everywhere(Path(sys.argv[1]))}\n")
