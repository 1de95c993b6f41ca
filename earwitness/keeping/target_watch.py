"""One target as the jobs see it: up, down or away, and whether it is worth trying to copy there now."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import structlog

from storage.catalogue.target_states import TargetStates
from storage.copies.probe import Look, probe
from storage.targets import Target

log = structlog.get_logger("jobs")
FIRST_PAUSE = 30.0
LONGEST_PAUSE = 600.0
"""Seconds for which a target in trouble is left alone, doubling from the first to the longest."""


class TargetWatch:
    """Looks at a target and writes its state. ``monotonic`` counts seconds; safe from several threads.

    A target that answers and cannot be copied to, such as one that is full, stays down until a copy succeeds.
    """

    def __init__(
        self, name: str, target: Target, states: TargetStates, monotonic: Callable[[], float]
    ) -> None:
        self.name = name
        self._target = target
        self._states = states
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._answers = True
        self._trouble: Look | None = None
        self._pause = FIRST_PAUSE
        self._again_at = 0.0

    def look(self, now: datetime) -> None:
        """Ask the target how it is."""
        seen = probe(self._target)
        with self._lock:
            if seen.answers and not self._answers:
                self._forget_trouble()
            self._answers = seen.answers
            trouble = self._trouble
        if seen.answers and trouble is not None:
            seen = replace(trouble, free=seen.free, total=seen.total)
        self._write(seen, now)

    def troubled(self, look: Look, now: datetime) -> None:
        """Copying failed because of the target: leave it alone for a while."""
        with self._lock:
            self._trouble, self._answers = look, look.answers
            self._again_at = self._monotonic() + self._pause
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
        self._write(look, now)

    def copied(self) -> None:
        """A copy succeeded."""
        with self._lock:
            self._answers = True
            self._forget_trouble()

    @property
    def worth_trying(self) -> bool:
        """Whether copying may succeed, as far as is known."""
        with self._lock:
            return self._answers and (self._trouble is None or self._monotonic() >= self._again_at)

    def _forget_trouble(self) -> None:
        self._trouble, self._pause = None, FIRST_PAUSE

    def _write(self, seen: Look, now: datetime) -> None:
        changed = self._states.looked(self.name, seen.condition, now, seen.detail, seen.free, seen.total)
        if changed:
            log.info("target changed", target=self.name, condition=seen.condition, detail=seen.detail)
