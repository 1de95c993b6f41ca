"""The filters of a list, as a form or an API gives them, made into one query with the free text."""

from datetime import datetime, tzinfo

from indexer import language
from indexer.errors import QueryError
from indexer.query import After, Before, Condition, Length, Query, all_of, quoted


def combined(
    text: str = "",
    *,
    now: datetime,
    zone: tzinfo,
    after: datetime | None = None,
    before: datetime | None = None,
    min_duration: float | None = None,
    max_duration: float | None = None,
    **filters: str,
) -> Query:
    """What ``text`` in the query language and all the filters find together.

    ``filters`` are fields of the query language (``agent``, ``number``, ``direction``, …), each with one value
    that is read as if between quotes; empty ones ask for nothing. Durations are in seconds, ends included. Raises ``QueryError`` whose ``source`` is the name of the filter, ``q`` for the text.
    """
    conditions = [_parsed(text, "q", None, now, zone)]
    for field, value in filters.items():
        if value.strip():
            conditions.append(_parsed(f"{field}:{quoted(value)}", field, len(value), now, zone))
    if after is not None:
        conditions.append(After(after))
    if before is not None:
        conditions.append(Before(before))
    if min_duration is not None:
        conditions.append(Length("duration", ">=", round(min_duration * 1000)))
    if max_duration is not None:
        conditions.append(Length("duration", "<=", round(max_duration * 1000)))
    return Query(all_of(conditions))


def _parsed(text: str, source: str, whole: int | None, now: datetime, zone: tzinfo) -> Condition:
    try:
        return language.parse(text, now=now, zone=zone).condition
    except QueryError as error:
        raise error.of(source, whole) from error
