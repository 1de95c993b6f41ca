"""One target as the jobs see it: up, down or away, and whether it is worth trying to copy there now."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from storage.catalogue import Condition
from storage.catalogue.target_states import TargetStates
from storage.copies.probe import Look, probe
from storage.targets import Target
from storage.targets.timely import DOES_NOT_ANSWER

log = structlog.get_logger("jobs")
FIRST_PAUSE = 30.0
LONGEST_PAUSE = 600.0
"""Seconds for which a target in trouble is left alone, doubling from the first to the longest."""
TRIED_FOR = 600.0
"""Seconds for which a target that could be written to is not tried again, but only asked."""
LONGEST_LOOK = 60.0
"""Seconds after which a look that has not come to an end says enough."""
_HANGS = Look(Condition.DOWN, DOES_NOT_ANSWER, answers=False)


@dataclass(slots=True, eq=False)
class _Asked:
    """A look under way: when it began, by the monotonic clock, how many copies had succeeded by then, and
    whether it was said that it takes too long."""

    at: float
    copies: int
    said: bool = False


class TargetWatch:
    """Looks at a target and writes its state. ``monotonic`` counts seconds; safe from several threads.

    A target that answers and cannot be copied to, such as one that is full, stays down until a copy succeeds.
    Where it ``writes``, it tries what a copy does: now and then, and with each look while all is not well;
    not on one that ``keeps`` what it has.
    One that is ``carried`` about by people may be away without anybody being told.

    Looking may take without end where the target hangs; ``overdue`` is for those who never wait for it.
    """

    def __init__(
        self,
        name: str,
        target: Target,
        states: TargetStates,
        monotonic: Callable[[], float],
        *,
        writes: bool = False,
        keeps: bool = False,
        carried: bool = False,
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
        self._writes = writes
        self._keeps = keeps
        self._carried = carried
        self._tried: float | None = None
        self._told: tuple[Condition, bool] | None = None
        self._lasting = False
        self._copies = 0
        self._writing = threading.Lock()
        self._looks: list[_Asked] = []

    def look(self, now: datetime) -> None:
        """Ask the target how it is."""
        with self._lock:
            asked = _Asked(self._monotonic(), self._copies)
            self._looks.append(asked)
        try:
            seen = probe(self._target, writes=self._is_to_try(), keeps=self._keeps)
        finally:
            with self._lock:
                self._looks.remove(asked)
        self._saw(seen, now, asked.copies)

    def overdue(self, now: datetime) -> None:
        """Write that it is down where a look has been under way for too long and nothing was copied since."""
        with self._writing:
            with self._lock:
                late = [asked for asked in self._looks if self._is_late(asked)]
                if not late:
                    return
                self._answers, self._tried = False, None
            self._write(_HANGS, now)
            for asked in late:
                asked.said = True

    def _is_late(self, asked: "_Asked") -> bool:
        waited = self._monotonic() - asked.at
        return not asked.said and asked.copies == self._copies and waited > LONGEST_LOOK

    def _saw(self, seen: Look, now: datetime, copies: int) -> None:
        with self._lock:
            if seen.condition is not Condition.UP and copies != self._copies:
                return  # a copy that succeeded meanwhile knows better
            if seen.answers and not self._answers:
                self._forget_trouble()
            self._answers = seen.answers
            if seen.answers and seen.condition is not Condition.UP:
                self._trouble = seen
            if seen.condition is not Condition.UP:
                self._tried = None
            trouble = self._trouble
        if seen.answers and trouble is not None:
            seen = replace(trouble, free=seen.free, total=seen.total)
        with self._writing:
            self._write(seen, now)

    def troubled(self, look: Look, now: datetime) -> None:
        """Copying failed because of the target: leave it alone for a while."""
        with self._lock:
            self._trouble, self._answers = look, look.answers
            self._tried = None  # only asked, it might say that all is well
            self._again_at = self._monotonic() + self._pause
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
        with self._writing:
            self._write(look, now)

    def copied(self, now: datetime) -> None:
        """A copy succeeded: what was in trouble before is asked at once how it is now."""
        with self._lock:
            self._copies += 1
            self._answers = True
            self._forget_trouble()
            well = self._told is None or self._told[0] is Condition.UP
        if not well:
            self.look(now)

    @property
    def worth_trying(self) -> bool:
        """Whether copying may succeed, as far as is known."""
        with self._lock:
            return self._answers and (self._trouble is None or self._monotonic() >= self._again_at)

    @property
    def lasting(self) -> bool:
        """Whether it was seen last in a trouble that does not go away by itself."""
        with self._lock:
            return self._lasting

    def _is_to_try(self) -> bool:
        """Whether it is time to write something there, which is so until that went well."""
        with self._lock:
            now = self._monotonic()
            if not self._writes or (self._tried is not None and now < self._tried + TRIED_FOR):
                return False
            self._tried = now
            return True

    def _forget_trouble(self) -> None:
        self._trouble, self._pause = None, FIRST_PAUSE

    def _write(self, seen: Look, now: datetime) -> None:
        changed = self._states.looked(self.name, seen.condition, now, seen.detail, seen.free, seen.total)
        with self._lock:
            before, self._told = self._told, (seen.condition, seen.lasting)
            self._lasting = seen.lasting
        known = changed or before is not None or seen.condition is not Condition.UP
        if known and before != (seen.condition, seen.lasting):
            self._tell(seen)

    def _tell(self, seen: Look) -> None:
        said = {"target": self.name, "condition": seen.condition}
        away = self._carried and seen.condition is Condition.ABSENT
        if seen.condition is Condition.UP or away:
            log.info("target changed", **said, detail=seen.detail)
        elif seen.lasting:
            log.warning("target changed", **said, reason=seen.detail, alarm=True)
        else:
            log.warning("target changed", **said, reason=seen.detail)
