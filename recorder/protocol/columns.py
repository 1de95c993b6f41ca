"""What can be done alike with datagrams and segments: dataclasses of columns, one row a packet."""

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from recorder.protocol.datagrams import Datagrams
from recorder.protocol.tcp import Segments

Table = TypeVar("Table", Datagrams, Segments)

_SHARED = ("data", "rejected")


def select(table: Table, keep: NDArray[np.bool_]) -> Table:
    """The rows for which ``keep`` holds."""
    return replace(table, **{name: getattr(table, name)[keep] for name in _columns(table)})


def merged(tables: Sequence[Table], data: NDArray[np.uint8]) -> Table:
    """All rows of at least one table in the order of their frames; ``data`` holds what all of them hold."""
    first = tables[0]
    if len(tables) == 1:
        return first
    order = np.argsort(np.concatenate([table.frames for table in tables]), kind="stable")
    columns: dict[str, Any] = {
        name: np.concatenate([getattr(table, name) for table in tables])[order] for name in _columns(first)
    }
    return replace(first, data=data, **columns)


def _columns(table: Datagrams | Segments) -> list[str]:
    return [field.name for field in fields(table) if field.name not in _SHARED]
