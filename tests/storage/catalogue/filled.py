"""Rows in every table of a catalogue, made from what the tables say of themselves."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Boolean, Column, Float, Integer, String, delete, insert, select

from storage.catalogue import keeping_tables  # noqa: F401
from storage.catalogue.columns import Moment, metadata
from storage.catalogue.engine import Database
from storage.catalogue.heads import Head
from storage.catalogue.tables import heads

TEXTS = ("plain", "投诉 ‘引号’", 'line\nand "quotes" \\ \x1f', "Zoë 🙂", "")


def fill(url: str, rows: int = 5) -> None:
    """Put ``rows`` rows into each table of an empty catalogue; those that refer do so by number."""
    database = Database(url)
    with database.write() as connection:
        connection.execute(delete(heads))
        for table in metadata.sorted_tables:
            values = [{column.name: _value(column, at) for column in table.columns} for at in range(rows)]
            connection.execute(insert(table), values)
        names = [("changes", rows), ("audit", rows)]
        connection.execute(delete(heads))
        connection.execute(
            insert(heads), [{"name": n, "position": p, "hash": Head(p).hash} for n, p in names]
        )
    database.close()


def contents(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, in an order that no database decides."""
    database = Database(url)
    with database.read() as connection:
        found = {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
        }
    database.close()
    return found


def _value(column: Column[Any], at: int) -> Any:
    if column.nullable and at == 0:
        return None
    if column.primary_key or column.foreign_keys or column.unique:
        return at if isinstance(column.type, Integer) else f"{at}"
    if isinstance(column.type, Moment):
        return datetime(2026, 11, 21, 23, 59, 59, 999_000, UTC) + timedelta(milliseconds=at)
    if isinstance(column.type, Boolean):
        return at % 2 == 0
    if isinstance(column.type, Float):
        return (0.0, 0.1, 1e-9, 12345.678, 3.0)[at % 5]
    if isinstance(column.type, Integer):
        return (2**31 - 1) - at
    assert isinstance(column.type, String)
    return TEXTS[at % len(TEXTS)][: column.type.length]
