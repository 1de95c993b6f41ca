"""Whether the catalogue can be reached, for a part that waits where it cannot.

Pure: times are arguments, seconds of a monotonic clock.
"""

from collections.abc import Callable
from typing import Any

from storage.errors import CatalogueUnreachable

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0
"""Seconds after which the catalogue is asked again, doubling from the first to the longest."""


class Reconnecting:
    """Told where something could not reach the catalogue; ``ask`` raises ``CatalogueUnreachable`` as long as
    that is so. ``log`` is a structlog logger. Safe to use from several threads."""

    def __init__(self, ask: Callable[[], object], log: Any) -> None:
        self._ask = ask
        self._log = log
        self._pause = FIRST_PAUSE
        self._again_at: float | None = None
        self.said = ""
        """For people; empty while it can be reached, as far as is known."""

    def lost(self, error: Exception) -> None:
        """Something could not be done."""
        reason = str(error) if isinstance(error, CatalogueUnreachable) else _of_queue(error)
        if not self.said:
            self._log.warning("the catalogue cannot be reached", reason=reason)
        self.said = f"{reason} It is asked again and again."

    def is_there(self, seconds: float) -> bool:
        """Whether work is worth while. Where it was lost it is asked, after longer and longer pauses."""
        if not self.said:
            return True
        if self._again_at is None:
            self._again_at = seconds + self._pause
        if seconds < self._again_at:
            return False
        try:
            self._ask()
        except CatalogueUnreachable as error:
            self._pause = min(2 * self._pause, LONGEST_PAUSE)
            self._again_at = seconds + self._pause
            self.lost(error)
            return False
        self._log.info("the catalogue can be reached again")
        self.said, self._pause, self._again_at = "", FIRST_PAUSE, None
        return True


def _of_queue(error: Exception) -> str:
    reason = " ".join(str(error).split()).rstrip(".")
    return f"The job queue of the catalogue cannot be reached: {reason}."
