"""The calls of one UTC day in a file that a page can load from a disk, which is a script.

``earwitness.day("2026-11-22",{"columns":[…],"rows":[…]})``, a row a line, newest first. Where the medium is
encrypted the second argument is a text: base64 of the encryption of the gzip of that JSON.
"""

import base64
import binascii
import gzip
import json
import zlib
from collections.abc import Iterable
from typing import Any

from storage.errors import DamagedShard
from storage.media.lock import Lock
from storage.media.names import shard_name
from storage.media.row import COLUMNS, Row, row_from


def write_shard(day: str, rows: Iterable[Row], lock: Lock | None = None) -> bytes:
    """The file of the day."""
    newest_first = sorted(rows, key=lambda row: (row.start, row.id), reverse=True)
    lines = ",\n".join(_json(row.values()) for row in newest_first)
    table = f'{{"columns":{_json(COLUMNS)},"rows":[\n{lines}\n]}}'
    if lock is not None:
        closed = lock.close(shard_name(day), gzip.compress(table.encode(), 6, mtime=0))
        table = _json(base64.b64encode(closed).decode())
    return script("day", _json(day), table)


def read_shard(day: str, data: bytes, lock: Lock | None = None) -> list[Row]:
    """The rows of the day, newest first. Raises ``DamagedShard``."""
    try:
        found_day, table = arguments("day", data)
        if isinstance(table, str):
            if lock is None:
                raise DamagedShard(shard_name(day), "it is encrypted")
            table = json.loads(gzip.decompress(lock.open(shard_name(day), base64.b64decode(table))))
        rows = [row_from(table["columns"], values) for values in table["rows"]]
    except (
        ValueError,
        TypeError,
        KeyError,
        EOFError,
        OSError,
        RecursionError,
        zlib.error,
        binascii.Error,
    ) as error:
        raise DamagedShard(shard_name(day), str(error)) from error
    if found_day != day or any(row.day != day for row in rows):
        raise DamagedShard(shard_name(day), "it is of another day")
    return rows


def script(function: str, *texts: str) -> bytes:
    """A call of one of the page's functions, with arguments in JSON."""
    return f"earwitness.{function}({','.join(texts)});\n".encode()


def arguments(function: str, data: bytes) -> list[Any]:
    """The arguments of the call that ``script`` wrote. Raises ``ValueError``."""
    text, start, end = data.decode(), f"earwitness.{function}(", ");\n"
    if not (text.startswith(start) and text.endswith(end)):
        raise ValueError("it was cut off, or is another file")
    found: list[Any] = json.loads(f"[{text[len(start) : -len(end)]}]")
    return found


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
