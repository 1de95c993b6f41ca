"""What a dump of a catalogue is made of. Pure.

gzip of lines of JSON, UTF-8. The first is the head: ``{"format", "schema", "at", "changes"}`` with the
revision of the schema, the time, and the position of the change feed. Each table follows, those that others
refer to first: ``{"table", "columns": [[name, kind], …]}``, its rows as arrays of values, and
``{"rows", "digest"}``. ``{"end": true}`` is last, so that a dump that was cut off is known as such.

The digest of a table is the sum of the SHA-256 of its rows, modulo 2^256: databases sort texts differently,
and the sum does not depend on the order.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Float, Integer, TableClause, Text, column, table
from sqlalchemy.types import TypeEngine

from storage.catalogue.columns import Moment
from storage.errors import DamagedDump
from storage.model import rfc3339

FORMAT = "earwitness catalogue 1"

_MODULUS = 2**256
_TYPES: dict[str, Callable[[], TypeEngine[Any]]] = {
    "moment": Moment,
    "boolean": Boolean,
    "float": Float,
    "integer": BigInteger,
    "text": Text,
}


@dataclass(frozen=True, slots=True)
class Shape:
    """The columns of one table: name and kind each, the kind being a key of ``_TYPES``."""

    table: str
    columns: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, name: str, columns: Iterable[Column[Any]]) -> "Shape":
        """The shape of a table of this version."""
        return cls(name, tuple((one.name, _kind(one.type)) for one in columns))

    def clause(self) -> TableClause:
        """The table for statements, whatever version of the schema it is from."""
        return table(self.table, *(column(name, _TYPES[kind]()) for name, kind in self.columns))

    def line(self, row: Sequence[Any]) -> bytes:
        """A row of the database as a line."""
        values = [
            value if value is None else _to_json(kind, value)
            for value, (_, kind) in zip(row, self.columns, strict=True)
        ]
        return encode(values)

    def row(self, values: object) -> dict[str, Any]:
        """The values of a line for the database. Raises ``DamagedDump``."""
        if not isinstance(values, list) or len(values) != len(self.columns):
            raise DamagedDump(f"a row of {self.table} has not the columns of the table")
        return {
            name: value if value is None else _from_json(kind, value)
            for value, (name, kind) in zip(values, self.columns, strict=True)
        }


class Digest:
    """Counts rows and sums their hashes, in whatever order they come."""

    def __init__(self) -> None:
        self.rows = 0
        self._sum = 0

    def add(self, line: bytes) -> None:
        """One row, as its line without the line end."""
        self.rows += 1
        self._sum = (self._sum + int.from_bytes(hashlib.sha256(line).digest())) % _MODULUS

    def document(self) -> dict[str, Any]:
        """What stands behind the rows of a table."""
        return {"rows": self.rows, "digest": f"{self._sum:064x}"}


def encode(value: object) -> bytes:
    """One line, without its end."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _kind(type_: TypeEngine[Any]) -> str:
    if isinstance(type_, Moment):
        return "moment"
    if isinstance(type_, Boolean):
        return "boolean"
    if isinstance(type_, Float):
        return "float"
    return "integer" if isinstance(type_, Integer) else "text"


def _to_json(kind: str, value: Any) -> Any:
    if kind == "moment":
        return rfc3339(value)
    return float(value) if kind == "float" else value


def _from_json(kind: str, value: Any) -> Any:
    try:
        return datetime.fromisoformat(value) if kind == "moment" else value
    except (ValueError, TypeError) as error:
        raise DamagedDump(f"{value!r} is no time") from error
