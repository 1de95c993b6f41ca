"""What the list of calls is asked for, as a query within the viewer's scope.

Hidden digits. A viewer of masked numbers may search by what the mask shows (the first three digits, the last
four, the masked number itself), by extensions, and by a whole number that is known already; a pattern with
more digits would find the hidden ones one by one and is refused. Whole numbers are counted, see
``qa_api.guesses``. Keys pressed are hidden altogether and so cannot be searched for. Numbers of six to ten
digits show less than seven digits in the list, yet may be searched by up to seven: the price of finding calls
by the end of a number. A whole number is found in every way of writing it, its beginning only as it was
signalled or with its country code: the beginning in its country would show more digits than the mask.
"""

import re
from collections.abc import Iterator
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from indexer import fields, language, numbers
from indexer.errors import QueryError
from indexer.query import (
    After,
    AllOf,
    AnyOf,
    Before,
    Condition,
    Equals,
    Keys,
    Length,
    Not,
    Number,
    Query,
    Words,
    all_of,
)
from indexer.scope import EVERYTHING, NOTHING, Scope, own_released
from qa_api.errors import NumberHidden
from qa_api.masking import EXTENSION_DIGITS
from qa_api.permissions import Action, Role
from qa_api.schemas.filters import CallFilters
from qa_api.viewer import Viewer

_FIRST, _LAST = 3, 4
_WORD_DIGITS = 4
"""Digits from which on a word of free text counts as a guess: parts of a number may stand apart in a name."""


def scope_of(viewer: Viewer) -> Scope:
    """What the viewer may find."""
    match viewer.role:
        case Role.COMPLIANCE | Role.AUDITOR:
            return EVERYTHING
        case Role.EVALUATOR | Role.SUPERVISOR:
            return Scope(teams=frozenset(viewer.user.teams), tags=viewer.may(Action.TAGS_READ))
        case Role.AGENT:
            return own_released(viewer.user.agent)
        case Role.ADMIN:
            return NOTHING


def query_of(filters: CallFilters, now: datetime, zone: tzinfo) -> Query:
    """The filters and the query text together. Raises ``QueryError`` with the parameter as its source."""
    if filters.zone:
        zone = _zone(filters.zone)
    try:
        text = language.parse(filters.q, now=now, zone=zone)
    except QueryError as error:
        raise error.of("q") from error
    return text & Query(all_of(_conditions(filters, zone)))


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise QueryError("bad_time", 0, len(name), source="zone", value=name) from error


def _conditions(filters: CallFilters, zone: tzinfo) -> Iterator[Condition]:
    if filters.agent:
        yield Equals("agent", fields.exact("agent", filters.agent))
    if filters.tag:
        yield Equals("tag", fields.exact("tag", filters.tag))
    if filters.number:
        yield Number("number", _pattern(filters.number))
    if filters.after:
        yield After(_aware(filters.after, zone))
    if filters.before:
        yield Before(_aware(filters.before, zone))
    if filters.min_duration is not None:
        yield Length("duration", ">=", round(filters.min_duration * 1000))
    if filters.max_duration is not None:
        yield Length("duration", "<=", round(filters.max_duration * 1000))
    if filters.direction:
        yield Equals("direction", filters.direction.value)
    if filters.state:
        yield Equals("state", filters.state.value)


def _pattern(number: str) -> str:
    try:
        return numbers.pattern(number)
    except ValueError as error:
        raise QueryError("bad_number", 0, len(number), source="number", value=number) from error


def _aware(time: datetime, zone: tzinfo) -> datetime:
    return time if time.tzinfo else time.replace(tzinfo=zone)


def whole_numbers(condition: Condition) -> Iterator[str]:
    """The whole numbers that a query of a viewer of masked numbers asks for, to be counted.

    Raises ``NumberHidden`` for a condition that asks for digits which the mask hides.
    """
    match condition:
        case AllOf(conditions=inner) | AnyOf(conditions=inner):
            for one in inner:
                yield from whole_numbers(one)
        case Not(condition=one):
            yield from whole_numbers(one)
        case Number(pattern=pattern):
            yield from _asked(pattern)
        case Words(text=text, prefix=prefix):
            yield from _digit_words(text, prefix=prefix)
        case Keys():
            raise NumberHidden("Keys pressed in a call are hidden from this role and cannot be searched for.")


def _asked(pattern: str) -> Iterator[str]:
    parts = [re.sub(r"\D", "", part) for part in pattern.split("*")]
    if len(parts) == 1:
        if len(parts[0]) > EXTENSION_DIGITS:
            yield parts[0]
        return
    first, *middle, last = parts
    if len(first) > _FIRST or len(last) > _LAST or any(middle):
        raise NumberHidden(
            f"Search for the whole number, its first {_FIRST} or its last {_LAST} digits.",
            first=_FIRST,
            last=_LAST,
        )


def _digit_words(text: str, *, prefix: bool) -> Iterator[str]:
    runs = re.findall(r"\d+", text)
    if prefix and runs and text.endswith(runs[-1]) and len(runs[-1]) > _FIRST:
        raise NumberHidden(
            f"Search for the whole number, its first {_FIRST} or its last {_LAST} digits.",
            first=_FIRST,
            last=_LAST,
        )
    yield from (run for run in runs if len(run) >= _WORD_DIGITS)
