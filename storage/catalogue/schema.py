"""Brings the schema of a catalogue to the one that this version knows, and refuses a newer one."""

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from storage.catalogue.columns import metadata
from storage.catalogue.engine import Database
from storage.errors import CatalogueTooNew, NotEmpty

REVISIONS = sorted(
    file.name.partition("_")[0] for file in (Path(__file__).parent / "migrations" / "versions").glob("*.py")
)
"""The schemas that this version knows, the current one last: files of migrations are named by them."""
_LOCK = 0x45617277
"""Key of the PostgreSQL advisory lock: ``Earw``."""
_REVISION = "alembic_version"
"""The table that tells which schema there is."""
_NAMED = 5
"""Tables that are named where a database is refused for them."""


def migrate(url: str) -> None:
    """Make or upgrade the catalogue at ``url``; safe when several processes start at once.

    Raises ``CatalogueTooNew``, ``DiskFull`` or ``CatalogueError``; the schema then is as it was.
    """
    database = Database(url)
    try:
        bring_up_to_date(database)
    finally:
        database.close()


def bring_up_to_date(database: Database) -> None:
    """Like ``migrate``, on an open database."""
    with database.read() as connection:
        if _is_current(connection):
            return
    with database.write() as connection:
        _lock(connection)
        if not _is_current(connection):
            _upgrade(connection, REVISIONS[-1])


def make_schema(database: Database, revision: str) -> None:
    """Make the schema of an earlier ``revision`` in a database that has none, to load a dump of that time.

    Raises ``CatalogueTooNew`` for a revision that is not known, ``NotEmpty`` where there is another schema
    or a table of somebody else's.
    """
    _refuse_newer(revision)
    with database.write() as connection:
        _lock(connection)
        found = revision_of(connection)
        if found is None:
            # Without a revision none is ours, be it called as ours are: many have a table of users.
            refuse_tables(inspect(connection).get_table_names())
        if found not in {None, revision}:
            raise NotEmpty(f"The database has a catalogue of schema {found}. Name one without tables.")
        if found is None:
            _upgrade(connection, revision)


def refuse_tables(names: Sequence[str]) -> None:
    """Raise ``NotEmpty`` where there are tables, of these names, that are not ours."""
    if names:
        more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
        named = f"{', '.join(sorted(names)[:_NAMED])}{more}"
        raise NotEmpty(
            f"The database holds tables that are not of Earwitness: {named}. "
            "Name a database that is empty; `createdb NAME` makes one."
        )


def foreign_tables(connection: Connection) -> list[str]:
    """The tables beside those of a catalogue, in a database that has one."""
    return sorted({*inspect(connection).get_table_names()} - {_REVISION, *metadata.tables})


def revision_of(connection: Connection) -> str | None:
    """The revision of the schema, None where there is none."""
    if not inspect(connection).has_table(_REVISION):
        return None
    found: str | None = connection.scalar(text(f"SELECT version_num FROM {_REVISION}"))  # noqa: S608 - ours
    return found


def _upgrade(connection: Connection, revision: str) -> None:
    from storage.catalogue.upgrading import upgrade

    upgrade(connection, revision)


def _lock(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def _is_current(connection: Connection) -> bool:
    found = revision_of(connection)
    if found is not None:
        _refuse_newer(found)
    return found == REVISIONS[-1]


def _refuse_newer(revision: str) -> None:
    if revision not in REVISIONS:
        raise CatalogueTooNew(
            f"The catalogue was made by a newer version of Earwitness (schema {revision}; this version knows "
            f"up to {REVISIONS[-1]}). Start the newer version, or restore a backup made before."
        )
