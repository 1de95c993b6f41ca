"""Brings the schema of a catalogue to the one that this version knows, and refuses a newer one."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from storage.catalogue.engine import Database
from storage.errors import CatalogueTooNew, NotEmpty

_FOLDER = Path(__file__).parent / "migrations"
_LOCK = 0x45617277
"""Key of the PostgreSQL advisory lock: ``Earw``."""


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
    config = _config()
    scripts = ScriptDirectory.from_config(config)
    with database.read() as connection:
        if _is_current(connection, scripts):
            return
    with database.write() as connection:
        _lock(connection)
        if not _is_current(connection, scripts):
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def make_schema(database: Database, revision: str) -> None:
    """Make the schema of an earlier ``revision`` in a database that has none, to load a dump of that time.

    Raises ``CatalogueTooNew`` for a revision that is not known, ``NotEmpty`` where there is another schema.
    """
    config = _config()
    _refuse_newer(revision, ScriptDirectory.from_config(config))
    with database.write() as connection:
        _lock(connection)
        found = revision_of(connection)
        if found not in {None, revision}:
            raise NotEmpty(f"The database has a catalogue of schema {found}. Name one without tables.")
        if found is None:
            config.attributes["connection"] = connection
            command.upgrade(config, revision)


def revision_of(connection: Connection) -> str | None:
    """The revision of the schema, None where there is none."""
    return MigrationContext.configure(connection).get_current_revision()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", _FOLDER.as_posix().replace("%", "%%"))
    return config


def _lock(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def _is_current(connection: Connection, scripts: ScriptDirectory) -> bool:
    found = revision_of(connection)
    if found is not None:
        _refuse_newer(found, scripts)
    return found == scripts.get_current_head()


def _refuse_newer(revision: str, scripts: ScriptDirectory) -> None:
    if revision not in {script.revision for script in scripts.walk_revisions()}:
        raise CatalogueTooNew(
            f"The catalogue was made by a newer version of Earwitness (schema {revision}; this version knows "
            f"up to {scripts.get_current_head()}). Start the newer version, or restore a backup made before."
        )
