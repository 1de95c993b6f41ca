"""The sign of life of a part."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from earwitness import health

EVERY = 2.0
"""Seconds between reports while nothing changes."""


class Pulse:
    """Writes a part's report when its trouble changes, and every two seconds, from the part's own loop."""

    def __init__(self, folder: Path, part: str, clock: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._part = part
        self._clock = clock
        self._written = 0.0
        self._trouble = ""

    def beat(self, trouble: str = "", numbers: Mapping[str, float] | None = None) -> None:
        """Report; ``trouble`` says what is wrong and what to do, empty where nothing is."""
        now = self._clock()
        if trouble == self._trouble and now - self._written < EVERY:
            return
        self._written, self._trouble = now, trouble
        report = health.Report(self._part, well=not trouble, detail=trouble, at=now, numbers=numbers or {})
        health.write(self._folder, report)
