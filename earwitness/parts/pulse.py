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
        self._said = ("", "")

    def beat(self, trouble: str = "", numbers: Mapping[str, float] | None = None, remark: str = "") -> None:
        """Report; ``trouble`` says what is wrong and what to do, a line for each, empty where nothing is. A
        ``remark`` is what people should know although the part is well."""
        now = self._clock()
        said = (trouble, remark)
        if said == self._said and now - self._written < EVERY:
            return
        self._written, self._said = now, said
        detail = "\n".join(filter(None, said))
        report = health.Report(self._part, well=not trouble, detail=detail, at=now, numbers=numbers or {})
        health.write(self._folder, report)
