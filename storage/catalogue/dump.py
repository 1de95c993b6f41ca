"""A whole catalogue as a stream of bytes, whichever database it is on."""

import zlib
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, Table, select

from storage.catalogue import keeping_tables, tables
from storage.catalogue.columns import metadata
from storage.catalogue.dump_format import FORMAT, Digest, Shape, encode
from storage.catalogue.engine import Database
from storage.catalogue.heads import CHANGES, read_head
from storage.catalogue.schema import revision_of
from storage.model import rfc3339

_ROWS_A_READ = 1000
_PIECE = 1 << 18
_DEFINED = (tables, keeping_tables)
"""The modules whose tables make the schema: importing them is what puts these into ``metadata``."""


def dump(database: Database, now: datetime) -> Iterator[bytes]:
    """The catalogue as it is when the first piece is asked for, every table of it, as ``dump_format`` says.

    One transaction is held until the last piece was taken: writers go on meanwhile, and are not in it.
    """
    packing = zlib.compressobj(wbits=31)
    waiting = bytearray()
    for line in _lines(database, now):
        waiting += packing.compress(line + b"\n")
        if len(waiting) >= _PIECE:
            yield bytes(waiting)
            waiting.clear()
    yield bytes(waiting) + packing.flush()


def _lines(database: Database, now: datetime) -> Iterator[bytes]:
    with database.read() as connection:
        changes = read_head(connection, CHANGES).position
        schema = revision_of(connection)
        yield encode({"format": FORMAT, "schema": schema, "at": rfc3339(now), "changes": changes})
        for table in metadata.sorted_tables:
            yield from _table(connection, table)
        yield encode({"end": True})


def _table(connection: Connection, table: Table) -> Iterator[bytes]:
    shape, digest = Shape.of(table.name, table.columns), Digest()
    yield encode({"table": shape.table, "columns": shape.columns})
    rows = connection.execution_options(yield_per=_ROWS_A_READ).execute(
        select(table).order_by(*table.primary_key)
    )
    for row in rows:
        line = shape.line(row)
        digest.add(line)
        yield line
    yield encode(digest.document())
