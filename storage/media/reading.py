"""The calls on a medium for somebody who has nothing else: by the list, or by the sidecars alone."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from itertools import groupby, islice

from storage.archive_names import call_of, description_name
from storage.encryption import blob
from storage.encryption.keyring import KeyOpener, MediumKeyring
from storage.encryption.target import EncryptedTarget
from storage.errors import DamagedShard, DamagedSidecar, KeyUnusable, NotStored, WrongKey
from storage.media.listing import Listing
from storage.media.manifest import Manifest, read_manifest
from storage.media.medium import About, read_about
from storage.media.medium_key import given_key
from storage.media.row import Row
from storage.model import Call
from storage.sidecar import read_call, read_sidecar
from storage.targets.contract import Target

_TRIED = 100
"""Keys of calls that are tried where the list does not open."""


class Reading:
    """Reads ``target``; ``opener`` opens what is encrypted there.

    Raises ``WrongKey`` where the list is encrypted and nothing given opens it, nor calls. Where the list is
    missing, damaged or closed with another key than calls are, the sidecars are read instead, which takes a
    file a call.
    """

    def __init__(self, target: Target, opener: KeyOpener | None = None) -> None:
        opener = opener or KeyOpener()
        self._target = target
        self._keys = MediumKeyring(target, opener)
        self._opened = EncryptedTarget(target, self._keys)
        self._manifest = found = _manifest(target)
        self.closed = False
        """Whether there is a list that nothing given opens: keys were wrapped anew and it was not yet."""
        lock = None
        if found and found.key:
            try:
                lock = given_key(found.key, opener, found.volume)
            except WrongKey:
                if not self._opens_calls():
                    raise
                self._manifest, self.closed = None, True
        self._listing = Listing(target, lock)
        self.unreadable = 0
        """How many sidecars could not be read so far."""

    @property
    def about(self) -> About:
        """What the medium says of itself."""
        return read_about(self._target)

    @property
    def listed(self) -> bool:
        """Whether there is a list; without one every question reads all sidecars of the days asked for."""
        return self._manifest is not None

    def days(self) -> list[str]:
        """The UTC dates with calls, newest first."""
        if self._manifest is not None:
            return sorted(self._manifest.days, reverse=True)
        days = groupby(day for blob in self._target.list() if (day := _day(blob.name)))
        return sorted((day for day, _ in days), reverse=True)

    def rows(self, day: str) -> list[Row]:
        """The calls of a day, newest first."""
        if self._manifest is not None:
            try:
                return self._listing.rows(day)
            except DamagedShard:
                pass
        found = map(Row.of, self._calls(day))
        return sorted(found, key=lambda row: (row.start, row.id), reverse=True)

    def call(self, row: Row) -> Call:
        """All that the medium knows of a call; what the row knows where its sidecar is gone or damaged."""
        name = f"{row.day.replace('-', '/')}/{row.id}.json"
        try:
            return self._described(name)
        except (NotStored, DamagedSidecar, KeyUnusable, WrongKey):
            return row.call()

    def audio(self, name: str) -> Iterator[bytes]:
        """The recording of this name, lying open. Raises ``NotStored``, ``WrongKey``, ``KeyUnusable``."""
        return self._opened.get(name)

    def find(self, call_id: str) -> Row | None:
        """The call with this id."""
        return next((row for day in self.days() for row in self.rows(day) if row.id == call_id), None)

    def _opens_calls(self) -> bool:
        """Whether one of some calls opens."""
        keys = (stored.name for stored in self._target.list() if stored.name.endswith(".key"))
        for name in islice(filter(call_of, keys), _TRIED):
            with suppress(KeyUnusable, NotStored):
                return self._keys.data_key(name) is not None
        return False

    def _calls(self, day: str) -> Iterator[Call]:
        for stored in self._target.list(f"{day.replace('-', '/')}/"):
            if stored.name.endswith(".json") and call_of(stored.name):
                try:
                    yield self._described(stored.name)
                except (DamagedSidecar, KeyUnusable, WrongKey):
                    self.unreadable += 1

    def _described(self, name: str) -> Call:
        sidecar = read_sidecar(b"".join(self._target.get(name)))
        if not sidecar.encrypted:
            return sidecar.call()
        key = self._keys.data_key(name)
        if key is None:
            raise KeyUnusable(f"{name} is encrypted, and its key is not on this medium.")
        return read_call(blob.decrypt(sidecar.description, key, description_name(sidecar.call_id)))


def _day(name: str) -> str:
    """The UTC date of the call whose sidecar this is; empty for all else that may lie in a folder."""
    if not name.endswith(".json") or not call_of(name):
        return ""
    try:
        return date.fromisoformat(name[:10].replace("/", "-")).isoformat()
    except ValueError:
        return ""


def _manifest(target: Target) -> Manifest | None:
    try:
        return read_manifest(target)
    except DamagedShard:
        return None
