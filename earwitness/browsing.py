"""A medium searched with our own query language, and nothing else at hand."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from indexer.document import SearchDocument, Team, document
from indexer.matching import matches
from indexer.query import After, AllOf, Before, Condition, Query
from storage.media.reading import Reading
from storage.media.row import Row

_DAY = timedelta(days=1)


def find(reading: Reading, query: Query) -> Iterator[Row]:
    """The calls that the query finds, newest first, as they are found. Days that have none are not read."""
    for day in reading.days():
        if _possible(day, query.condition):
            for row in reading.rows(day):
                if not query or matches(as_document(row), query.condition):
                    yield row


def as_document(row: Row) -> SearchDocument:
    """What the search index would know of the call."""
    team = Team("", row.team)
    return document(row.call(), agent_name=row.agent_name, team=team, tags=row.tags)


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
