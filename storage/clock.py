"""The clock of this machine, for whoever is given no other."""

import time
from datetime import UTC, datetime, timedelta

NEAR = timedelta(days=2)
"""A clock may go wrong by so much before anybody minds."""
EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)
"""Nothing that Earwitness does was done before it was written: a clock that says so is wrong."""


def utc_now() -> datetime:
    """The time in UTC."""
    return datetime.now(UTC)


def elapsed() -> float:
    """Seconds that go by whatever is done to the clock, while the machine sleeps too where it counts them."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
