"""The wrapped data keys of encrypted calls. Whoever removes a row makes its call unreadable for good."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from storage.catalogue.engine import Database
from storage.catalogue.keeping_tables import call_keys
from storage.catalogue.portions import portions
from storage.catalogue.tables import copies

KEY = ".key"
"""What the names of wrapped keys end with."""
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class KeyRow:
    """The key of a call: ``document`` is the JSON of its ``.key`` blob, ``master`` the master key's id."""

    call_id: str
    master: str
    document: str


class CallKeys:
    """Finds wrapped keys. They are written with their call, see ``calls``, go with it, and are replaced by
    ``key_changes``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, call_id: str) -> KeyRow | None:
        """The key of the call, None where it lies in clear or is not known."""
        return self.of_calls([call_id]).get(call_id)

    def of_calls(self, call_ids: Sequence[str]) -> dict[str, KeyRow]:
        """The keys of those of these calls that have one."""
        found: dict[str, KeyRow] = {}
        with self._database.read() as connection:
            for ids in portions(call_ids):
                query = select(call_keys).where(call_keys.c.call_id.in_(ids))
                found.update((row.call_id, _key(row)) for row in connection.execute(query))
        return found

    def masters(self) -> list[str]:
        """The ids of the master keys that some call is wrapped with. As quick with a million calls."""
        found: list[str] = []
        query = select(func.min(call_keys.c.master))
        with self._database.read() as connection:
            last = connection.execute(query).scalar_one()
            while last is not None:
                found.append(last)
                last = connection.execute(query.where(call_keys.c.master > last)).scalar_one()
        return found

    def wrapped_with(self, master: str, limit: int = 100, after: str = "") -> list[KeyRow]:
        """At most ``limit`` keys that this master key wraps, of calls with ids above ``after``, by id."""
        query = select(call_keys).where(call_keys.c.master == master, call_keys.c.call_id > after)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(call_keys.c.call_id).limit(limit))
            return [_key(row) for row in rows]

    def count(self, master: str | None = None) -> int:
        """How many keys there are, or how many this master key wraps."""
        query = select(func.count()).select_from(call_keys)
        if master is not None:
            query = query.where(call_keys.c.master == master)
        with self._database.read() as connection:
            return connection.execute(query).scalar_one()

    def unfinished(self, master: str) -> Iterator[KeyRow]:
        """Those that this master key wraps and of which some copy is not what the row says: it was wrapped
        for others, or a change of it was cut off. Walks all of them; they may change on the way."""
        last = ""
        while rows := self.wrapped_with(master, _AT_ONCE, last):
            last = rows[-1].call_id
            copied = self._copied([row.call_id for row in rows])
            yield from (row for row in rows if copied[row.call_id] - {_sha256(row)})

    def _copied(self, call_ids: Sequence[str]) -> dict[str, set[str]]:
        """The hashes of the copies of these keys, as the rows of the copies have them."""
        found: dict[str, set[str]] = {call_id: set() for call_id in call_ids}
        query = select(copies.c.call_id, copies.c.sha256).where(
            copies.c.call_id.in_(call_ids), copies.c.name.endswith(KEY)
        )
        with self._database.read() as connection:
            for call_id, sha256 in connection.execute(query):
                found[call_id].add(sha256)
        return found

    def restore(self, rows: Sequence[KeyRow]) -> None:
        """Write keys that were found on a target, over those that are there."""
        with self._database.write() as connection:
            for row in rows:
                put_key(connection, row)


def insert_keys(connection: Connection, rows: Sequence[KeyRow]) -> None:
    """Write the keys of new calls."""
    if rows:
        connection.execute(insert(call_keys), [_values(row) for row in rows])


def put_key(connection: Connection, row: KeyRow) -> None:
    """Write the key of a call, over the one that it has."""
    same = call_keys.c.call_id == row.call_id
    if connection.execute(update(call_keys).where(same).values(_values(row))).rowcount == 0:
        connection.execute(insert(call_keys).values(_values(row)))


def _values(row: KeyRow) -> dict[str, Any]:
    return {"call_id": row.call_id, "master": row.master, "document": row.document}


def _key(row: Row[Any]) -> KeyRow:
    return KeyRow(row.call_id, row.master, row.document)


def _sha256(row: KeyRow) -> str:
    return hashlib.sha256(row.document.encode()).hexdigest()
