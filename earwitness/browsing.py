"""A medium searched with our own query language, and nothing else at hand."""

import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import chain

from indexer.document import SearchDocument, Team, document
from indexer.matching import matches
from indexer.query import After, AllOf, AnyOf, Before, Condition, Equals, Number, Query
from storage.archive_names import call_of
from storage.errors import DamagedSidecar, NotStored
from storage.media.reading import Reading
from storage.media.row import Row
from storage.seals.deletion import FOLDER, call_ids_of, read_deletion
from storage.sidecar import read_sidecar
from storage.targets import Target

NO_KEYS = (
    "This medium holds no keys (.key files), as is so where it is written once (write_once): its encrypted "
    "calls cannot be opened from it alone, with whatever master key. Use a target that has the keys."
)
CLOSED = (
    "The list of calls on this medium is closed with another key than its calls: their descriptions are read "
    "in its place, which takes longer. `earwitness backup` brings the list up."
)
_DAY = timedelta(days=1)
_ENOUGH = 4
_NO_DIGIT = re.compile(r"[^0-9|]")


def find(reading: Reading, query: Query) -> Iterator[Row]:
    """The calls that the query finds, newest first, as they are found. Days that have none are not read."""
    for day in reading.days():
        if _possible(day, query.condition):
            for row in reading.rows(day):
                if not query or (
                    may_match(row, query.condition) and matches(as_document(row), query.condition)
                ):
                    yield row


def lacks_keys(target: Target) -> bool:
    """Whether encrypted calls lie there and not one key. Reads descriptions up to the first such call."""
    encrypted = False
    for stored in target.list():
        if stored.name.endswith(".key") and call_of(stored.name):
            return False
        if not encrypted and stored.name.endswith(".json") and call_of(stored.name):
            with suppress(DamagedSidecar, NotStored):
                encrypted = read_sidecar(b"".join(target.get(stored.name))).encrypted
    return encrypted


def holds_call(target: Target, call_id: str) -> bool:
    """Whether the description of the call lies there, readable or not."""
    return any(stored.name.endswith(f"/{call_id}.json") for stored in target.list())


def deleted_at(target: Target, call_ids: Collection[str]) -> dict[str, datetime]:
    """Those of the calls that were deleted, as records on the medium say, and when that was last.

    Who signed them is not asked: to tell more than is proven does no harm here.
    """
    found: dict[str, datetime] = {}
    for stored in target.list(FOLDER):
        if not call_ids_of(stored.name).isdisjoint(call_ids):
            with suppress(DamagedSidecar, NotStored):
                said = read_deletion(b"".join(target.get(stored.name))).deletion
                if said.call in call_ids:
                    found[said.call] = max(said.at, found.get(said.call, said.at))
    return found


def as_document(row: Row) -> SearchDocument:
    """What the search index would know of the call."""
    team = Team("", row.team)
    return document(row.call(), agent_name=row.agent_name, team=team, tags=row.tags)


def may_match(row: Row, condition: Condition) -> bool:
    """False where the condition cannot be true of the call: cheap, as most calls are not meant."""
    match condition:
        case AllOf(conditions):
            return all(may_match(row, part) for part in conditions)
        case AnyOf(conditions):
            return any(may_match(row, part) for part in conditions)
        case Equals("state", value):
            return row.state == value
        case Equals("direction", value):
            return row.direction == value
        case Number(_, pattern):
            return _has_digits(row, max(pattern.split("*"), key=len)[-_ENOUGH:])
        case _:
            return True


def _has_digits(row: Row, digits: str) -> bool:
    """Whether some number of the call has these digits in a row: all writings of it end in the same ones."""
    numbers = "|".join((row.from_, row.to, row.from_e164, row.to_e164, *chain.from_iterable(row.legs)))
    if not digits.isdecimal() or not numbers.isascii():
        return True
    return digits in _NO_DIGIT.sub("", numbers)


def _possible(day: str, condition: Condition) -> bool:
    start = datetime.fromisoformat(f"{day}T00:00:00Z")
    match condition:
        case AllOf(conditions):
            return all(_possible(day, part) for part in conditions)
        case After(at):
            return start + _DAY > at
        case Before(at):
            return start < at
        case _:
            return True
