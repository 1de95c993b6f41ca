"""What keeps calls out of the archive: since when, what is said of it, and when the next try is worth it.

Pure: times are arguments, ``seconds`` those of a monotonic clock.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0
"""Seconds for which what blocks every call is left alone, doubling from the first to the longest."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why calls wait, empty where none has to. ``blocks`` is whether all of them do, ``alarm`` whether that
    stays until a person does something, ``lost`` whether the catalogue cannot be reached, so that nothing
    else goes on either."""

    reason: str = ""
    blocks: bool = False
    alarm: bool = False
    lost: bool = False


class Outage:
    """Told of each pass over what waits. ``log`` is a structlog logger, and gets a line when calls begin to
    wait and one when they do not any more."""

    def __init__(self, log: Any) -> None:
        self._log = log
        self._trouble = Trouble()
        self._since: datetime | None = None
        self._pause = FIRST_PAUSE
        self._again_at = 0.0

    def passed(self, taken: int, trouble: Trouble, now: datetime, seconds: float) -> None:
        """A pass ended, ``taken`` calls having come into the archive."""
        before, self._trouble = self._trouble, trouble
        if taken or not trouble.blocks:
            self._pause = FIRST_PAUSE
        if trouble.blocks:
            self._again_at = seconds + self._pause
            self._pause = min(2 * self._pause, LONGEST_PAUSE)
        if (bool(before.reason), before.blocks) != (bool(trouble.reason), trouble.blocks):
            self._since = now
            self._tell(before)

    def is_due(self, seconds: float) -> bool:
        """Whether calls may come into the archive now, as far as is known."""
        return not self._trouble.blocks or seconds >= self._again_at

    @property
    def said(self) -> str:
        """For people; empty where nothing keeps calls out."""
        if not self._trouble.reason or self._since is None:
            return ""
        return waiting_since(self._since, self._trouble.reason)

    def _tell(self, before: Trouble) -> None:
        if before.blocks or not self._trouble.reason:
            self._log.info("calls are archived again", waited_for=before.reason)
        if self._trouble.reason:
            what = "no call is archived" if self._trouble.blocks else "a call waits to be archived"
            alarm = {"alarm": True} if self._trouble.alarm else {}
            (self._log.error if alarm else self._log.warning)(what, reason=self._trouble.reason, **alarm)


def waiting_since(since: datetime, reason: str) -> str:
    """For people: since when, in UTC, no call comes into the archive, and why."""
    return f"Calls wait to be archived since {since:%Y-%m-%d %H:%M} UTC: {reason}"
