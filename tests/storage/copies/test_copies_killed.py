"""Copying is killed a hundred times at random places: nothing is lost, nothing doubled, all verified."""

import os
import subprocess
import sys
from pathlib import Path

from tests.storage.copies import killed_copies


def test_killed_a_hundred_times(tmp_path):
    root = Path(killed_copies.__file__).parents[3]
    ran = subprocess.run(
        [sys.executable, "-m", "tests.storage.copies.killed_copies", tmp_path],
        env={**os.environ, "PYTHONPATH": str(root)},
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    kills, calls = map(int, ran.stdout.split())
    assert kills >= killed_copies.KILLS
    assert calls > 10
