"""Intake is killed at every step and started again: no call is lost, none is doubled."""

import os
import subprocess
import sys
from pathlib import Path

from tests.storage import killed_intake


def run(program: str, folder: Path) -> list[int]:
    """The numbers that the program prints."""
    root = Path(killed_intake.__file__).parents[2]
    ran = subprocess.run(
        [sys.executable, "-m", f"tests.storage.{program}", folder],
        env={**os.environ, "PYTHONPATH": str(root)},
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return [int(number) for number in ran.stdout.split()]


def test_killed_at_every_step(tmp_path):
    (places,) = run("killed_intake", tmp_path)
    assert places > 40


def test_killed_with_helpers_and_helpers_killed(tmp_path):
    intake, helpers = run("killed_helpers", tmp_path)
    assert intake > 5
    assert helpers > 3
