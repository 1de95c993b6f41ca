"""Hand-offs that can never be archived: put aside, with the reason, for a person to look at."""

import itertools
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from storage import durable
from storage.errors import DiskFull
from storage.model import rfc3339
from storage.outcomes import Deferred, Rejected

REJECTED = ".rejected"
REASON = "rejected.json"


def put_aside(folder: Path, reason: str, now: datetime) -> Rejected | Deferred:
    """Move the hand-off ``folder`` to its neighbour ``.rejected``, with a file that says why."""
    rejected = folder.parent / REJECTED
    note = json.dumps({"at": rfc3339(now), "reason": reason}, indent=1)
    try:
        durable.write_bytes(folder / REASON, note.encode())
        durable.make_folder(rejected)
        place = next(path for path in _places(rejected, folder.name) if not path.exists())
        folder.rename(place)
        durable.sync_folder(rejected)
    except (DiskFull, OSError) as error:
        hindered = f"It cannot be put aside: {error}"
        return Deferred(folder.name, f"{reason} {hindered}")
    return Rejected(folder.name, reason, place)


def _places(rejected: Path, name: str) -> Iterator[Path]:
    """Names for a rejected folder, in order. The length leaves room for the number."""
    stem = name.encode(errors="surrogateescape")[:200].decode(errors="surrogateescape")
    return (rejected / f"{stem}-{number}" for number in itertools.count(1))
