"""A dump put into an empty database, and read back before it counts."""

import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from storage.catalogue.columns import metadata
from storage.catalogue.dump_format import FORMAT, Digest, Shape
from storage.catalogue.engine import Database
from storage.catalogue.schema import bring_up_to_date, foreign_tables, make_schema, refuse_tables
from storage.catalogue.tables import heads
from storage.errors import DamagedDump, NotEmpty

_ROWS_A_WRITE = 1000
_ROWS_A_READ = 1000


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a dump was: when it was made, at which position of the change feed, and the rows of each table."""

    at: datetime
    changes: int
    rows: dict[str, int]


def load(url: str, pieces: Iterable[bytes]) -> Loaded:
    """Put the dump into the database at ``url``, in one transaction, read it back, and bring its schema up.

    Dumps of earlier versions are loaded as they are and then brought up. Raises ``NotEmpty`` where the
    database holds anything, or tables of somebody else's, ``DamagedDump``, ``CatalogueTooNew``,
    ``DiskFull``, ``CatalogueError``; nothing but an empty schema stays then.
    """
    lines = _lines(pieces)
    head = _expect(next(lines, None), "format")
    if head["format"] != FORMAT:
        raise DamagedDump(f"its format is {head['format']}, not {FORMAT}")
    database = Database(url)
    try:
        make_schema(database, str(head["schema"]))
        with database.write() as connection:
            _refuse_contents(connection)
            refuse_tables(foreign_tables(connection))
            tables = _fill(connection, lines)
            for shape, promised in tables:
                _compare(connection, shape, promised)
        bring_up_to_date(database)
    finally:
        database.close()
    rows = {shape.table: int(promised["rows"]) for shape, promised in tables}
    return Loaded(datetime.fromisoformat(head["at"]), int(head["changes"]), rows)


def has_rows(url: str) -> bool:
    """Whether the database at ``url`` holds a catalogue with anything in it; it is not touched."""
    database = Database(url)
    try:
        with database.read() as connection:
            _refuse_contents(connection)
    except NotEmpty:
        return True
    finally:
        database.close()
    return False


def _fill(connection: Connection, lines: Iterator[Any]) -> list[tuple[Shape, dict[str, Any]]]:
    connection.execute(delete(heads))
    tables: list[tuple[Shape, dict[str, Any]]] = []
    for line in lines:
        if isinstance(line, dict) and "end" in line:
            # What is behind the last line is taken too: the check sum of gzip, and the end of the dump.
            if next(lines, None) is not None:
                raise DamagedDump("there is something behind its end")
            return tables
        opening = _expect(line, "table")
        shape = Shape(opening["table"], tuple((name, kind) for name, kind in opening["columns"]))
        tables.append((shape, _insert(connection, shape, lines)))
    raise DamagedDump("it was cut off")


def _insert(connection: Connection, shape: Shape, lines: Iterator[Any]) -> dict[str, Any]:
    """Insert the rows up to the end of the table, which is returned."""
    statement = insert(shape.clause())
    rows: list[dict[str, Any]] = []
    for line in lines:
        if isinstance(line, dict):
            if rows:
                connection.execute(statement, rows)
            return _expect(line, "digest")
        rows.append(shape.row(line))
        if len(rows) == _ROWS_A_WRITE:
            connection.execute(statement, rows)
            rows = []
    raise DamagedDump(f"it was cut off in {shape.table}")


def _compare(connection: Connection, shape: Shape, promised: dict[str, Any]) -> None:
    digest = Digest()
    rows = connection.execution_options(yield_per=_ROWS_A_READ).execute(select(shape.clause()))
    for row in rows:
        digest.add(shape.line(row))
    if digest.document() != promised:
        raise DamagedDump(f"{shape.table} does not have the rows that were dumped")


def _refuse_contents(connection: Connection) -> None:
    for table in metadata.sorted_tables:
        if not connection.dialect.has_table(connection, table.name):
            continue
        query = select(func.count()).select_from(table)
        if table is heads:
            query = query.where(heads.c.position > 0)
        if found := connection.execute(query).scalar_one():
            raise NotEmpty(
                f"The database has {found:,} rows in {table.name} already. "
                "Name a database that is empty, or drop that one and create it anew."
            )


def _lines(pieces: Iterable[bytes]) -> Iterator[Any]:
    unpacking, rest = zlib.decompressobj(wbits=31), b""
    try:
        for piece in pieces:
            *whole, rest = (rest + unpacking.decompress(piece)).split(b"\n")
            yield from map(json.loads, whole)
    except (zlib.error, ValueError) as error:
        raise DamagedDump(str(error)) from error
    if not unpacking.eof or rest:
        raise DamagedDump("it was cut off")


def _expect(line: object, key: str) -> dict[str, Any]:
    if not isinstance(line, dict) or key not in line:
        raise DamagedDump(f"there is no {key} where it should stand")
    return line
