"""What a check found."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is."""

    WELL = "well"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing about this host: what it is, and, where it is not well, what to do."""

    check: str
    level: Level
    text: str
    remedy: str = ""


def well(check: str, text: str) -> Finding:
    """All is as it should be."""
    return Finding(check, Level.WELL, text)


def warning(check: str, text: str, remedy: str) -> Finding:
    """Works, but not as well as it could."""
    return Finding(check, Level.WARNING, text, remedy)


def wrong(check: str, text: str, remedy: str) -> Finding:
    """Something that the settings ask for cannot work."""
    return Finding(check, Level.WRONG, text, remedy)
