"""Wrapping keys anew is killed at every step and turned either way: each key opens, and none of an erased
call is left."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.storage.encryption import killed_rotation


@pytest.mark.parametrize(("options", "least"), [([], 70), (["erases"], 100)])
def test_killed_at_every_step(tmp_path: Path, options: list[str], least: int):
    root = Path(killed_rotation.__file__).parents[3]
    ran = subprocess.run(
        [sys.executable, "-m", killed_rotation.__name__, tmp_path, *options],
        env={**os.environ, "PYTHONPATH": str(root)},
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout) > least
