"""How far a run is that a person asked for, and whether it is to end."""

import time
from collections.abc import Callable
from datetime import datetime

from storage.catalogue import Catalogue, Run

_LOOK = 0.25
_WRITE = 1.0


class Progress:
    """Of the run ``run``, which ends early when the part stops or a person says so."""

    def __init__(
        self, catalogue: Catalogue, run: Run, stopping: Callable[[], bool], now: Callable[[], datetime]
    ) -> None:
        self.run = run
        self.began = now()
        self._runs = catalogue.runs
        self._stopping = stopping
        self._now = now
        self._done = self._bytes = 0
        self._written = self._asked = 0.0
        self._told = False

    def add(self, done: int, size: int) -> None:
        """So much more is done; written down once a second."""
        self._done, self._bytes = self._done + done, self._bytes + size
        if time.monotonic() - self._written >= _WRITE:
            self.write()

    def write(self) -> None:
        """Write down how far it is."""
        self._written = time.monotonic()
        self._runs.progress(self.run.id, self._now(), self._done, self._bytes)

    def wait(self, seconds: float) -> bool:
        """Wait for so long, or until it is to end; whether it is."""
        deadline = time.monotonic() + seconds
        while not (ends := self.stopping()) and (left := deadline - time.monotonic()) > 0:
            time.sleep(min(left, _LOOK))
        return ends

    def stopping(self) -> bool:
        """Whether to end; what people say is looked at four times a second."""
        if time.monotonic() - self._asked >= _LOOK and not self._told:
            self._asked, self._told = time.monotonic(), self._runs.stop_asked(self.run.id)
        return self._told or self._stopping()
