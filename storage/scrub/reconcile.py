"""Reconciling: what lies on a target against what the catalogue says of it, both ways, a day at a time.

Rows whose blob is not there, or has another length, are marked for repair. Of blobs that no row names, those
of deleted calls are removed, those that are the same as a copy elsewhere get their row back, and the others
are told and left: after a catalogue was restored from an old snapshot they are recordings.

On a medium that cannot delete, what is left of an encrypted call without its key is erased already and left
alone; what of a deleted call lies there for anybody to read is put on the list of removals, which says so.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from pathlib import PurePosixPath
from types import MappingProxyType

from storage.archive_names import key_names
from storage.catalogue import Catalogue, CatalogueCall, Copy, Held, Removal
from storage.catalogue.changes import deleted_among, lock_feed
from storage.catalogue.copy_checks import Condition
from storage.catalogue.removals import add_removals
from storage.errors import TargetError
from storage.scrub.lasting import has_key, readable, recorded
from storage.scrub.scrub import Bad
from storage.seals.keys import PublicKey
from storage.targets.contract import Stored, Target, read_back

YOUNG = timedelta(days=1)
_DAY = re.compile(r"(\d{4})/(\d\d)/(\d\d)/[^/]+")
_NAMED = 200
_LOOKED_FOR = 3


@dataclass(slots=True)
class Reconciled:
    """What was found. ``bad`` rows are marked for repair, ``adopted`` blobs have their row again, those
    ``removing`` are of deleted calls, and so are those ``staying``, which can be read and cannot be removed.
    ``unknown`` are blobs of calls that the catalogue does not know, ``stray`` of calls that it knows without
    them; of both the first names, and how many.

    ``day`` is the last day that was dealt with, to go on from; ``whole`` is False where there are more days.
    """

    bad: list[Bad] = field(default_factory=list)
    adopted: list[str] = field(default_factory=list)
    removing: list[str] = field(default_factory=list)
    staying: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    stray: list[str] = field(default_factory=list)
    unknown_count: int = 0
    stray_count: int = 0
    blobs: int = 0
    day: date | None = None
    whole: bool = True


def reconcile(
    catalogue: Catalogue,
    name: str,
    target: Target,
    *,
    now: datetime,
    after: date | None = None,
    stop: Callable[[], bool] = lambda: False,
    lasting: bool = False,
    keys: Mapping[str, PublicKey] = MappingProxyType({}),
) -> Reconciled:
    """Compare the target, raw, with the catalogue for calls that started after the day ``after`` (UTC).

    ``lasting``: its medium cannot delete. Which calls were deleted is there also known by records that are
    signed with one of ``keys``, of calls that a restored catalogue never knew.
    Blobs younger than a day, or of calls that are being copied or removed, are left alone. Raises
    ``TargetError``, also where nothing at all lies on the target though copies should: it may not be mounted.
    """
    result = Reconciled(day=after)
    lasting = lasting or not target.capabilities.deletes
    work = _Reconciling(catalogue, name, target, now, result, lasting=lasting)
    for day, blobs in _days(catalogue, target, name, after):
        if stop():
            result.whole = False
            break
        work.compare(day, blobs)
        result.day = day
    work.look_up(keys)
    return result


def _days(
    catalogue: Catalogue, target: Target, name: str, after: date | None
) -> Iterator[tuple[date, list[Stored]]]:
    """Every day on which there are calls or blobs, with its blobs, in order."""
    # Asked before the listing: what is copied meanwhile would be missed in a list that was begun without it.
    expected = catalogue.copy_checks.names(name, _LOOKED_FOR)
    listed = ((day, list(blobs)) for day, blobs in groupby(target.list(), _day_of) if day is not None)
    there = next(listed, None)
    if there is None and expected:
        raise _empty(target, name, expected)
    known = catalogue.copy_checks.next_day(after)
    while there is not None or known is not None:
        if there is not None and after is not None and there[0] <= after:
            there = next(listed, None)
        elif there is not None and (known is None or there[0] <= known):
            if there[0] == known:
                known = catalogue.copy_checks.next_day(known)
            yield there
            there = next(listed, None)
        elif known is not None:
            yield known, []
            known = catalogue.copy_checks.next_day(known)


def _empty(target: Target, name: str, expected: Sequence[str]) -> TargetError:
    seen = next((blob for blob in expected if target.stat(blob) is not None), None)
    if seen is None:
        return TargetError(f"Nothing at all is stored on {name}, though copies should be. Is it mounted?")
    return TargetError(
        f"{name} lists nothing, though {seen} is there: the list is not whole. It is asked again later; if "
        "that goes on, look at the log of its server."
    )


def _day_of(blob: Stored) -> date | None:
    found = _DAY.fullmatch(blob.name)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


class _Reconciling:
    def __init__(
        self,
        catalogue: Catalogue,
        name: str,
        target: Target,
        now: datetime,
        result: Reconciled,
        *,
        lasting: bool,
    ) -> None:
        self._catalogue = catalogue
        self._checks = catalogue.copy_checks
        self._name = name
        self._target = target
        self._now = now
        self._result = result
        self._lasting = lasting
        self._strange: list[Stored] = []
        """Blobs of unknown calls on a medium that cannot delete."""

    def compare(self, day: date, blobs: Sequence[Stored]) -> None:
        """Deal with one day."""
        there = {blob.name: blob for blob in blobs}
        self._result.blobs += len(there)
        rows = self._checks.of_day(self._name, day)
        self._mark(rows, there)
        orphans = [blob for name, blob in there.items() if name not in rows and self._is_old(blob)]
        if orphans:
            self._sort_out(orphans)

    def _mark(self, rows: Mapping[str, Held], there: Mapping[str, Stored]) -> None:
        seen = []
        for name, held in rows.items():
            blob = there.get(name) or self._target.stat(name)
            condition = _condition(held, blob)
            if condition is not Condition.GOOD and held.copy.condition == Condition.GOOD:
                seen.append((held, condition))
        for held, condition in self._checks.note(seen, self._now):
            self._result.bad.append(Bad(held.call_id, self._name, held.copy.name, condition))

    def _is_old(self, blob: Stored) -> bool:
        return blob.modified is None or blob.modified < self._now - YOUNG

    def _sort_out(self, orphans: Sequence[Stored]) -> None:
        ids = sorted({call_id for blob in orphans for call_id in _calls_of(blob.name)})
        known = {found.call.id: found for found in self._catalogue.calls.get_many(ids)}
        busy = self._catalogue.removals.pending(ids) | self._checks.being_copied(self._name, ids)
        with self._catalogue.database.read() as connection:
            deleted = deleted_among(connection, [each for each in ids if each not in known])
        left: dict[str, list[Stored]] = defaultdict(list)
        for blob in orphans:
            of = _calls_of(blob.name)
            if not busy.isdisjoint(of):
                continue
            found = next((known[call_id] for call_id in of if call_id in known), None)
            gone = next((call_id for call_id in of if call_id in deleted), None)
            if found is not None:
                self._take_back(found, blob)
            elif gone is not None and self._lasting:
                left[gone].append(blob)
            elif gone is not None:
                self._remove(gone, [blob.name])
                self._result.removing.append(blob.name)
            elif self._lasting:
                self._strange.append(blob)
            else:
                self._tell_unknown(blob)
        for call_id, blobs in left.items():
            self._keep(call_id, blobs)

    def look_up(self, keys: Mapping[str, PublicKey]) -> None:
        """Deal with the calls that the catalogue does not know: records may say that they were deleted."""
        ids = {call_id for blob in self._strange for call_id in _calls_of(blob.name)}
        gone = recorded(self._target, ids, keys)
        left: dict[str, list[Stored]] = defaultdict(list)
        for blob in self._strange:
            of = next((call_id for call_id in _calls_of(blob.name) if call_id in gone), None)
            if of is None:
                self._tell_unknown(blob)
            else:
                left[of].append(blob)
        for call_id, blobs in left.items():
            self._keep(call_id, blobs)

    def _keep(self, call_id: str, blobs: Sequence[Stored]) -> None:
        """What lies of a deleted call where nothing can be removed; it is told if anybody can read it."""
        names = readable(self._target, blobs)
        if names:
            self._remove(call_id, names)
            self._result.staying += names

    def _tell_unknown(self, blob: Stored) -> None:
        self._result.unknown_count += 1
        self._tell(self._result.unknown, blob)

    def _take_back(self, found: CatalogueCall, blob: Stored) -> None:
        """Give a blob its row where it is what other targets hold under its name."""
        for copy in found.copies:
            if (copy.name, copy.bytes) == (blob.name, blob.bytes):
                kept = read_back(self._target, copy.name)
                if kept.sha256 == copy.sha256:
                    row = Copy(self._name, kept.name, kept.bytes, kept.sha256, self._now, self._now)
                    if self._checks.adopt(found.call.id, row):
                        self._result.adopted.append(blob.name)
                    return
        self._result.stray_count += 1
        self._tell(self._result.stray, blob)

    def _remove(self, call_id: str, names: Sequence[str]) -> None:
        removal = Removal(
            call_id,
            self._name,
            tuple(names),
            since=self._now,
            not_before=self._now,
            encrypted=has_key(names),
        )
        with self._catalogue.database.write() as connection:
            lock_feed(connection)
            add_removals(connection, [removal])

    @staticmethod
    def _tell(told: list[str], blob: Stored) -> None:
        if len(told) < _NAMED:
            told.append(blob.name)


def _condition(held: Held, blob: Stored | None) -> Condition:
    if blob is None:
        return Condition.MISSING
    return Condition.GOOD if blob.bytes == held.copy.bytes else Condition.DAMAGED


def _calls_of(name: str) -> list[str]:
    """The calls that a blob of this name may be of, the likeliest first."""
    return [PurePosixPath(key).stem for key in key_names(name)] or [name]
