"""Room in the archive folder: an alarm long before the disk is full, and sound that lies elsewhere moves off.

Only the sound and the packets of a call go, and only where good copies of them on other targets were verified
not long ago and are seen there at this moment. Its sidecar, key and waveform stay, and so does the call.
A legal hold keeps a call, not its place: held calls may move off like others, and the result says how many.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, exists, literal, or_, select, tuple_

from storage.catalogue import Catalogue, CatalogueCall, Copy, Removal
from storage.catalogue.calls import calls_in
from storage.catalogue.changes import lock_feed
from storage.catalogue.copy_checks import SKEW
from storage.catalogue.cover import holds_of
from storage.catalogue.removals import add_removals
from storage.catalogue.tables import calls, copies
from storage.errors import TargetError
from storage.retention.removing import remove_pending
from storage.targets.contract import Space, Target

_SOUND = (".opus", ".wav", ".flac", ".media")
_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Room:
    """How much room the archive folder has: percent of the disk that are free."""

    space: Space
    warn_percent: float
    free_percent: float

    @property
    def free(self) -> float:
        """Percent."""
        return 100 * self.space.free / self.space.total if self.space.total else 0.0

    @property
    def alarm(self) -> bool:
        """Whether somebody should be told."""
        return self.free < max(self.warn_percent, self.free_percent)

    @property
    def lacking(self) -> int:
        """Bytes that have to go for ``free_percent`` to be free."""
        return max(0, round(self.space.total * self.free_percent / 100) - self.space.free)


@dataclass(frozen=True, slots=True)
class Proof:
    """Without which no call moves off: good copies on so many other targets, read back ``within`` so long."""

    copies: int
    within: timedelta


@dataclass(frozen=True, slots=True)
class MadeRoom:
    """What moved off the folder: calls in number, ``held`` of them under a hold, and bytes.

    ``short`` are bytes that are lacking still though no other call may go: an alarm. ``whole`` is False where
    it was stopped, or at its limit.
    """

    calls: int = 0
    held: int = 0
    bytes: int = 0
    short: int = 0
    whole: bool = True


def make_room(
    catalogue: Catalogue,
    targets: Mapping[str, Target],
    room: Room,
    *,
    home: str,
    proof: Proof,
    now: datetime,
    limit: int = 1000,
    stop: Callable[[], bool] = lambda: False,
) -> MadeRoom:
    """Move the oldest calls off the target ``home`` until ``room`` lacks nothing, about ``limit`` of them.

    A call goes where other targets of ``targets`` (raw) hold all of its sound as ``proof`` asks, and say so
    when they are asked now.
    """
    moving = _Moving(catalogue, targets, home, proof.copies, now - proof.within, now)
    calls = held = freed = 0
    for portion in _oldest(catalogue, home):
        if freed >= room.lacking:
            break
        if stop() or calls >= limit:
            return MadeRoom(calls, held, freed, whole=False)
        moved = moving.move(portion, room.lacking - freed)
        calls += len(moved.calls)
        held += moved.held
        freed += moved.bytes
    return MadeRoom(calls, held, freed, short=max(0, room.lacking - freed))


@dataclass(frozen=True, slots=True)
class _Moved:
    calls: tuple[str, ...] = ()
    held: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class _Moving:
    catalogue: Catalogue
    targets: Mapping[str, Target]
    home: str
    needed: int
    since: datetime
    now: datetime

    def move(self, found: Sequence[CatalogueCall], lacking: int) -> _Moved:
        """Move those that may go, until ``lacking`` bytes are free."""
        chosen: list[str] = []
        size = 0
        for item in found:
            if size < lacking and self._is_there(item):
                chosen.append(item.call.id)
                size += sum(copy.bytes for copy in self._sound(item))
        if not chosen:
            return _Moved()
        moved = self._forget(chosen)
        remove_pending(self.catalogue, {self.home: self.targets[self.home]}, now=self.now)
        return moved

    def _forget(self, call_ids: Sequence[str]) -> _Moved:
        """Take the copies out of the catalogue, as it is by now, and note that their blobs go."""
        with self.catalogue.database.write() as connection:
            lock_feed(connection)
            found = [item for item in calls_in(connection, call_ids) if self._enough(item)]
            covered = holds_of(connection, found)
            for item in found:
                self._forget_one(connection, item)
        size = sum(copy.bytes for item in found for copy in self._sound(item))
        return _Moved(tuple(item.call.id for item in found), len(covered), size)

    def _forget_one(self, connection: Connection, item: CatalogueCall) -> None:
        names = tuple(copy.name for copy in self._sound(item))
        rows = (
            copies.c.call_id == item.call.id,
            copies.c.target == self.home,
            copies.c.name.in_(names),
        )
        connection.execute(delete(copies).where(*rows))
        removal = Removal(item.call.id, self.home, names, since=self.now, not_before=self.now)
        add_removals(connection, [removal])

    def _sound(self, item: CatalogueCall) -> list[Copy]:
        return [copy for copy in item.copies if copy.target == self.home and copy.name.endswith(_SOUND)]

    def _enough(self, item: CatalogueCall) -> bool:
        return len(self._holders(item)) >= self.needed > 0

    def _holders(self, item: CatalogueCall) -> list[str]:
        """The other targets that hold all of its sound by the catalogue, good and verified not long ago."""
        sound = self._sound(item)
        good = {
            (copy.target, copy.name, copy.sha256)
            for copy in item.copies
            if copy.condition == "good" and copy.checked is not None and self._is_fresh(copy.checked)
        }
        return [
            name
            for name in self.targets
            if name != self.home and sound and all((name, copy.name, copy.sha256) in good for copy in sound)
        ]

    def _is_fresh(self, checked: datetime) -> bool:
        """Whether that is not long ago. A time to come tells when the clock was ahead, not how long ago."""
        return self.since <= checked <= self.now + SKEW

    def _is_there(self, item: CatalogueCall) -> bool:
        """Whether enough of the others say so themselves."""
        if not self._enough(item):
            return False
        sound = self._sound(item)
        return sum(self._says(name, sound) for name in self._holders(item)) >= self.needed

    def _says(self, name: str, sound: Sequence[Copy]) -> bool:
        try:
            kept = [self.targets[name].stat(copy.name) for copy in sound]
        except TargetError:
            return False
        return [blob.bytes if blob else -1 for blob in kept] == [copy.bytes for copy in sound]


def _oldest(catalogue: Catalogue, home: str) -> Iterator[list[CatalogueCall]]:
    """The calls whose sound lies on ``home``, oldest first, some at a time."""
    sound = or_(*(copies.c.name.endswith(suffix) for suffix in _SOUND))
    here = exists().where(copies.c.call_id == calls.c.id, copies.c.target == home, sound)
    query = select(calls.c.start, calls.c.id).where(here).order_by(calls.c.start, calls.c.id).limit(_AT_ONCE)
    place = tuple_(calls.c.start, calls.c.id)
    after = query
    while True:
        with catalogue.database.read() as connection:
            rows = connection.execute(after).all()
            portion = calls_in(connection, [row.id for row in rows])
        if not rows:
            return
        yield portion
        last = (literal(rows[-1].start, calls.c.start.type), literal(rows[-1].id, calls.c.id.type))
        after = query.where(place > tuple_(*last))
