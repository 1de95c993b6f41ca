"""What lies on a target besides the calls that the catalogue knows there: deleted ones, and unknown ones.

Nothing is changed: ``scrub.reconcile`` takes such blobs back or away.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from storage.catalogue import Catalogue, Removal
from storage.catalogue.changes import deleted_among
from storage.errors import TargetError
from storage.scrub.lasting import readable
from storage.seals.check import Keys
from storage.seals.day import Found, by_call, calls_of, days
from storage.seals.deletions import Deletions, lies_here, proven_deletions
from storage.seals.verdict import CallVerdict, Finding, Remark, Report, State
from storage.targets.contract import Stored, Target

_AT_ONCE = 200
YOUNG = timedelta(hours=1)
"""Where calls come in, a blob of no known call may be of one that is on its way, for so long."""


def verify_beside(
    report: Report, catalogue: Catalogue, name: str, target: Target, keys: Keys, now: datetime, *, home: bool
) -> None:
    """Add to ``report`` what the target, raw, holds besides; that it cannot be listed is a remark.

    ``home``: calls come in there. Lists all of the target, and reads what deleted calls left there.
    """
    beside = _Beside(catalogue, name, target, keys, now, home=home)
    try:
        for verdict in beside.verdicts():
            report.add(verdict)
    except TargetError as error:
        text = f"What else lies on {name} cannot be told, for it cannot be listed: {error}"
        report.remarks.append(Remark(name, Finding("unlisted", text, State.UNKNOWN)))
    report.remarks += (Remark(name, finding) for finding in beside.remarks())


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of some calls: which of them there are, the names of their blobs on the target, those
    that are being copied there, what to say of those that were deleted, and removals by name of a blob."""

    calls: set[str]
    copies: set[str]
    coming: set[str]
    deleted: dict[str, Finding]
    removing: dict[str, Removal]


class _Beside:
    def __init__(
        self, catalogue: Catalogue, name: str, target: Target, keys: Keys, now: datetime, *, home: bool
    ) -> None:
        self._catalogue = catalogue
        self._name = name
        self._target = target
        self._keys = keys
        self._now = now
        self._home = home
        self._closed = 0
        self._young = 0
        self._going = 0

    def verdicts(self) -> Iterator[CallVerdict]:
        """The answers for calls that lie there and should not, as far as is known."""
        strange: list[Found] = []
        for day, blobs in days(self._target.list()):
            rows = self._rows(day)
            if others := [blob for blob in blobs if blob.name not in rows]:
                strange += by_call(others)
        # Looked up behind the whole listing: calls that came in meanwhile have their rows by now.
        records = proven_deletions(self._target, self._keys) if strange else Deletions()
        for at in range(0, len(strange), _AT_ONCE):
            some = strange[at : at + _AT_ONCE]
            known = self._look_up(some, records)
            for found in some:
                if findings := tuple(self._findings(found, known)):
                    yield CallVerdict(found.call_id, self._name, findings)

    def remarks(self) -> Iterator[Finding]:
        """What is to be said of the target as a whole."""
        if self._closed:
            text = (
                f"{self._closed:,} deleted calls lie on {self._name} as ciphertext without a key, which "
                "nobody can open. So they are erased on media that cannot delete."
            )
            yield Finding("erased-closed", text, State.INTACT)
        if self._going:
            text = f"{self._going:,} deleted calls are just being removed from {self._name}."
            yield Finding("going", text, State.INTACT)
        if self._young:
            text = (
                f"{self._young:,} files on {self._name} that came within the last hour belong to no call "
                "that is known: they may be on their way, and were left out. Verify again later."
            )
            yield Finding("young", text, State.INTACT)

    def _rows(self, day: str) -> set[str]:
        try:
            of = date.fromisoformat(day.replace("/", "-"))
        except ValueError:
            return set()
        return set(self._catalogue.copy_checks.of_day(self._name, of))

    def _look_up(self, strange: Sequence[Found], records: Deletions) -> _Known:
        ids = list(dict.fromkeys(call_id for found in strange for call_id in _ids(found)))
        calls = self._catalogue.calls.get_many(ids)
        here = {found.call.id for found in calls}
        deleted = {
            each: lies_here(record) for each in ids if (record := records.of(each)) and each not in here
        }
        unheard = [each for each in ids if each not in here and each not in deleted]
        with self._catalogue.database.read() as connection:
            gone = deleted_among(connection, unheard)
        text = "It was deleted, as the catalogue knows, and lies here all the same."
        removals = [one for one in self._catalogue.removals.of_calls(ids) if one.target == self._name]
        return _Known(
            calls=here,
            copies={copy.name for found in calls for copy in found.copies if copy.target == self._name},
            coming=self._catalogue.copy_checks.being_copied(self._name, ids),
            deleted=deleted | dict.fromkeys(gone, Finding("erased", text)),
            removing={name: one for one in removals for name in one.names},
        )

    def _findings(self, found: Found, known: _Known) -> Iterator[Finding]:
        ids = _ids(found)
        blobs = [blob for blob in found.blobs if blob.name not in known.copies]
        deleted = next((known.deleted[each] for each in ids if each in known.deleted), None)
        if not blobs or not known.coming.isdisjoint(ids):
            return
        if deleted is not None:
            yield from self._deleted(blobs, deleted, known)
        elif not known.calls.isdisjoint(ids):
            yield from _surplus(blobs, known)
        else:
            yield from self._unknown(blobs)

    def _deleted(self, blobs: Sequence[Stored], deleted: Finding, known: _Known) -> Iterator[Finding]:
        if not readable(self._target, blobs):
            self._closed += 1
            return
        removal = next((known.removing[blob.name] for blob in blobs if blob.name in known.removing), None)
        if removal is None:
            yield deleted
        elif removal.attempts:
            text = f"It was deleted, and could not be removed yet: {removal.error}"
            yield Finding("erased", text, State.UNKNOWN)
        else:
            self._going += 1

    def _unknown(self, blobs: Sequence[Stored]) -> Iterator[Finding]:
        for blob in blobs:
            if self._home and blob.modified is not None and blob.modified > self._now - YOUNG:
                self._young += 1
            else:
                text = f"{blob.name} lies there, and is of no call that the catalogue knows."
                yield Finding("unnamed", text, State.UNKNOWN, blob.name)


def _surplus(blobs: Sequence[Stored], known: _Known) -> Iterator[Finding]:
    """Blobs of a call that the catalogue knows without them; those that are being taken away are left out."""
    for blob in blobs:
        if blob.name not in known.removing:
            text = f"{blob.name} lies there, and the catalogue knows the call without it."
            yield Finding("unnamed", text, State.UNKNOWN, blob.name)


def _ids(found: Found) -> list[str]:
    return list(dict.fromkeys([found.call_id, *calls_of(found.blobs[0].name)]))
