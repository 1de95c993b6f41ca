"""Deletion is killed at every step and started again: no call is half deleted, nothing held is touched."""

import os
import subprocess
import sys
from pathlib import Path

from tests.storage.retention import killed_deletion


def test_killed_at_every_step(tmp_path):
    root = Path(killed_deletion.__file__).parents[3]
    ran = subprocess.run(
        [sys.executable, "-m", "tests.storage.retention.killed_deletion", tmp_path],
        env={**os.environ, "PYTHONPATH": str(root)},
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout) > 50
