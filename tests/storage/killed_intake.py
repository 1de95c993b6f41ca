"""Run as a program: kill intake before each thing it does to disk or database, run it again, check.

Prints the number of places where it was killed. The child that is killed is forked, so that each of the many
runs starts with everything imported; it is a program of its own because forking the test runner is not safe.
"""

import os
import shutil
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Protocol, TypeVar

from sqlalchemy import event
from sqlalchemy.engine import Engine

from storage import intake
from storage.catalogue import Catalogue, CatalogueCall, sqlite_url
from storage.encryption.blob import is_encrypted
from storage.encryption.target import EncryptedTarget
from storage.intake import Intake
from storage.sidecar import read_sidecar
from storage.targets import LocalTarget
from storage.targets.contract import Stored, verify
from tests.storage.encryption.keys import a_keyring
from tests.storage.handoffs import a_call, hand_off, hand_off_call, hand_off_encrypted
from tests.storage.sealers import a_sealer

KILLED = 9
BATCH = 3
"""Fewer than there are hand-offs: while some are archived, the next are looked at and the last removed."""
OLD, NEW, SILENT, BAD, CLOSED = range(5)
SYSTEM_CALLS = ("link", "replace", "rename", "unlink", "rmdir", "mkdir", "fsync")


class Runnable(Protocol):
    """What can be run and killed."""

    def run(self) -> None:
        """Do all of it."""


class Prepared(Runnable, Protocol):
    """A scene in a folder of its own."""

    @property
    def root(self) -> Path: ...

    def prepare(self) -> None: ...


_Scene = TypeVar("_Scene", bound=Prepared)


@dataclass(frozen=True)
class Scene:
    """A data folder with hand-offs: one archived before, one new, one silent, one damaged, one encrypted."""

    root: Path

    @property
    def handoff(self) -> Path:
        return self.root / "handoff"

    @property
    def target(self) -> LocalTarget:
        return LocalTarget(self.root / "archive")

    def prepare(self) -> None:
        hand_off(self.handoff, OLD)
        self.run()
        hand_off(self.handoff, OLD)
        hand_off(self.handoff, NEW)
        hand_off_call(self.handoff, a_call(SILENT), None)
        hand_off_call(self.handoff, a_call(BAD, audio=b"promised"), b"delivered")
        hand_off_encrypted(self.handoff, CLOSED)

    def open(self) -> Catalogue:
        return Catalogue(sqlite_url(self.root / "catalogue.db"))

    def run(self) -> None:
        catalogue = self.open()
        keys = a_keyring(catalogue)
        Intake(self.handoff, self.target, catalogue, "main", a_sealer(), keys).run_once()
        catalogue.close()

    def check(self) -> None:
        catalogue = self.open()
        archived = [a_call(number).id for number in (OLD, NEW, SILENT, CLOSED)]
        assert catalogue.calls.count() == 4
        changes = Counter((change.call_id, change.kind) for change in catalogue.changes.after())
        assert changes == Counter((call_id, "added") for call_id in archived), changes
        found = catalogue.calls.get_many(archived)
        names = set()
        for item in found:
            for copy in item.copies:
                verify(self.target, Stored(copy.name, copy.bytes, copy.sha256))
                names.add(copy.name)
        assert [len(item.copies) for item in found] == [4, 4, 2, 3]
        self.check_plaintext(catalogue, found)
        self.check_seals(catalogue)
        assert (kept := found[-1].call.encrypted)
        assert kept.path in names
        assert {blob.name for blob in self.target.list()} == names
        self.target.sweep(datetime.now(UTC) + timedelta(hours=1))
        files = [path for path in (self.root / "archive").rglob("*") if path.is_file()]
        assert len(files) == len(names), files
        assert [path.name for path in self.handoff.iterdir()] == [".rejected"]
        (rejected,) = (self.handoff / ".rejected").iterdir()
        assert rejected.name == f"{a_call(BAD).id}-1"
        assert (rejected / "audio.opus").read_bytes() == b"delivered"
        assert {"call.json", "rejected.json", "peaks.dat"} < {path.name for path in rejected.iterdir()}
        catalogue.close()

    def check_plaintext(self, catalogue: Catalogue, found: list[CatalogueCall]) -> None:
        """Nothing that was heard lies in clear, and the keys of the catalogue open all of it."""
        assert catalogue.keys.count() == 4
        opened = EncryptedTarget(self.target, a_keyring(catalogue))
        for item in found:
            for blob in (item.call.recording, item.call.encrypted):
                if blob is not None:
                    verify(opened, Stored(blob.path, blob.bytes, blob.sha256))
                    assert is_encrypted(b"".join(self.target.get(blob.path)))

    def check_seals(self, catalogue: Catalogue) -> None:
        """One chain without holes, and each call bears the seal that the catalogue knows."""
        chain = catalogue.seals.page(a_sealer().chain)
        assert [row.number for row in chain] == [1, 2, 3, 4], chain
        assert [row.previous for row in chain] == ["0" * 64, *(row.hash for row in chain[:-1])]
        borne = {}
        for blob in self.target.list():
            if blob.name.endswith(".json"):
                sidecar = read_sidecar(b"".join(self.target.get(blob.name)))
                borne[sidecar.call_id] = sidecar.hash
        assert borne == {row.call_id: row.hash for row in chain}


def kill_before(step: int, statements: tuple[str, ...] = ("",)) -> None:
    """From now on this process dies before its ``step``-th effect on disk or database, counted from 1.

    Of the statements to the database those count that begin so.
    """
    left = iter(range(step - 1))

    def tick(*_: object) -> None:
        if next(left, None) is None:
            os._exit(KILLED)

    def tick_at(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith(statements):
            tick()

    def ticking(call: Callable[..., object]) -> Callable[..., object]:
        def wrapped(*args: object, **options: object) -> object:
            tick()
            return call(*args, **options)

        return wrapped

    for name in SYSTEM_CALLS:
        setattr(os, name, ticking(getattr(os, name)))
    event.listen(Engine, "begin", tick)
    event.listen(Engine, "before_cursor_execute", tick_at)
    event.listen(Engine, "commit", tick)


def run_killed(scene: Runnable, step: int, statements: tuple[str, ...] = ("",)) -> bool:
    """Run intake in a child that dies before its ``step``-th effect; whether it died."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            kill_before(step, statements)
            scene.run()
            status = 0
        except Exception:
            traceback.print_exc()
            raise
        finally:
            os._exit(status)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in {0, KILLED}, code
    return code == KILLED


def killed_at_each_step(
    folder: Path, scene_at: Callable[[Path], _Scene], statements: tuple[str, ...] = ("",)
) -> Iterator[tuple[int, _Scene]]:
    """Each step of a run with a scene of which a run died there; at last with one that came to its end."""
    scene_at(folder / "template").prepare()
    for step in count(1):
        scene = scene_at(folder / str(step))
        shutil.copytree(folder / "template", scene.root)
        died = run_killed(scene, step, statements)
        yield step, scene
        shutil.rmtree(scene.root)
        if not died:
            return


def kill_everywhere(folder: Path) -> int:
    """Kill a run at each of its steps, and sometimes the next run too; return how many steps there were."""
    step = 0
    for step, scene in killed_at_each_step(folder, Scene):
        if step % 3 == 0:
            run_killed(scene, step * 7 % 31 + 1)
        scene.run()
        scene.check()
    return step - 1


if __name__ == "__main__":
    # A killed process loses nothing that it wrote; only power does. Without syncing this takes seconds.
    os.fsync = lambda _: None
    intake._BATCH = BATCH
    sys.stdout.write(f"{kill_everywhere(Path(sys.argv[1]))}\n")
