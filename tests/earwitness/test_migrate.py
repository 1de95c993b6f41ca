"""An embedded installation moves to PostgreSQL, and goes on there."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from earwitness import serving, wiring
from earwitness.errors import SettingsError
from earwitness.migrating import ACTION, checked, migrate
from earwitness.moved import CatalogueMoved, mark_of
from earwitness.settings import CatalogueSettings, Settings
from indexer.language import parse
from indexer.scope import EVERYTHING
from storage.catalogue import AuditEntry, Catalogue
from storage.errors import FolderBusy, NotEmpty
from storage.lock import DataFolderLock
from tests import postgres
from tests.earwitness.test_commands import earwitness
from tests.storage.handoffs import a_call

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)


@pytest.fixture
def embedded(tmp_path: Path) -> Settings:
    """A data folder with one call, which is in the index."""
    settings = Settings(data=tmp_path)
    settings.folders.make()
    catalogue = wiring.catalogue(settings)
    catalogue.calls.add(a_call())
    with wiring.index_sync(settings, catalogue) as sync:
        while sync.run_once():
            pass
    catalogue.close()
    return settings


def test_the_installation_goes_on_where_it_moved_to(embedded: Settings, server: postgres.Server) -> None:
    url = server.url(server.create())
    done = earwitness("migrate", "--to", url, "--json", data=embedded.data)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["rows"]["calls"] == 1
    moved = embedded.model_copy(update={"catalogue": CatalogueSettings(url=url)})
    catalogue = wiring.catalogue(moved)
    assert catalogue.audit.page()[0].action == "catalogue.migrate"
    assert catalogue.audit.verify().intact
    catalogue.calls.add(a_call(id="later"))
    with wiring.index_sync(moved, catalogue) as sync:
        assert sync.run_once()
    found = wiring.search_reader(moved).search(parse("", now=NOW, zone=UTC), EVERYTHING, limit=10)
    assert set(found.ids) == {a_call().id, "later"}
    catalogue.close()


def moved_to(embedded: Settings, url: str) -> None:
    source = wiring.catalogue(embedded)
    source.audit.record(AuditEntry(at=NOW, actor="cli:root", action=ACTION))
    try:
        migrate(embedded, source, url, NOW)
    finally:
        source.close()


def test_what_moved_is_not_gone_on_with_by_mistake(embedded: Settings, server: postgres.Server) -> None:
    url = server.url(server.create())
    before = embedded.folders.catalogue.read_bytes()
    moved_to(embedded, url)
    serve = ["serve", "--set", "api.allow_root=true", "--set", "api.port=0"]
    for command in (serve, ["user", "list"], ["migrate", "--to", server.url(server.create())]):
        done = earwitness(*command, data=embedded.data)
        assert done.returncode == 1, command
        assert f"The catalogue of {embedded.data} moved to {checked(embedded, url)}" in done.stderr
        assert f'Write catalogue.url = "{checked(embedded, url)}" into the settings' in done.stderr
    told = earwitness("doctor", "--json", data=embedded.data)
    (found,) = (each for each in json.loads(told.stdout)["findings"] if each["check"] == "catalogue")
    assert (found["level"], told.returncode) == ("wrong", 1)
    assert embedded.folders.catalogue.read_bytes()[:16] == before[:16]
    there = embedded.model_copy(update={"catalogue": CatalogueSettings(url=url)})
    catalogue = wiring.catalogue(there)
    assert catalogue.calls.count() == 1
    catalogue.close()


def test_one_may_go_back_to_the_state_of_then_and_move_again(
    embedded: Settings, server: postgres.Server
) -> None:
    moved_to(embedded, server.url(server.create()))
    mark_of(embedded).unlink()
    catalogue = wiring.catalogue(embedded)
    catalogue.calls.add(a_call(id="since"))
    catalogue.close()
    url = server.url(server.create())
    moved_to(embedded, url)
    there = Catalogue(url)
    assert there.calls.count() == 2
    there.close()
    with pytest.raises(CatalogueMoved, match="moved to"):
        wiring.catalogue(embedded)


def test_a_move_that_was_killed_at_its_end_is_brought_to_an_end(
    embedded: Settings, server: postgres.Server
) -> None:
    url = server.url(server.create())
    moved_to(embedded, url)
    for _ in range(2):
        mark_of(embedded).unlink()
        done = earwitness("migrate", "--to", url, data=embedded.data)
        assert done.returncode == 0, done.stderr
        assert "Everything was there already" in done.stderr
        with pytest.raises(CatalogueMoved):
            wiring.catalogue(embedded)


@pytest.mark.parametrize("deed", ["call", "user"])
def test_what_happened_here_since_is_not_taken_for_moved(
    embedded: Settings, server: postgres.Server, deed: str
) -> None:
    url = server.url(server.create())
    moved_to(embedded, url)
    mark_of(embedded).unlink()
    catalogue = wiring.catalogue(embedded)
    if deed == "call":
        catalogue.calls.add(a_call(id="since"))
    else:
        catalogue.audit.record(AuditEntry(at=NOW, actor="anna", action="user.create"))
    catalogue.close()
    with pytest.raises(NotEmpty):
        moved_to(embedded, url)
    assert not mark_of(embedded).exists()


def test_a_database_that_is_in_use_stays_as_it_is(embedded: Settings, server: postgres.Server) -> None:
    url = server.url(server.create())
    there = Catalogue(url)
    there.calls.add(a_call(id="theirs"))
    source = wiring.catalogue(embedded)
    with pytest.raises(NotEmpty):
        migrate(embedded, source, url, NOW)
    assert [found.call.id for found in there.calls.page()] == ["theirs"]
    there.close()
    source.close()


def test_an_installation_that_runs_is_not_moved(embedded: Settings, server: postgres.Server) -> None:
    source = wiring.catalogue(embedded)
    with DataFolderLock(embedded.data, serving.ROLE), pytest.raises(FolderBusy, match="Stop that process"):
        migrate(embedded, source, server.url(server.create()), NOW)
    source.close()


@pytest.mark.parametrize("to", ["sqlite:///other.db", "no url", ""])
def test_only_postgresql_is_moved_to(to: str) -> None:
    with pytest.raises(SettingsError, match="no PostgreSQL"):
        checked(Settings(), to)


def test_what_is_moved_already_is_not_moved_again() -> None:
    moved = Settings(catalogue=CatalogueSettings(url="postgresql+psycopg://a:secret@b/c"))
    with pytest.raises(SettingsError, match="already"):
        checked(moved, "postgresql+psycopg://a@b/d")


def test_no_password_is_shown() -> None:
    assert "secret" not in checked(Settings(), "postgresql+psycopg://a:secret@b/c")
