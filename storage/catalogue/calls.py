"""The calls of the catalogue. A change of a call and its entry in the feed are one transaction."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    delete,
    func,
    insert,
    literal,
    select,
    tuple_,
    update,
)

from storage.catalogue.call_keys import KeyRow, insert_keys, put_key
from storage.catalogue.call_rows import (
    CatalogueCall,
    Copy,
    call_from,
    call_row,
    copy_from,
    copy_rows,
    leg_rows,
    party_rows,
)
from storage.catalogue.changes import ChangeKind, append_changes, lock_feed
from storage.catalogue.cover import keep_covered, refuse_held, refuse_loss
from storage.catalogue.engine import Database
from storage.catalogue.portions import portions
from storage.catalogue.removals import refuse_pending
from storage.catalogue.seals import SealRow, append_seals
from storage.catalogue.setbacks import note_behind
from storage.catalogue.tables import agents, calls, copies, legs, parties
from storage.catalogue.tag_rows import tags_of
from storage.errors import NotInCatalogue
from storage.model import Call


@dataclass(frozen=True, slots=True)
class CallKey:
    """The place of a call in a list that is newest first and, among equal starts, highest id first."""

    start: datetime
    id: str


class Calls:
    """Adds, finds and lists calls."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, call: Call, copies: Iterable[Copy] = ()) -> bool:
        """Add ``call`` and where it lies. False where its id is known; the catalogue then stays as it is."""
        return self.add_many([(call, copies)])[0]

    def add_many(
        self,
        items: Sequence[tuple[Call, Iterable[Copy]]],
        *,
        seals: Sequence[SealRow] = (),
        keys: Sequence[KeyRow] = (),
        documents: Mapping[str, str] = MappingProxyType({}),
        at: datetime | None = None,
    ) -> list[bool]:
        """Add several calls in one transaction; for each of them what ``add`` says, in the same order.

        The team of a call is that of its agent at this moment. The feed gets them in the order given.
        ``seals`` are the next ones of one chain, ``keys`` those of calls that are encrypted, both of calls
        that are new; ``documents`` are the JSON of calls, by id, where it is at hand. ``at`` is what the
        clock says by which they come in: where it is behind, that is noted with them. Raises ``ChainMoved``
        where the next seals are others by now, ``BeingRemoved`` where one of the calls is deleted and not
        gone yet; nothing is added then.
        """
        with self._database.write() as connection:
            head = lock_feed(connection)
            append_seals(connection, seals)
            refuse_pending(connection, [call.id for call, _ in items])
            known = _known(connection, [call.id for call, _ in items])
            fresh: dict[str, tuple[Call, Iterable[Copy]]] = {}
            added = []
            for call, places in items:
                added.append(call.id not in known and call.id not in fresh)
                if added[-1]:
                    fresh[call.id] = (call, places)
            _insert(connection, list(fresh.values()), documents)
            insert_keys(connection, [key for key in keys if key.call_id in fresh])
            append_changes(connection, head, ChangeKind.ADDED, list(fresh))
            if at is not None:
                note_behind(connection, head.position, len(fresh), at)
        return added

    def get(self, call_id: str) -> CatalogueCall | None:
        """The call with this id, None where there is none."""
        found = self.get_many([call_id])
        return found[0] if found else None

    def get_many(self, call_ids: Sequence[str]) -> list[CatalogueCall]:
        """The calls with these ids, in the order of the ids; unknown ids are left out."""
        with self._database.read() as connection:
            return calls_in(connection, call_ids)

    def page(self, after: CallKey | None = None, limit: int = 100) -> list[CatalogueCall]:
        """At most ``limit`` calls that come after ``after``, newest first; as quick at any depth."""
        query = _documents().order_by(calls.c.start.desc(), calls.c.id.desc()).limit(limit)
        if after is not None:
            key = tuple_(literal(after.start, calls.c.start.type), literal(after.id, calls.c.id.type))
            query = query.where(tuple_(calls.c.start, calls.c.id) < key)
        with self._database.read() as connection:
            return _fetch(connection, query)

    def iterate(self, after: CallKey | None = None, chunk: int = 1000) -> Iterator[CatalogueCall]:
        """All calls after ``after``, newest first, read ``chunk`` at a time.

        Each chunk is a state of its own: calls that come meanwhile are in the change feed, not always here.
        """
        while found := self.page(after, chunk):
            yield from found
            after = CallKey(found[-1].call.start, found[-1].call.id)

    def count(self) -> int:
        """How many calls there are. Walks an index: not for every request."""
        with self._database.read() as connection:
            return connection.execute(select(func.count()).select_from(calls)).scalar_one()

    def revise(
        self,
        call: Call,
        target: str,
        places: Iterable[Copy],
        *,
        seal: SealRow | None = None,
        key: KeyRow | None = None,
        keep_packets: bool = False,
    ) -> bool:
        """Let ``call`` take the place of the one with its id, with its copies on ``target``; False where it
        does already. Team, release and the copies on other targets stay, and so do the legal holds: one
        whose criteria the call met, and does not meet any more, names it from now on. ``seal`` is its new
        seal, ``key`` its new key, where it gets one. Raises ``NotInCatalogue``, ``ChainMoved`` as
        ``add_many``, and with ``keep_packets`` ``PacketsHeld``, where the call would lose its kept packets
        under a hold."""
        places = tuple(sorted(places, key=lambda copy: copy.name))
        with self._database.write() as connection:
            head = lock_feed(connection)
            found = _fetch(connection, _documents().where(calls.c.id == call.id))
            if not found:
                raise NotInCatalogue(f"The catalogue has no call {call.id}.")
            if keep_packets:
                refuse_loss(connection, found[0], call)
            here = tuple(copy for copy in found[0].copies if copy.target == target)
            if found[0].call == call and _contents(here) == _contents(places):
                return False
            append_seals(connection, [seal] if seal else [])
            keep_covered(connection, found[0], replace(found[0], call=call))
            if key is not None:
                put_key(connection, key)
            row = call_row(call, found[0].team) | {"released_at": found[0].released_at}
            connection.execute(update(calls).where(calls.c.id == call.id).values(row))
            for table in (legs, parties):
                connection.execute(delete(table).where(table.c.call_id == call.id))
            connection.execute(delete(copies).where(copies.c.call_id == call.id, copies.c.target == target))
            for table, values in (
                (legs, leg_rows(call)),
                (parties, party_rows(call)),
                (copies, copy_rows(call.id, places)),
            ):
                if values:
                    connection.execute(insert(table), values)
            append_changes(connection, head, ChangeKind.CHANGED, [call.id])
        return True

    def release(self, call_id: str, at: datetime) -> bool:
        """Let the agent see the call from ``at`` on. False where that was done before, which then stays.

        Raises ``NotInCatalogue``.
        """
        with self._database.write() as connection:
            head = lock_feed(connection)
            query = update(calls).where(calls.c.id == call_id, calls.c.released_at.is_(None))
            released = connection.execute(query.values(released_at=at)).rowcount == 1
            if released:
                append_changes(connection, head, ChangeKind.CHANGED, [call_id])
            elif not _known(connection, [call_id]):
                raise NotInCatalogue(f"The catalogue has no call {call_id}.")
        return released

    def delete(self, call_id: str) -> bool:
        """Remove the call with its legs, parties and copies; False where there is none.

        Its audio lies where it lay: deletion goes from the index over the catalogue to the targets. Raises
        ``UnderHold``.
        """
        with self._database.write() as connection:
            head = lock_feed(connection)
            refuse_held(connection, calls_in(connection, [call_id]))
            deleted = connection.execute(delete(calls).where(calls.c.id == call_id)).rowcount == 1
            if deleted:
                append_changes(connection, head, ChangeKind.DELETED, [call_id])
        return deleted


def calls_in(connection: Connection, call_ids: Sequence[str]) -> list[CatalogueCall]:
    """As ``Calls.get_many``, as this transaction sees it."""
    found: dict[str, CatalogueCall] = {}
    for ids in portions(call_ids):
        for item in _fetch(connection, _documents().where(calls.c.id.in_(ids))):
            found[item.call.id] = item
    return [found[call_id] for call_id in call_ids if call_id in found]


def _contents(places: Iterable[Copy]) -> list[tuple[str, int, str]]:
    return [(copy.name, copy.bytes, copy.sha256) for copy in places]


def touch(connection: Connection, which: ColumnElement[bool]) -> None:
    """Tell who follows the feed that these calls changed, or what the catalogue knows beside them."""
    head = lock_feed(connection)
    ids = list(connection.execute(select(calls.c.id).where(which).order_by(calls.c.start)).scalars())
    append_changes(connection, head, ChangeKind.CHANGED, ids)


def _documents() -> Select[Any]:
    return select(calls.c.id, calls.c.document, calls.c.team_id, calls.c.released_at)


def _fetch(connection: Connection, query: Select[Any]) -> list[CatalogueCall]:
    rows = connection.execute(query).all()
    places: dict[str, list[Copy]] = defaultdict(list)
    tags: dict[str, tuple[str, ...]] = {}
    for ids in portions([row.id for row in rows]):
        wanted = select(copies).where(copies.c.call_id.in_(ids)).order_by(copies.c.target, copies.c.name)
        for row in connection.execute(wanted):
            places[row.call_id].append(copy_from(row))
        tags |= tags_of(connection, ids)
    return [call_from(row, places[row.id], tags.get(row.id, ())) for row in rows]


def _known(connection: Connection, call_ids: list[str]) -> set[str]:
    found: set[str] = set()
    for ids in portions(call_ids):
        found.update(connection.execute(select(calls.c.id).where(calls.c.id.in_(ids))).scalars())
    return found


def _insert(
    connection: Connection, items: list[tuple[Call, Iterable[Copy]]], documents: Mapping[str, str]
) -> None:
    teams = _teams(connection, {call.agent for call, _ in items if call.agent})
    rows: list[tuple[Table, list[dict[str, Any]]]] = [
        (calls, [call_row(call, teams.get(call.agent), documents.get(call.id)) for call, _ in items]),
        (legs, [row for call, _ in items for row in leg_rows(call)]),
        (parties, [row for call, _ in items for row in party_rows(call)]),
        (copies, [row for call, places in items for row in copy_rows(call.id, places)]),
    ]
    for table, values in rows:
        if values:
            connection.execute(insert(table), values)


def _teams(connection: Connection, extensions: set[str]) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for wanted in portions(sorted(extensions)):
        query = select(agents.c.extension, agents.c.team_id).where(agents.c.extension.in_(wanted))
        found.update((row.extension, row.team_id) for row in connection.execute(query))
    return found
