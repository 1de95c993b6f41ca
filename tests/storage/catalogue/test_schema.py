"""Migrations: they make what the tables say, several processes may run them, and newer ones are refused."""

import json
import multiprocessing
from concurrent.futures import ProcessPoolExecutor

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, MetaData, Table, insert, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from storage.catalogue import (
    Catalogue,
    keeping_tables,  # noqa: F401
    migrate,
    schema,
    sqlite_url,
)
from storage.catalogue.call_rows import call_row
from storage.catalogue.columns import metadata
from storage.catalogue.engine import Database
from storage.catalogue.tables import calls
from storage.catalogue.upgrading import MIGRATIONS
from storage.errors import CatalogueError, CatalogueTooNew
from tests.storage.handoffs import a_call


def test_migrations_make_what_the_tables_say(url):
    migrate(url)
    database = Database(url)
    with database.read() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, metadata) == []
    database.close()


def test_revisions_are_known_by_the_files_of_their_migrations():
    config = Config()
    config.set_main_option("script_location", MIGRATIONS.as_posix())
    scripts = ScriptDirectory.from_config(config)
    assert [script.revision for script in scripts.walk_revisions()] == schema.REVISIONS[::-1]
    assert scripts.get_current_head() == schema.REVISIONS[-1]


def test_migrating_again_changes_nothing(url):
    migrate(url)
    migrate(url)
    Catalogue(url).close()


def test_a_newer_schema_is_refused(url):
    migrate(url)
    database = Database(url)
    with database.write() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    database.close()
    for use in (migrate, Catalogue):
        with pytest.raises(CatalogueTooNew, match="newer version of Earwitness"):
            use(url)


def test_several_processes_migrate_at_once(url):
    with ProcessPoolExecutor(3, multiprocessing.get_context("spawn")) as pool:
        assert list(pool.map(migrate, [url] * 8)) == [None] * 8
    Catalogue(url).close()


def test_postgresql_can_have_these_tables():
    dialect = postgresql.dialect()
    for table in metadata.sorted_tables:
        assert "CREATE TABLE" in str(CreateTable(table).compile(dialect=dialect))
        for index in table.indexes:
            assert "CREATE INDEX" in str(CreateIndex(index).compile(dialect=dialect))


def test_a_place_that_cannot_be_is_said(tmp_path):
    with pytest.raises(CatalogueError, match=r"missing/catalogue\.db cannot be used: unable to open"):
        Catalogue(sqlite_url(tmp_path / "missing" / "catalogue.db"))


def test_a_file_that_is_no_database_is_said(tmp_path):
    path = tmp_path / "catalogue.db"
    path.write_bytes(b"no database at all" * 1000)
    with pytest.raises(CatalogueError, match="not a database"):
        Catalogue(sqlite_url(path))


def test_a_url_that_is_none_is_said():
    with pytest.raises(CatalogueError, match="URL"):
        Catalogue("postgresql+nothing://host/name")
    with pytest.raises(CatalogueError, match="URL"):
        Catalogue("no url")


def test_calls_of_the_first_schema_are_kept(url):
    config = Config()
    config.set_main_option("script_location", MIGRATIONS.as_posix())
    call = a_call(1)
    document = json.loads(call.model_dump_json())
    for words in (document, *document["legs"]):
        del words["from_e164"], words["to_e164"]
    row = call_row(call, None) | {"document": json.dumps(document)}
    del row["from_e164"], row["to_e164"]
    database = Database(url)
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        first = Table("calls", MetaData(), *(Column(name, calls.c[name].type) for name in row))
        connection.execute(insert(first).values(row))
    database.close()
    catalogue = Catalogue(url)
    found = catalogue.calls.get(call.id)
    assert found is not None
    assert found.call == call
    catalogue.close()
