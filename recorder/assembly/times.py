"""Capture times as the vocabulary has them."""

from datetime import UTC, datetime


def instant(nanoseconds: int) -> datetime:
    """A time in ns since the epoch as a datetime in UTC, to the microsecond."""
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest // 1000)
