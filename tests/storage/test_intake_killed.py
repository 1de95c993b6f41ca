"""Intake is killed at every step and started again: no call is lost, none is doubled."""

import os
import subprocess
import sys
from pathlib import Path

from tests.storage import killed_intake


def test_killed_at_every_step(tmp_path):
    root = Path(killed_intake.__file__).parents[2]
    ran = subprocess.run(
        [sys.executable, "-m", "tests.storage.killed_intake", tmp_path],
        env={**os.environ, "PYTHONPATH": str(root)},
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout) > 40
