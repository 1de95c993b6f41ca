"""What is wrong with a capture, told to the operator once when it begins and once when it is over."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

Alarm = Callable[[str], None]
"""Told what is wrong when it begins, and ``""`` when it is over."""

CALM = 60_000_000_000
"""A flood is over when it has been quiet for so long (ns)."""

FLOODS = {
    "unanswered-flood": "calls that nobody answers",
    "silent-flood": "calls that are answered and silent",
    "media-flood": "media without signalling",
    "stray-flood": "packets of streams that never become media",
    "stream-flood": "streams in one call",
    "event-flood": "events in one call",
    "rtcp-flood": "RTCP packets",
}
"""Why things are given up for want of room, by the name under which they are counted."""


@dataclass(slots=True)
class Alarms:
    """One alarm for several sources of trouble: it tells whatever is wrong at the moment."""

    tell: Alarm | None = None
    _wrong: dict[str, str] = field(default_factory=dict)
    _told: str = ""

    def about(self, source: str) -> Alarm:
        """The alarm of one source."""

        def hear(trouble: str) -> None:
            self._wrong[source] = trouble
            text = "; ".join(filter(None, self._wrong.values()))
            if text != self._told:
                self._told = text
                if self.tell is not None:
                    self.tell(text)

        return hear


@dataclass(slots=True)
class FloodWatch:
    """Sees from the counters that things are given up for want of room."""

    alarm: Alarm
    _seen: dict[str, int] = field(default_factory=dict)
    _since: dict[str, int] = field(default_factory=dict)

    def look(self, rejected: Counter[str], now: int) -> None:
        """After a flush."""
        for reason in FLOODS:
            count = rejected.get(reason, 0)
            if count > self._seen.get(reason, 0):
                self._seen[reason], self._since[reason] = count, now
        on = [what for reason, what in FLOODS.items() if now - self._since.get(reason, -CALM) < CALM]
        flood = f"a flood of {', and of '.join(on)}: the oldest are given up, calls that are heard are not"
        self.alarm(flood if on else "")
