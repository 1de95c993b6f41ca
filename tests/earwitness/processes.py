"""The command as a process of its own, and what can be seen of it."""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.waiting import PATIENCE


@contextmanager
def running(*arguments: str, folder: Path) -> Iterator["subprocess.Popen[str]"]:
    """``earwitness`` with these arguments; ended with SIGINT, and looked at that it ends well and soon."""
    log = folder / "stderr.log"
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "earwitness", *arguments], stdout=subprocess.PIPE, stderr=errors, text=True
        )
    try:
        yield process
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0, log.read_text()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def health(port: int) -> dict[str, Any] | None:
    """What ``/healthz`` says, None while nobody answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as answer:
            return dict(json.load(answer))
    except urllib.error.HTTPError as error:
        with error:
            return dict(json.load(error))
    except OSError:
        return None


def pids(data: Path) -> dict[str, int]:
    """The processes of the parts, by name; those that are down have 0."""
    path = data / "run" / "serve.parts"
    if not path.exists():
        return {}
    parts = json.loads(path.read_text())["parts"]
    return {part["part"]: part["pid"] for part in parts}


def alive(pid: int) -> bool:
    """Whether the process exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
