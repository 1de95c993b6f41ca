"""The sign of life of a part."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from earwitness import health

EVERY = 2.0
"""Seconds between reports while nothing changes."""


@dataclass(frozen=True, slots=True)
class Hindrance:
    """What holds a part up, so that it cannot say so itself; ``numbers`` are what it would count anew."""

    text: str
    numbers: Mapping[str, float] = field(default_factory=dict)


def nothing() -> Hindrance | None:
    """It holds itself up, if at all."""
    return None


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
        self._held_up = False

    def beat(self, trouble: str = "", numbers: Mapping[str, float] | None = None, remark: str = "") -> None:
        """Report; ``trouble`` says what is wrong and what to do, a line for each, empty where nothing is. A
        ``remark`` is what people should know although the part is well."""
        with self._lock:
            self._lived = now = self._clock()
            said = (trouble, remark)
            is_new = self._report is None or said != self._said or self._held_up
            if not is_new and self._report is not None and now - self._report.at < EVERY:
                return
            self._said = said
            detail = "\n".join(filter(None, said))
            report = health.Report(self._part, well=not trouble, detail=detail, at=now, numbers=numbers or {})
            self._write(report)

    def lives(self) -> None:
        """A step of something that takes long is through."""
        self._lived = self._clock()

    @property
    def silent_for(self) -> float:
        """Seconds since the last sign of life; 0 before the first report."""
        with self._lock:
            return self._clock() - self._lived if self._report is not None else 0.0

    @contextmanager
    def kept_up(self, longest: float, hindrance: Callable[[], Hindrance | None] = nothing) -> Iterator[None]:
        """Meanwhile the last report is repeated for a part that is at something that takes long, until it has
        given no sign of life for ``longest`` seconds; or what holds it up is said as long as that does."""
        over = threading.Event()

        def repeat() -> None:
            while not over.wait(EVERY):
                self.repeat(longest, hindrance())

        thread = threading.Thread(target=repeat, daemon=True, name="pulse")
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def repeat(self, longest: float, hindrance: Hindrance | None = None) -> None:
        """Say again what was said last, unless that is new or the last sign of life is older than
        ``longest`` seconds; or say what holds the part up."""
        with self._lock:
            now, own = self._clock(), self._report
            if own is None:
                return
            if hindrance is not None:
                self._held_up = True
                numbers = {**own.numbers, **hindrance.numbers}
                said = replace(own, well=False, detail=hindrance.text, at=now, numbers=numbers)
                health.write(self._folder, said)
            elif self._held_up or (now - own.at >= EVERY and now - self._lived <= longest):
                self._write(replace(own, at=now))

    def _write(self, report: health.Report) -> None:
        self._report, self._held_up = report, False
        health.write(self._folder, report)
