"""What newer snapshots on other targets know of people that an older one does not: holds, rules, proposals.

A target has the snapshot of when it was last reached. To go on from an older one than there is would lose
what people decided in between, so that a person is to choose.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from storage.catalogue.dump_check import marks
from storage.restore.snapshot import Snapshot

_WORDS = {
    "teams": "teams",
    "agents": "agents",
    "users": "users",
    "user_teams": "teams of users",
    "call_tags": "tags",
    "holds": "holds",
    "hold_calls": "held calls",
    "retention_rules": "rules",
    "erasures": "erasures",
}
"""The tables that come from nothing but snapshots, without the log: who listened is no reason to choose."""


@dataclass(frozen=True, slots=True)
class Newer:
    """A snapshot on the target of this name that is newer, and in what it differs, in words."""

    target: str
    at: datetime
    differs: tuple[str, ...]


class Compared:
    """Compares other snapshots with ``own``, the one that a restore would go on from, if there is any."""

    def __init__(self, own: Snapshot | None) -> None:
        self._own = own
        self._known: dict[str, str] | None = None

    def newer(self, target: str, other: Snapshot) -> Newer | None:
        """What the snapshot on this target is where it is newer and people decided something in between.

        Reads both whole. Raises ``DamagedDump``, ``WrongKey``, ``KeyUnusable``, ``Undecipherable``,
        ``TargetError``.
        """
        if self._own is not None and other.at <= self._own.at:
            return None
        if self._known is None:
            self._known = _decided(self._own.catalogue()) if self._own is not None else {}
        here = _decided(other.catalogue())
        differs = tuple(word for table, word in _WORDS.items() if here.get(table) != self._known.get(table))
        return Newer(target, other.at, differs) if differs else None


def _decided(pieces: Iterable[bytes]) -> dict[str, str]:
    """The digests of what people decided, by table; tables without a row are left out."""
    found: dict[str, str] = {}
    table = ""
    for line in marks(pieces):
        table = str(line.get("table", table))
        if table in _WORDS and line.get("rows"):
            found[table] = str(line["digest"])
    return found
