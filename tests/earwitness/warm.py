"""The command as a process of its own, forked from one that has loaded everything: no test waits for imports.

Each command is a real process with its own exit status, streams and end; only the start of Python is saved.
"""

import atexit
import gc
import json
import os
import runpy
import socket
import subprocess
import sys
import tempfile
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
STREAMS = {"stdin": os.O_RDONLY, "stdout": os.O_WRONLY, "stderr": os.O_WRONLY}
LOADED = (
    *(
        f"earwitness.cli.{name}"
        for name in ("agent", "decrypt", "doctor", "play", "replay", "search", "user")
    ),
    *(f"earwitness.{name}" for name in ("cataloguing", "decrypting", "logs", "replay", "sources", "wiring")),
    "qa_api.shown",
    "qa_api.users",
    "typer._adapters",
)
"""What most commands load; each loads by itself what else it needs."""


def earwitness(
    *arguments: str, typed: str = "", cwd: Path | None = None, **environment: str
) -> "subprocess.CompletedProcess[str]":
    """Run ``python -m earwitness`` with these arguments until it ends; its streams are what it wrote."""
    with tempfile.TemporaryDirectory() as folder:
        streams = {name: Path(folder, name) for name in STREAMS}
        for stream, content in zip(streams.values(), (typed, "", ""), strict=True):
            stream.write_text(content, encoding="utf-8")
        asked = {
            "arguments": arguments,
            "cwd": str(cwd or Path.cwd()),
            "environment": dict(os.environ) | environment,
            "streams": [str(stream) for stream in streams.values()],
        }
        wire = _server()
        wire.write(json.dumps(asked) + "\n")
        wire.flush()
        status = json.loads(wire.readline())
        written = [streams[name].read_text(encoding="utf-8") for name in ("stdout", "stderr")]
    return subprocess.CompletedProcess(arguments, status, *written)


@cache
def _server() -> Any:
    """The line to the process that forks; it ends with this one."""
    ours, theirs = socket.socketpair()
    server = subprocess.Popen(
        [sys.executable, "-m", __name__, str(theirs.fileno())],
        pass_fds=[theirs.fileno()],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        cwd=ROOT,
    )
    theirs.close()
    wire = ours.makefile("rw", encoding="utf-8")
    ours.close()
    atexit.register(server.wait)
    atexit.register(wire.close)
    return wire


def _serve(wire: socket.socket) -> dict[str, Any]:
    """Fork for each request and answer with the status; returns in the child, with the request."""
    with wire, wire.makefile("rw", encoding="utf-8") as lines:
        while line := lines.readline():
            child = os.fork()
            if child == 0:
                return dict(json.loads(line))
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            lines.write(f"{status}\n")
            lines.flush()
    raise SystemExit


def _become(asked: dict[str, Any]) -> None:
    for number, (path, mode) in enumerate(zip(asked["streams"], STREAMS.values(), strict=True)):
        file = os.open(path, mode)
        os.dup2(file, number)
        os.close(file)
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.argv = ["earwitness", *asked["arguments"]]


if __name__ == "__main__":
    for module in LOADED:
        import_module(module)
    # What is loaded stays in the pages that all children share.
    gc.freeze()
    _become(_serve(socket.socket(fileno=int(sys.argv[1]))))
    # From here on the interpreter lives and ends as it does for ``python -m earwitness``.
    runpy.run_module("earwitness", run_name="__main__", alter_sys=True)
