"""Everything that can go wrong in the storage room.

StorageError
├── DiskFull                 no space left; nothing half-written stays behind
├── BadName                  a name that no archive target may be asked for
├── BadSchedule              no schedule or cron expression
├── BadWindow                no part of a day
├── FolderUnusable           the data folder cannot be made or used
├── FolderBusy               another process already plays this role on the data folder
├── HelperGone               a process that works for this one ended before its answer
├── TargetError              an archive target failed
│   ├── NotStored            the target holds nothing under this name
│   ├── TargetAbsent         the place is not there now: a disk that is not plugged in
│   │   └── TargetUnreachable    nobody answers where its server should be
│   ├── TargetRefused        the place will not have us: credentials, rights, a key that is not the known one
│   ├── Mismatch             what came back is not what was handed over
│   │   └── Altered              a blob of the right length and other contents
│   ├── NoCopyReadable       no copy of a blob can be read, whichever target is asked
│   └── Undecipherable       an encrypted blob that its key does not open
├── DamagedHandoff           a hand-off that cannot be archived as it is
├── DamagedShard             a list of calls on a medium that cannot be read
├── DamagedSidecar           a sidecar that this version cannot read
├── KeyUnusable              a key that is missing, cannot be read, or is not what it should be
│   └── WrongKey             a key that does not open what it was to open
└── CatalogueError           the catalogue failed
    ├── CatalogueTooNew      a newer Earwitness wrote it
    ├── CatalogueUnreachable the database server does not answer, or broke off
    ├── ChainMoved           a number of the chain of seals is taken; seal again
    ├── CatalogueRefused     the database does not take such values
    ├── NameTaken            a user name, team name or agent number is in use
    ├── BadTag               a tag that no call can bear
    ├── BeingRemoved         a call that is deleted and whose blobs are not all gone yet
    ├── BadRule              a retention rule, hold or erasure that says nothing or too much
    ├── NotNow               a rule, hold or erasure is not in the state for this
    ├── SamePerson           who asked cannot be the one who agrees
    ├── UnderHold            a legal hold covers the call
    │   ├── PacketsHeld          its encrypted packets therefore stay
    │   └── TagHeld              it does so by a tag, which therefore stays
    ├── DamagedDump          a dump that is not whole, or not as it was written
    ├── NotEmpty             a database that was to be filled holds something already
    └── NotInCatalogue       no such row

Messages are for people: they say what is wrong and what to do about it.
"""

import errno
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Self

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class StorageError(Exception):
    """Base of every error of this room."""


class DiskFull(StorageError):
    """No space left where something was to be written."""

    def __init__(self, place: object) -> None:
        self.place = str(place)
        super().__init__(
            f"No space left on the disk of {place}. Free some space or extend the disk; "
            "nothing was lost, and archiving goes on by itself once there is room."
        )

    def __reduce__(self) -> tuple[type[Self], tuple[str]]:
        return type(self), (self.place,)


class BadName(StorageError, ValueError):
    """A name that is not a relative POSIX path within the rules of ``targets.names``."""


class BadSchedule(StorageError, ValueError):
    """A text that says no times."""

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(
            f"{text!r} is no schedule: {reason}. Write continuous, hourly, daily, weekly, monthly, or a cron "
            "expression of five fields such as 30 2 * * 1-5."
        )


class BadWindow(StorageError, ValueError):
    """A text that says no part of a day."""

    def __init__(self, text: str) -> None:
        super().__init__(f"{text!r} is no window: write two times of the day, such as 20:00-06:00.")


class FolderUnusable(StorageError):
    """The data folder or something in it is not what it should be."""


class FolderBusy(StorageError):
    """Another process holds the same role on the same data folder."""


class HelperGone(StorageError):
    """A process that works for this one ended before it answered."""


class TargetError(StorageError):
    """An archive target could not do what was asked."""


class NotStored(TargetError):
    """The target holds nothing under this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The archive holds nothing named {name}.")
        self.name = name


class TargetAbsent(TargetError):
    """The place is not there now; nothing was written anywhere, and it may come back by itself."""


class TargetUnreachable(TargetAbsent):
    """Nobody answers where the server of the place should be: it does not run, or the network does not lead
    there. Unlike a disk, nobody took it away, so that it counts as down."""


class TargetRefused(TargetError):
    """The place will not have us, and trying again changes nothing until a person has put it right."""


class Mismatch(TargetError):
    """Length or SHA-256 differ from what was promised."""


class Altered(Mismatch):
    """A blob that was read to its end and whose SHA-256 is not the one that it was archived with."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is not as it was archived: its SHA-256 is another.")


class NoCopyReadable(TargetError):
    """Of a blob that the catalogue knows, no copy can be read. ``troubles`` says why, by target."""

    def __init__(self, name: str, troubles: Mapping[str, str]) -> None:
        said = [f"{target}: {trouble}" for target, trouble in troubles.items()]
        said = said or ["None is known: `earwitness scrub --compare` finds those that lie on targets."]
        super().__init__(" ".join([f"No copy of {name} can be read.", *said]))
        self.name = name
        self.troubles = dict(troubles)


class Undecipherable(TargetError):
    """An encrypted blob that its key does not open; no byte of what is wrong was given out."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} cannot be decrypted: it was altered or cut, belongs elsewhere, or was encrypted with "
            "another key. `earwitness verify` tells which calls are as they were archived."
        )


class DamagedHandoff(StorageError):
    """A hand-off folder whose contents contradict its ``call.json``."""


class DamagedSidecar(StorageError):
    """Not the JSON of a sidecar, or one of a later version."""


class KeyUnusable(StorageError):
    """A key is missing, cannot be read, or is not of the kind that is wanted."""


class WrongKey(KeyUnusable):
    """A key that does not open what it was to open; no byte of it was given out."""


class DamagedShard(StorageError):
    """Part of the list of calls on a medium, cut off or not as it was written."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            f"The list {name} on this medium cannot be read: {reason}. The calls are there all the same."
        )


class CatalogueError(StorageError):
    """The catalogue could not do what was asked."""


class CatalogueTooNew(CatalogueError):
    """The schema was made by a newer version of Earwitness."""


class CatalogueUnreachable(CatalogueError):
    """Nobody answers where the database server should be, or it broke off: the transaction was undone unless
    it was being committed, and the same can be done again later."""


class ChainMoved(CatalogueError):
    """Another process wrote the next seal of the chain first; nothing was written, and sealing again does."""


class CatalogueRefused(CatalogueError):
    """The database is well, but does not take such values; the transaction was undone."""


class NameTaken(CatalogueError):
    """A name that must be unique is in use."""


class BadTag(CatalogueError, ValueError):
    """A tag that is empty, too long or not visible."""


class DamagedDump(CatalogueError):
    """A dump of a catalogue that was cut off or altered."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"This dump of a catalogue cannot be used: {reason}. Take another one.")


class NotEmpty(CatalogueError):
    """The database that was to be filled holds something already."""


class BeingRemoved(CatalogueError):
    """The call is deleted, and some target holds blobs of it still."""

    def __init__(self, call_id: str) -> None:
        super().__init__(
            f"The call {call_id} is being deleted, and some target still holds parts of it: nothing of it is "
            "taken in before those are gone."
        )
        self.call_id = call_id


class BadRule(CatalogueError, ValueError):
    """A retention rule, hold or erasure that says nothing, or more than can be kept."""


class NotNow(CatalogueError):
    """The rule, hold or erasure is not in the state in which that can be done to it."""


class SamePerson(CatalogueError):
    """What needs two people was tried by one."""

    def __init__(self, by: str, what: str) -> None:
        super().__init__(f"{by} asked for {what} and cannot agree to it too: it needs a second person.")


class UnderHold(CatalogueError):
    """A legal hold covers the call, which therefore stays. ``call_ids`` are all that are covered."""

    def __init__(self, call_ids: Sequence[str], holds: Sequence[str], text: str = "") -> None:
        super().__init__(text or _stay(call_ids, holds))
        self.call_ids = tuple(call_ids)
        self.holds = tuple(holds)


class PacketsHeld(UnderHold):
    """The encrypted packets of the call were to be removed."""

    def __init__(self, call_id: str, holds: Sequence[str]) -> None:
        what = f"The encrypted packets of the call {call_id} stay: it is {_held(holds)}."
        instead = "Decrypt it without --remove: it is heard, and its packets stay."
        super().__init__([call_id], holds, f"{what} {instead} {_BY_TWO}")


class TagHeld(UnderHold):
    """The tag ``tag``, by which the holds cover the call, was to be taken off."""

    def __init__(self, call_id: str, tag: str, holds: Sequence[str]) -> None:
        what = f"The tag {tag} stays on the call {call_id}: by it the call is {_held(holds)}."
        super().__init__([call_id], holds, f"{what} {_BY_TWO}")
        self.tag = tag


_BY_TWO = (
    "It takes two people to release a hold: one asks for it, on the page Compliance or by "
    "`earwitness hold ask-release`, and another one agrees."
)


def _stay(call_ids: Sequence[str], holds: Sequence[str]) -> str:
    text = f"The call {call_ids[0]} is {_held(holds)}. It stays"
    if len(call_ids) > 1:
        text = f"{len(call_ids):,} of the calls are {_held(holds)}, {call_ids[0]} first. They stay"
    return f"{text} until the {'hold is' if len(holds) == 1 else 'holds are'} released."


def _held(holds: Sequence[str]) -> str:
    return f"under legal hold ({', '.join(holds)})"


class NotInCatalogue(CatalogueError):
    """No row has this id."""


def is_full(error: OSError) -> bool:
    """Whether ``error`` says that a disk or a quota has no room left."""
    return error.errno in _FULL


@contextmanager
def disk_errors(place: os.PathLike[str] | str) -> Iterator[None]:
    """Turn an ``OSError`` for want of space into ``DiskFull``; others pass."""
    try:
        yield
    except OSError as error:
        if is_full(error):
            raise DiskFull(os.fspath(place)) from error
        raise
