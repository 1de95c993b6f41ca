"""Keeping is killed at every step and started again: no call is half deleted, nothing held is touched, and no
sound goes that does not lie elsewhere."""

import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.storage.retention import killed_deletion, killed_room


@pytest.mark.parametrize(("program", "least"), [(killed_deletion, 50), (killed_room, 30)])
def test_killed_at_every_step(tmp_path: Path, program: ModuleType, least: int):
    root = Path(killed_deletion.__file__).parents[3]
    ran = subprocess.run(
        [sys.executable, "-m", program.__name__, tmp_path],
        env={**os.environ, "PYTHONPATH": str(root)},
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout) > least
