"""Deletion behind a restore: none goes by itself before a person says that holds were looked at.

A snapshot knows what people decided up to when it was taken. Holds, tags and rules of later are lost with the
catalogue that knew them, so that rules at work by themselves, and erasures that were approved, would delete
calls that were under legal hold.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from storage.catalogue import Catalogue
from storage.catalogue.moments import moment_in

RESTORED = "restored"
"""When the catalogue was restored, and up to when the snapshot knew what people decided."""
AS_OF = "restored as of"
SEEN = "restore seen"
"""Which restore it is behind which a person let rules go on."""
_SECOND = timedelta(seconds=1)
_TO_DO = (
    "Rules and holds are as they were then, and no rule deletes calls by itself: place again what was held "
    "since, then say so by `earwitness retention apply`."
)
_NOTHING_CAME = (
    "No hold came back, and no rule deletes calls by itself: place again what was held, then say so by "
    "`earwitness retention apply`."
)


@dataclass(frozen=True, slots=True)
class Unseen:
    """A restore of the time ``at`` behind which no person let the rules go on. ``as_of`` is when the snapshot
    was taken that it went on from, None where there was none."""

    at: datetime
    as_of: datetime | None

    @property
    def what(self) -> str:
        """For who is asked whether rules may go on."""
        if self.as_of is None:
            return (
                "This catalogue was restored without a snapshot: "
                "holds, tags and rules of before are not known."
            )
        return (
            f"This catalogue was restored from a snapshot of {_told(self.as_of)}: holds, tags and rules of "
            "later are not known."
        )

    @property
    def alarm(self) -> str:
        """What is wrong and what to do, for people."""
        if self.as_of is None:
            return f"This catalogue was restored without a snapshot. {_NOTHING_CAME}"
        return f"This catalogue was restored from a snapshot of {_told(self.as_of)}. {_TO_DO}"


def note_restore(catalogue: Catalogue, now: datetime, as_of: datetime | None) -> None:
    """The catalogue was restored, from a snapshot that was taken ``as_of`` then. Again, it does no harm."""
    seen = catalogue.moments.get(SEEN)
    if as_of is not None:
        catalogue.moments.note(AS_OF, as_of)
    # That somebody saw an earlier restore says nothing of this one, also where a clock was ahead then.
    catalogue.moments.note(RESTORED, now if seen is None else max(now, seen + _SECOND))


def unseen(catalogue: Catalogue) -> Unseen | None:
    """The restore behind which rules wait for a person, None where they do not."""
    with catalogue.database.read() as connection:
        return unseen_in(connection)


def unseen_in(connection: Connection) -> Unseen | None:
    """As ``unseen``, as this transaction sees it."""
    at, seen = moment_in(connection, RESTORED), moment_in(connection, SEEN)
    if at is None or (seen is not None and seen >= at):
        return None
    return Unseen(at, moment_in(connection, AS_OF))


def let_go_on(catalogue: Catalogue, found: Unseen) -> None:
    """A person says that rules may go on behind the restore that was ``found``, and behind no later one."""
    catalogue.moments.note(SEEN, found.at)


def _told(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
