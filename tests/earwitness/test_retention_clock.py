"""``earwitness retention clock``: which calls a wrong clock dated, and what a person says of them."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from earwitness import wiring
from earwitness.cli.application import app
from earwitness.cli.faults import Flags
from earwitness.cli.options import settings_from
from earwitness.errors import SettingsError
from storage.errors import NotNow
from storage.retention.clock import believe
from tests.storage.handoffs import a_call
from tests.storage.retention.archived import rule

DEAD = datetime(2019, 1, 1, tzinfo=UTC)


def run(*arguments, text=None):
    return CliRunner().invoke(app, ["retention", *arguments], input=text, obj=Flags())


def done(*arguments, text=None):
    result = run(*arguments, text=text)
    assert result.exit_code == 0, result.output
    return result


@pytest.fixture
def catalogue(tmp_path, monkeypatch):
    """Three calls came while the clock was dead; it is right again, and a rule keeps calls for a year."""
    (tmp_path / "e.toml").write_text(f'data = "{tmp_path / "data"}"\n')
    monkeypatch.setenv("EARWITNESS_CONFIG", str(tmp_path / "e.toml"))
    settings = settings_from(None, None).settings
    settings.folders.make()
    made = wiring.catalogue(settings)
    rule(made, 365)
    believe(made, datetime.now(UTC))
    made.calls.add_many([(a_call(number, start=DEAD), ()) for number in range(3)], at=DEAD)
    yield made
    made.close()


def test_it_shows_the_calls_and_what_to_say(catalogue):
    shown = done("clock")
    assert f"3      {DEAD.astimezone():%Y-%m-%d %H:%M}" in shown.stdout
    assert "--was-behind it counts from when the clock was right again" in shown.stderr
    (setback,) = json.loads(done("clock", "--json").stdout)
    assert (setback["calls"], setback["from"], setback["age_from"]) == (3, "2019-01-01T00:00:00.000Z", None)


def test_preview_and_apply_keep_them_and_say_why(catalogue):
    shown = done("preview")
    assert "0 calls would go." in shown.stderr
    assert "Calls that came while a clock was behind: 3." in shown.stderr
    assert [share["undated"] for share in json.loads(done("preview", "--json").stdout)] == [3]
    applied = done("apply", "--yes")
    assert "0 calls deleted" in applied.stdout
    assert "Calls that came while a clock was behind: 3." in applied.stderr
    assert catalogue.calls.count() == 3


def test_a_person_says_that_the_clock_was_behind(catalogue):
    asked = done("clock", "--was-behind", text="y\n")
    assert "Count the age of 3 calls from when the clock was right again?" in asked.output
    (setback,) = json.loads(done("clock", "--json").stdout)
    assert datetime.now(UTC) - datetime.fromisoformat(setback["age_from"]) < timedelta(hours=1)
    done("apply", "--yes")
    assert catalogue.calls.count() == 3
    (noted,) = catalogue.audit.page(action="retention.clock")
    assert noted.after == {"calls": 3, "dated": "wrong"}
    assert "behind" not in done("apply", "--yes").stderr


def test_a_person_says_that_the_clock_was_right(catalogue):
    asked = run("clock", "--was-right", text="n\n")
    assert "The times of 3 calls are right, and the rules let 3 of them go now?" in asked.output
    assert (asked.exit_code, len(catalogue.setbacks.all())) == (1, 1)
    assert "No call is known to have come" in done("clock", "--was-right", "--yes").stderr
    done("apply", "--yes")
    assert catalogue.calls.count() == 0
    (noted,) = catalogue.audit.page(action="retention.clock")
    assert noted.after["dated"] == "right"


def test_what_cannot_be_said(catalogue):
    assert isinstance(run("clock", "--was-right", "--was-behind").exception, SettingsError)
    believe(catalogue, datetime.now(UTC) + timedelta(days=30))
    assert isinstance(run("clock", "--was-behind", "--yes").exception, NotNow)
    assert catalogue.audit.page(action="retention.clock") == []
