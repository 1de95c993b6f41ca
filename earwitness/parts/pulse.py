"""The sign of life of a part."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
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
        self._lock = threading.Lock()
        self._said = ("", "")
        self._report: health.Report | None = None
        self._lived = 0.0

    def beat(self, trouble: str = "", numbers: Mapping[str, float] | None = None, remark: str = "") -> None:
        """Report; ``trouble`` says what is wrong and what to do, a line for each, empty where nothing is. A
        ``remark`` is what people should know although the part is well."""
        with self._lock:
            self._lived = now = self._clock()
            said = (trouble, remark)
            if self._report is not None and said == self._said and now - self._report.at < EVERY:
                return
            self._said = said
            detail = "\n".join(filter(None, said))
            report = health.Report(self._part, well=not trouble, detail=detail, at=now, numbers=numbers or {})
            self._write(report)

    def lives(self) -> None:
        """A step of something that takes long is through."""
        self._lived = self._clock()

    @contextmanager
    def kept_up(self, longest: float) -> Iterator[None]:
        """Meanwhile the last report is repeated for a part that is at something that takes long, until it has
        given no sign of life for ``longest`` seconds."""
        over = threading.Event()

        def repeat() -> None:
            while not over.wait(EVERY):
                self.repeat(longest)

        thread = threading.Thread(target=repeat, daemon=True, name="pulse")
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def repeat(self, longest: float) -> None:
        """Say again what was said last, unless that is new or the last sign of life is older than
        ``longest`` seconds."""
        with self._lock:
            now = self._clock()
            if self._report is None or now - self._report.at < EVERY or now - self._lived > longest:
                return
            self._write(replace(self._report, at=now))

    def _write(self, report: health.Report) -> None:
        self._report = report
        health.write(self._folder, report)
