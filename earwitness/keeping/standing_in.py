"""Other targets stand in for one that is long away, so that there are as many copies as placement asks
for."""

import time
from collections.abc import Iterator

import structlog

from earwitness.keeping.chores import Chore
from earwitness.keeping.means import Means
from storage.copies.stand_ins import StandIns

log = structlog.get_logger("jobs")
LOOK_SECONDS = 30.0
AGAIN_SECONDS = 3600.0
"""After so long the calls that wait are looked through again while a target is away."""


def chores(means: Means) -> Iterator[Chore]:
    """One for all targets, where placement lets any of them stand in for another."""
    if means.placement.replaceable:
        standing_in = StandingIn(means)
        yield Chore("stand in", LOOK_SECONDS, standing_in.run, standing_in.wanted)


class StandingIn:
    """Looks through the calls that wait for targets that are long away: when one more is or is back, and then
    hourly."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._stand_ins = StandIns(means.catalogue, means.placement, means.home)
        self._known: frozenset[str] | None = None
        self._again_at = 0.0

    def wanted(self) -> bool:
        """Whether other targets are long away than when it looked last, or some are an hour later."""
        away = self._stand_ins.away(self._means.now())
        return away != self._known or (bool(away) and time.monotonic() >= self._again_at)

    def run(self) -> None:
        """Let other targets get what waits for those."""
        means, now = self._means, self._means.now()
        away = self._stand_ins.away(now)
        found = self._stand_ins.fill(now, means.stopping)
        if means.stopping():
            return
        self._known, self._again_at = away, time.monotonic() + AGAIN_SECONDS
        for name, calls in found.items():
            if calls:
                log.warning("target stands in", target=name, calls=calls, away=sorted(away))
