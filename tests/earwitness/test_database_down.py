"""The doctor says whether the database server of the catalogue answers, and waits for none for long."""

import json
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from earwitness.host import database
from earwitness.host.finding import Level
from earwitness.host.survey import survey
from earwitness.settings import CatalogueSettings, Settings
from storage.catalogue import reach
from tests import postgres
from tests.earwitness.test_commands import earwitness

AWAY = "calls wait in the hand-off folder until it answers"


def at(url: str, data: Path | None = None, **more: object) -> Settings:
    return Settings(catalogue=CatalogueSettings(url=url), **({"data": data} if data else {}), **more)


def in_folder(folder: Path) -> str:
    """The URL of a database whose server has its socket there."""
    return f"postgresql+psycopg://anna@/calls?host={folder}"


@pytest.fixture
def silent() -> Iterator[str]:
    """The URL of a server that takes connections and never says a word; a socket's path has to be short."""
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listening:
        listening.bind(f"{folder}/.s.PGSQL.5432")
        listening.listen(8)
        yield in_folder(Path(folder))


def test_one_that_is_down_is_wrong_and_the_reason_is_said(tmp_path: Path) -> None:
    (found,) = database.check(at(in_folder(tmp_path)))
    assert found.level is Level.WRONG
    assert found.text.startswith("The catalogue calls cannot be ")
    assert "No such file or directory" in found.text
    assert AWAY in found.remedy


def test_one_that_never_answers_is_given_up(
    tmp_path: Path, silent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "SECONDS", 2)
    nas = {"kind": "local", "name": "nas", "folder": tmp_path / "nas", "role": "primary"}
    settings = Settings.model_validate(at(silent, tmp_path).model_dump() | {"targets": [nas]})
    found = list(survey(settings))
    (wrong,) = (each for each in found if each.check == database.CHECK)
    assert "timeout" in wrong.text
    assert {each.level for each in found if each.check == "copies"} == {Level.WELL, Level.WARNING}


def test_one_that_answers_is_well(server: postgres.Server) -> None:
    with server.lent() as url:
        (found,) = database.check(at(url))
    assert (found.level, found.text) == (Level.WELL, "the database of catalogue.url answers")


def test_nothing_is_said_of_a_catalogue_in_a_file(tmp_path: Path) -> None:
    assert [*database.check(Settings()), *database.check(at(f"sqlite:///{tmp_path / 'c.db'}"))] == []
    assert list(tmp_path.iterdir()) == []


def test_the_command_fails(tmp_path: Path) -> None:
    url = f"catalogue.url={in_folder(tmp_path)}"
    done = earwitness("doctor", "--json", "--set", url, "--data", str(tmp_path))
    assert done.returncode == 1
    (found,) = (one for one in json.loads(done.stdout)["findings"] if one["check"] == database.CHECK)
    assert found["level"] == "wrong"


def test_a_url_that_says_how_long_to_wait_keeps_to_it() -> None:
    asked = "postgresql+psycopg://anna:s3cret@db/calls?connect_timeout=30"
    assert reach.hasty(asked, 5) == asked
    assert reach.hasty("postgresql+psycopg://anna:s3cret@db/calls", 5) == asked.replace("30", "5")
    assert reach.hasty("sqlite:////srv/c.db", 5) == "sqlite:////srv/c.db"
