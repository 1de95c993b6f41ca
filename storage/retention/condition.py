"""Criteria as a condition in SQL, so that a million calls need not come out of the database to be counted.

The condition and ``Criteria.met_by`` agree but for texts that the columns hold cut: numbers of more than 255
characters. Whoever deletes asks ``met_by``.
"""

import re
from collections.abc import Iterator

from sqlalchemy import ColumnElement, and_, exists, or_, true

from storage.catalogue.keeping_tables import call_tags
from storage.catalogue.tables import calls, parties
from storage.criteria import Criteria

_ANY = r"(.|\n)*"
_ANY_USER = "[^@]*"


def meets(criteria: Criteria) -> ColumnElement[bool]:
    """The condition on a row of ``calls`` that it is one of those."""
    return and_(true(), *_conditions(criteria))


def _conditions(criteria: Criteria) -> Iterator[ColumnElement[bool]]:
    columns = calls.c
    for column, wanted in (
        (columns.team_id, criteria.teams),
        (columns.agent, criteria.agents),
        (columns.state, [str(state) for state in criteria.states]),
        (columns.direction, [str(direction) for direction in criteria.directions]),
    ):
        if wanted:
            # A column of NULL answers NULL, whose negation is no more true than it is.
            yield and_(column.is_not(None), column.in_(wanted))
    if criteria.shortest is not None:
        yield columns.duration >= criteria.shortest
    if criteria.longest is not None:
        yield columns.duration <= criteria.longest
    if criteria.tags:
        yield exists().where(call_tags.c.call_id == columns.id, call_tags.c.tag.in_(criteria.tags))
    if criteria.numbers:
        yield _number(criteria.numbers)


def _number(patterns: tuple[str, ...]) -> ColumnElement[bool]:
    own = [calls.c[name] for name in ("from", "to", "from_e164", "to_e164")]
    heard = exists().where(parties.c.call_id == calls.c.id, _is(parties.c.number, patterns))
    return or_(*(_is(column, patterns) for column in own), heard)


def _is(column: ColumnElement[str], patterns: tuple[str, ...]) -> ColumnElement[bool]:
    """Whether it is one of the numbers: ``LIKE``, which takes no heed of cases on SQLite, sifts quickly."""
    pattern = "|".join(_expression(each) for each in patterns)
    likely = or_(*(column.like(_like(each), escape="\\") for each in patterns))
    return and_(column != "", likely, column.regexp_match(rf"\A({pattern})\Z"))


def _like(pattern: str) -> str:
    """The pattern, and whatever follows: a host, or nothing."""
    return re.sub(r"([\\%_])", r"\\\1", pattern).replace("*", "%") + "%"


def _expression(pattern: str) -> str:
    """The pattern in what Python's and PostgreSQL's expressions share: the whole number, or its user."""
    whole = _ANY.join(map(re.escape, pattern.split("*")))
    if "@" in pattern:
        return whole
    user = _ANY_USER.join(map(re.escape, pattern.split("*")))
    return f"{whole}|{user}@{_ANY}"
