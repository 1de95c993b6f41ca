"""Being asked to stop: by a signal, or by the death of the supervisor."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_LOOK = 1.0


class Stop:
    """Set once, never cleared. Loops look at ``asked`` and wait with ``wait``."""

    def __init__(self) -> None:
        self._event = threading.Event()

    @property
    def asked(self) -> bool:
        """Whether somebody asked."""
        return self._event.is_set()

    def ask(self) -> None:
        """Ask for the end."""
        self._event.set()

    def wait(self, seconds: float) -> bool:
        """Wait at most so long; whether somebody asked."""
        return self._event.wait(seconds)


def on_signals(act: Callable[[], None]) -> None:
    """Call ``act`` on SIGTERM, SIGINT and SIGHUP; only from the main thread."""

    def handle(_number: int, _frame: FrameType | None) -> None:
        act()

    for number in SIGNALS:
        signal.signal(number, handle)


def with_supervisor() -> None:
    """End with the supervisor: the end of standard input becomes a SIGTERM to this process."""

    def watch() -> None:
        while os.read(sys.stdin.fileno(), 4096):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True, name="supervisor watch").start()


@contextmanager
def ended_within(stop: Stop, seconds: float, given_up: Callable[[], None]) -> Iterator[None]:
    """What is done here ends with the process at the latest so long after somebody asked, whatever it waits
    for: only for work that may be killed anywhere. ``given_up`` is called before."""
    over = threading.Event()

    def watch() -> None:
        while not stop.wait(_LOOK):
            if over.is_set():
                return
        if not over.wait(seconds):
            given_up()
            os._exit(0)

    threading.Thread(target=watch, daemon=True, name="end").start()
    try:
        yield
    finally:
        over.set()
