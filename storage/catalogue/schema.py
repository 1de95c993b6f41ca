"""Brings the schema of a catalogue to the one that this version knows, and refuses a newer one."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from storage.catalogue.engine import Database
from storage.errors import CatalogueTooNew

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
    config = Config()
    config.set_main_option("script_location", _FOLDER.as_posix().replace("%", "%%"))
    scripts = ScriptDirectory.from_config(config)
    with database.read() as connection:
        if _is_current(connection, scripts):
            return
    with database.write() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        if not _is_current(connection, scripts):
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def _is_current(connection: Connection, scripts: ScriptDirectory) -> bool:
    found = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in scripts.walk_revisions()}
    if found is not None and found not in known:
        raise CatalogueTooNew(
            f"The catalogue was made by a newer version of Earwitness (schema {found}; this version knows "
            f"up to {scripts.get_current_head()}). Start the newer version, or restore a backup made before."
        )
    return found == scripts.get_current_head()
