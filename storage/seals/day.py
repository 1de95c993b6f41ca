"""What lies on a medium of one day, by call. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import PurePosixPath

from storage.archive_names import call_of, key_names
from storage.targets.contract import Stored

_DAY = re.compile(r"(\d{4}/\d\d/\d\d)/[^/]+")


@dataclass(frozen=True, slots=True)
class Found:
    """All blobs of one call. ``sidecar`` is the name under which its description lies, empty where it does
    not."""

    call_id: str
    sidecar: str
    blobs: Sequence[Stored]


def days(blobs: Iterable[Stored]) -> Iterator[tuple[str, list[Stored]]]:
    """Each day (``2026/11/22``) with its blobs, of blobs in the order of their names; others are left out."""
    for day, some in groupby(blobs, _day_of):
        if day:
            yield day, list(some)


def by_call(blobs: Iterable[Stored]) -> list[Found]:
    """The blobs of a day by call, those with a description first, in the order of their names."""
    every = list(blobs)
    sidecars = {call_of(blob.name): blob.name for blob in every if is_sidecar(blob.name)}
    found: dict[str, list[Stored]] = {call_id: [] for call_id in sidecars}
    for blob in every:
        of = [call_of(blob.name)] if is_sidecar(blob.name) else calls_of(blob.name)
        owner = next((call_id for call_id in of if call_id in sidecars), of[-1])
        found.setdefault(owner, []).append(blob)
    return [Found(call_id, sidecars.get(call_id, ""), some) for call_id, some in found.items()]


def calls_of(name: str) -> list[str]:
    """The calls that a blob of this name may be of, the likeliest first."""
    return [PurePosixPath(key).stem for key in key_names(name)] or [name.rpartition("/")[2]]


def is_sidecar(name: str) -> bool:
    """Whether a description of a call has this name."""
    return name.endswith(".json") and bool(call_of(name))


def _day_of(blob: Stored) -> str:
    found = _DAY.fullmatch(blob.name)
    return found[1] if found else ""
