"""The backlog of each target, kept up with the catalogue by following its change feed.

Every target follows for itself, under a name that holds the fingerprint of its rules: a new target, or one
whose rules changed, begins at the first change and so gets all older calls, page by page. A rule changes too
when a team comes that it names.

Where calls come in there is a backlog as well, if placement names that target: of the calls that came in
elsewhere before.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from storage.catalogue import Catalogue, CatalogueCall, ChangeKind, Copy
from storage.catalogue.copy_tasks import NewTask
from storage.copies.catalogue_key import key_copy
from storage.copies.holdings import holders, holds, in_force, is_key, shall_hold
from storage.copies.placement import Placement
from storage.copies.standing import standing

PAGE = 500


class Backlog:
    """Fills the tasks of copying. ``home`` is the target where calls come in."""

    def __init__(self, catalogue: Catalogue, placement: Placement, home: str) -> None:
        self._catalogue = catalogue
        self._placement = placement
        self._home = home

    def fill(self, target: str, now: datetime, page: int = PAGE) -> int:
        """Look at the next ``page`` changes for ``target``; how many there were, 0 when it is up to date."""
        followers, placement = self._catalogue.followers, self.standing(now)
        follower = f"copies {target} {placement.fingerprint(target)}"
        position = followers.position(follower)
        if position == 0:
            followers.forget(f"copies {target} ", but=follower)
        found = self._catalogue.changes.after(position, page)
        if not found:
            return 0
        ids = dict.fromkeys(change.call_id for change in found if change.kind is not ChangeKind.DELETED)
        calls = self._catalogue.calls.get_many(list(ids))
        wanted, unwanted = self._sort(placement, target, calls, now)
        way = (position, found[-1].position)
        self._catalogue.copy_tasks.follow(follower, target, way, wanted, unwanted, now)
        return len(found)

    def sort(self, target: str, call_ids: Sequence[str], now: datetime) -> tuple[list[NewTask], list[str]]:
        """Of these calls, those that are to be copied to ``target`` as placement is ``now``, and the ids of
        those that are not."""
        return self._sort(self.standing(now), target, self._catalogue.calls.get_many(call_ids), now)

    def ask(self, target: str, call_ids: Sequence[str], now: datetime) -> int:
        """Let ``target`` get these calls before others, whatever the rules say; how many it lacks."""
        wanted = [
            NewTask(found.call.id, _size(blobs), now)
            for found in self._catalogue.calls.get_many(call_ids)
            if (blobs := self.lacking(target, found))
        ]
        self._catalogue.copy_tasks.ask(target, wanted, now)
        return len(wanted)

    def lacking(self, target: str, found: CatalogueCall) -> tuple[Copy, ...]:
        """The blobs of the call that ``target`` shall hold; none where it holds them all."""
        keyless = target in self._placement.keyless
        blobs = shall_hold(found, self._home, keyless=keyless, key=self._key(target, found))
        return () if holds(found, target, blobs) else blobs

    def _key(self, target: str, found: CatalogueCall) -> Copy | None:
        """The key that ``target`` gets from the catalogue: of calls that came in on a medium that cannot
        delete, it lies on no target."""
        keyless = self._placement.keyless
        if not keyless or target in keyless or any(is_key(copy.name) for copy in found.copies):
            return None
        row = self._catalogue.keys.get(found.call.id)
        return key_copy(found.call, row) if row is not None else None

    def standing(self, now: datetime) -> Placement:
        """The placement as it is now, for a page of calls."""
        return standing(self._placement, self._catalogue, now)

    def due(self, placement: Placement, target: str, found: CatalogueCall, now: datetime) -> datetime | None:
        """From when on ``target`` shall hold the call, None for never; ``placement`` is as it is ``now``.

        Where calls come in that is never so for sound that moved off for want of room.
        """
        if target == self._home and self._moved_off(found):
            return None
        held = holders(found, self._home, placement.keyless) if placement.away else ()
        return placement.due(found, target, now, held)

    def _moved_off(self, found: CatalogueCall) -> bool:
        """Whether the description in force lies where calls come in, and so whatever of the call shall."""
        sidecar = in_force(found, self._home)[-1:]
        return any(
            (copy.target, copy.name, copy.sha256) == (self._home, blob.name, blob.sha256)
            for copy in found.copies
            for blob in sidecar
        )

    def _sort(
        self, placement: Placement, target: str, found: Iterable[CatalogueCall], now: datetime
    ) -> tuple[list[NewTask], list[str]]:
        """The calls that are to be copied, and the ids of those that are not."""
        wanted: list[NewTask] = []
        unwanted: list[str] = []
        for item in found:
            due, blobs = self.due(placement, target, item, now), self.lacking(target, item)
            if due is not None and blobs:
                wanted.append(NewTask(item.call.id, _size(blobs), due))
            else:
                unwanted.append(item.call.id)
        return wanted, unwanted


def _size(blobs: Iterable[Copy]) -> int:
    return sum(blob.bytes for blob in blobs)
