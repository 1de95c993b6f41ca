"""How many calls each target holds, how many it alone does, and when it got the latest."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import exists, func, select

from storage.catalogue import Catalogue
from storage.catalogue.tables import copies

_SIDECARS = "%.json"
"""The names of sidecars, of which a target has one for each call (``storage.archive_names``)."""


def calls_held(catalogue: Catalogue) -> dict[str, int]:
    """Calls on each target by its name; targets without any are left out.

    Walks all copies, at about half a microsecond each: not for every request.
    """
    query = select(copies.c.target, func.count().label("calls")).where(copies.c.name.like(_SIDECARS))
    with catalogue.database.read() as connection:
        return {row.target: row.calls for row in connection.execute(query.group_by(copies.c.target))}


def calls_only_on(catalogue: Catalogue, target: str, elsewhere: Iterable[str]) -> int:
    """Calls that lie on ``target`` and on none of ``elsewhere``. Walks all its copies."""
    there = copies.alias()
    other = exists().where(
        there.c.call_id == copies.c.call_id,
        there.c.target.in_(list(elsewhere)),
        there.c.name.like(_SIDECARS),
    )
    query = select(func.count()).where(copies.c.target == target, copies.c.name.like(_SIDECARS), ~other)
    with catalogue.database.read() as connection:
        return connection.execute(query.select_from(copies)).scalar_one()


def last_copied(catalogue: Catalogue, targets: Iterable[str]) -> dict[str, datetime]:
    """When each of the targets got its latest blob; those that hold none are left out."""
    found: dict[str, datetime] = {}
    with catalogue.database.read() as connection:
        for name in targets:
            query = select(copies.c.at).where(copies.c.target == name).order_by(copies.c.at.desc()).limit(1)
            at = connection.execute(query).scalar_one_or_none()
            if at is not None:
                found[name] = at
    return found
