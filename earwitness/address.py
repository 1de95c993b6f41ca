"""Where the page of one data folder is.

The API says it itself once it listens, so that nobody takes another program's port for ours.
"""

import threading
from pathlib import Path

NAME = "api.address"
PAUSE = 0.1
"""Seconds between two looks."""


def announce(folder: Path, host: str, port: int) -> None:
    """Say in the ``run`` folder that this process listens there; the socket must be open."""
    shown = f"[{host}]" if ":" in host else host
    part = folder / f"{NAME}.tmp"
    part.write_text(f"http://{shown}:{port}", encoding="ascii")
    part.replace(folder / NAME)


def forget(folder: Path) -> None:
    """No API listens yet, or any more."""
    (folder / NAME).unlink(missing_ok=True)


def wait_for(folder: Path) -> str:
    """The address as in ``http://127.0.0.1:8080``, as soon as the API listens there."""
    pause = threading.Event()
    while True:
        try:
            return (folder / NAME).read_text(encoding="ascii")
        except FileNotFoundError:
            pause.wait(PAUSE)
