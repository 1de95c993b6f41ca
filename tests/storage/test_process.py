"""Processes tell who they are, and others whether they live."""

import subprocess
import sys
from pathlib import Path

from storage import process

FORKED = """
import os
from storage import process
process.own()
child = os.fork()
if child == 0:
    print(*process.own())
else:
    os.waitpid(child, 0)
    print(*process.own())
"""


def test_a_child_made_by_fork_is_another_process():
    command = [sys.executable, "-u", "-c", FORKED]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2], timeout=60
    )
    child, parent = (process.Process(*line.split(" ")) for line in done.stdout.splitlines())
    assert child.machine == parent.machine == process.own().machine
    assert child.pid != parent.pid
    assert child.is_gone()
    assert not process.own().is_gone()
