"""A disk that is really full: a small one, mounted for one process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import storage


def may_mount() -> bool:
    command = ["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return os.geteuid() == 0 and subprocess.run(command, capture_output=True, check=False).returncode == 0


pytestmark = [
    pytest.mark.root,
    pytest.mark.skipif(not may_mount(), reason="needs root that may mount a small disk"),
]

TARGET = """
import os
from pathlib import Path
from storage.errors import DiskFull
from storage.targets import LocalTarget
disk, source = Path("disk"), Path("source")
source.write_bytes(os.urandom(100_000))
target = LocalTarget(disk)
kept = 0
try:
    while True:
        target.put(f"2026/{kept}", source)
        kept += 1
except DiskFull as error:
    print(error)
assert [blob.bytes for blob in target.list()] == [100_000] * kept
assert sorted(path.name for path in (disk / "2026").iterdir()) == sorted(str(n) for n in range(kept))
target.delete("2026/0")
target.put("2026/again", source)
print(kept)
"""

INTAKE = """
from pathlib import Path
from storage.catalogue import Catalogue, sqlite_url
from storage import intake as module
from storage.errors import DiskFull
from storage.intake import Intake
from storage.lock import DataFolderLock
from storage.targets import LocalTarget
from tests.storage.handoffs import hand_off
from tests.storage.sealers import a_sealer
archive, database = Path("ARCHIVE"), Path("DATABASE")
filler = Path("disk/filler")
catalogue = Catalogue(sqlite_url(database / "catalogue.db"))
lock = DataFolderLock(Path(), "archive")
lock.acquire()
module._BATCH, module._MANY = 16, ENOUGH
intake = Intake(Path("handoff"), LocalTarget(archive), catalogue, "main", a_sealer(), lock=lock)
for number in range(40):
    hand_off(Path("handoff"), number, 20_000)
try:
    with filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(10_000))
except OSError:
    pass
filler.open("r+b").truncate(filler.stat().st_size - 100_000)
try:
    intake.run_once()
except DiskFull as error:
    print(error)
left = set(intake.pending())
taken = {item.call.id for item in catalogue.calls.iterate()}
assert len(left) + len(taken) == 40 and not left & taken, (len(left), len(taken))
filler.unlink()
assert intake.run_once() == len(left) > 0
assert catalogue.calls.count() == 40
print(len(left))
"""


def run_on_a_small_disk(folder: Path, program: str) -> list[str]:
    """Run ``program`` with ``disk`` being a file system of four MiB; what it printed."""
    (folder / "disk").mkdir()
    (folder / "program.py").write_text(program)
    ran = subprocess.run(
        [
            "unshare",
            "--mount",
            "sh",
            "-c",
            'mount -t tmpfs -o size=4m tmpfs disk && exec "$0" program.py',
            sys.executable,
        ],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(storage.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()


def test_a_target_says_so_and_leaves_nothing_half_written(tmp_path):
    message, kept = run_on_a_small_disk(tmp_path, TARGET)
    assert "No space left on the disk of" in message
    assert int(kept) >= 8


@pytest.mark.parametrize(("archive", "database"), [("disk", "."), (".", "disk")])
@pytest.mark.parametrize("many", [1, 1000], ids=["helped", "alone"])
def test_intake_stops_and_goes_on_when_there_is_room(tmp_path, archive, database, many):
    program = INTAKE.replace("ARCHIVE", archive).replace("DATABASE", database).replace("ENOUGH", str(many))
    message, left = run_on_a_small_disk(tmp_path, program)
    assert "No space left on the disk of" in message
    assert int(left) > 0
