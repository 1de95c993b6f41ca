"""Wrapped keys that take the place of others on targets and in the catalogue, so that nothing is forgotten.

Order for each key: the rows of its copies say what is to lie there, and removals are entered for them; then
the blobs; then the row of the key, and the removals go. Where a kill cuts that off, the copies are not what
the row of the key says, which ``CallKeys.unfinished`` finds; and a call that is erased meanwhile leaves
removals, which take away what was put for it too late.
"""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Update, delete, select, update

from storage.catalogue.call_keys import KEY, KeyRow
from storage.catalogue.call_locks import lock_calls
from storage.catalogue.call_rows import Copy, copy_from
from storage.catalogue.changes import lock_feed
from storage.catalogue.engine import Database
from storage.catalogue.keeping_tables import call_keys, removals
from storage.catalogue.removals import Removal, add_removals
from storage.catalogue.tables import copies

GRACE = timedelta(minutes=15)
"""So long a blob may be on its way before a removal that was entered for it looks whether it may stay."""


class KeyChanges:
    """What is written of a key that is put in the place of another. Safe to use from several threads.

    Copies are given as ``bare`` makes them. Removals are entered for the targets ``removable``, whose media
    can delete.
    """

    def __init__(self, database: Database, removable: Collection[str]) -> None:
        self._database = database
        self._removable = removable

    def begin(self, made: KeyRow, found: Sequence[Copy], now: datetime) -> tuple[Copy, ...] | None:
        """Say that ``made`` will be put in the place of the copies ``found`` of the key, which are all of
        them; they, as the catalogue has them from now on.

        None, and nothing written, where the call has other copies by now, no key, or is gone.
        """
        size, sha256 = _contents(made)
        with self._database.write() as connection:
            if not _lock(connection, made.call_id) or _copies(connection, made.call_id) != set(found):
                return None
            row = connection.execute(select(call_keys.c.document).where(_of(made))).scalar_one_or_none()
            if row is None:
                return None
            self._enter_removals(connection, made, found, now, now + GRACE)
            if row == made.document:
                # The rows of copies say already that one of them is another wrapping.
                return tuple(found)
            for copy in found:
                connection.execute(_at(made, copy).values(bytes=size, sha256=sha256))
            return tuple(replace(copy, bytes=size, sha256=sha256) for copy in found)

    def finish(self, made: KeyRow, begun: Sequence[Copy], now: datetime) -> bool:
        """``made`` lies at all these places, read back ``now``; it takes the place of the key of its call.

        False, and nothing written, where one of them is not what ``begin`` said any more, where the call
        has got a copy of another wrapping, or is gone.
        """
        size, sha256 = _contents(made)
        with self._database.write() as connection:
            if not _lock(connection, made.call_id):
                return False
            there = _copies(connection, made.call_id)
            if set(begun) - there or any(copy.sha256 != sha256 for copy in there - set(begun)):
                return False
            values = {"master": made.master, "document": made.document}
            if connection.execute(update(call_keys).where(_of(made)).values(values)).rowcount == 0:
                return False
            kept = {"bytes": size, "sha256": sha256, "checked": now, "condition": "good"}
            for copy in begun:
                connection.execute(_at(made, copy).values(kept))
            connection.execute(delete(removals).where(*_entered(made, begun)))
        return True

    def give_up(
        self, made: KeyRow, found: Sequence[Copy], untouched: Collection[str], now: datetime
    ) -> list[Copy]:
        """It does not come to that: the rows of the copies on the targets ``untouched`` say again what they
        did before ``begin``. Those of ``found`` that nobody names any more, as their call is gone, maybe:
        their removals are due, and whoever can removes them at once."""
        size, sha256 = _contents(made)
        with self._database.write() as connection:
            _lock(connection, made.call_id)
            there = {(copy.target, copy.name) for copy in _copies(connection, made.call_id)}
            for copy in found:
                if copy.target in untouched:
                    said = _at(made, copy).where(copies.c.bytes == size, copies.c.sha256 == sha256)
                    connection.execute(said.values(bytes=copy.bytes, sha256=copy.sha256))
            named = [copy for copy in found if (copy.target, copy.name) in there]
            connection.execute(delete(removals).where(*_entered(made, named)))
            gone = [copy for copy in found if copy not in named]
            self._enter_removals(connection, made, gone, now, now)
        return [copy for copy in gone if copy.target not in untouched]

    def _enter_removals(
        self,
        connection: Connection,
        made: KeyRow,
        places: Sequence[Copy],
        now: datetime,
        not_before: datetime,
    ) -> None:
        there = [copy for copy in places if copy.target in self._removable]
        wanted = [Removal(made.call_id, copy.target, (copy.name,), now, not_before) for copy in there]
        add_removals(connection, wanted)
        of_call = (removals.c.call_id == made.call_id, removals.c.target.in_([copy.target for copy in there]))
        if not_before <= now:
            connection.execute(update(removals).where(*of_call).values(not_before=not_before))
        else:
            # One that another change left would be through before this one is.
            connection.execute(update(removals).where(*_entered(made, there)).values(not_before=not_before))


def _lock(connection: Connection, call_id: str) -> bool:
    """Whether the call is there; neither it nor its copies change before the transaction ends."""
    lock_feed(connection)
    return bool(lock_calls(connection, [call_id], alone=True))


def _copies(connection: Connection, call_id: str) -> set[Copy]:
    """The copies of the key, without what was seen of them: checks go on meanwhile."""
    rows = connection.execute(select(copies).where(copies.c.call_id == call_id))
    return {bare(copy) for copy in map(copy_from, rows) if copy.name.endswith(KEY)}


def bare(copy: Copy) -> Copy:
    """The copy without what was seen of it."""
    return Copy(copy.target, copy.name, copy.bytes, copy.sha256, copy.at)


def _contents(made: KeyRow) -> tuple[int, str]:
    data = made.document.encode()
    return len(data), hashlib.sha256(data).hexdigest()


def _of(made: KeyRow) -> ColumnElement[bool]:
    return call_keys.c.call_id == made.call_id


def _at(made: KeyRow, copy: Copy) -> Update:
    place = (copies.c.call_id == made.call_id, copies.c.target == copy.target, copies.c.name == copy.name)
    return update(copies).where(*place)


def _entered(made: KeyRow, places: Sequence[Copy]) -> tuple[ColumnElement[bool], ...]:
    """The removals that were entered for these places, unless others joined them: of a call that went."""
    return (
        removals.c.call_id == made.call_id,
        removals.c.target.in_([copy.target for copy in places]),
        removals.c.names.in_([json.dumps([copy.name]) for copy in places]),
        removals.c.cause == "",
    )
