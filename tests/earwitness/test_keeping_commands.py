"""The commands for rules, holds, erasures and scrubbing: who may, who may not, and what is left of it."""

import json
import shutil
from base64 import b64encode
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert
from typer.testing import CliRunner, Result

from earwitness import stop, wiring
from earwitness.browsing import find
from earwitness.cli.application import app
from earwitness.cli.faults import Flags, report
from earwitness.cli.options import settings_from
from earwitness.errors import SettingsError, UnknownTarget
from earwitness.settings import Settings
from indexer.query import Query
from indexer.scope import EVERYTHING
from qa_api.errors import NotPermitted, WrongCredentials
from qa_api.passwords import Passwords
from storage.archive_names import audio_name
from storage.catalogue import NewUser, RunKind
from storage.catalogue.keeping_tables import call_keys
from storage.encryption.keyring import KeyMaker, KeyOpener
from storage.encryption.masterkey import MasterKey
from storage.errors import BadRule, NotNow, SamePerson, UnderHold
from storage.media.reading import Reading
from storage.retention.clock import believe
from storage.retention.restored import note_restore, unseen
from storage.targets import LocalTarget
from tests.storage.retention.archived import archive, names

OLD = datetime.now(UTC) - timedelta(days=400)
PASSWORD = "a long password"
HASH = Passwords().hash(PASSWORD)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An installation with a second folder as target, two users of compliance and an admin."""
    monkeypatch.setattr(stop, "SIGNALS", ())
    target = f'[[targets]]\nname = "disk"\nkind = "local"\nfolder = "{tmp_path / "disk"}"'
    (tmp_path / "e.toml").write_text(f'data = "{tmp_path / "data"}"\n{target}\n')
    monkeypatch.setenv("EARWITNESS_CONFIG", str(tmp_path / "e.toml"))
    found = settings_from(None, None).settings
    found.folders.make()
    catalogue = wiring.catalogue(found)
    for name, role in (("anna", "compliance"), ("ben", "compliance"), ("root", "admin")):
        catalogue.users.create(NewUser(username=name, password_hash=HASH, role=role), OLD)
    catalogue.close()
    return found


@pytest.fixture
def calls(settings: Settings) -> list[str]:
    catalogue = wiring.catalogue(settings)
    made = archive(catalogue, wiring.targets(settings), range(-400, -397), at=OLD)
    catalogue.close()
    return [call.id for call in made]


def run(*arguments: str, by: str = "", password: str = PASSWORD) -> Result:
    who = ["--as", by, "--password-stdin"] if by else []
    return CliRunner().invoke(app, [*arguments, *who], input=f"{password}\n", obj=Flags())


def done(*arguments: str, by: str = "") -> str:
    result = run(*arguments, by=by)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.stdout.strip()


def test_rules_by_two_people_let_calls_go(settings, calls):
    rule = done("retention", "propose", "Old", "--days", "30", "--where", "agent=8001", by="anna")
    assert isinstance(run("retention", "approve", rule, by="anna").exception, SamePerson)
    refused = run("retention", "approve", rule, by="root").exception
    assert isinstance(refused, NotPermitted)
    assert str(refused) == "The role admin may not do this; the role compliance may."
    wrong = run("retention", "approve", rule, by="ben", password="guessed")
    assert isinstance(wrong.exception, WrongCredentials)
    assert json.loads(done("retention", "preview", "--json")) == []
    (share,) = json.loads(done("retention", "preview", "--proposed", "--json"))
    assert (share["calls"], share["first"]) == (3, calls)
    done("retention", "approve", rule, by="ben")
    hold = done("hold", "place", "Court", "--reason", "court", "--call", calls[0], by="anna")
    assert "2" in done("retention", "preview")
    assert run("retention", "apply").exit_code == 1
    applied = json.loads(done("retention", "apply", "--yes", "--json"))
    assert (applied["calls"], applied["waiting"]) == (2, {})
    for target in wiring.targets(settings).values():
        assert len([name for name in names(target) if name.startswith("deleted/")]) == 2
        assert len([name for name in names(target) if name.startswith("20")]) == 3
    assert listed(settings) == calls[:1]
    (shown,) = json.loads(done("hold", "list", "--json"))
    assert (shown["id"], shown["named"], shown["state"]) == (hold, 1, "in-force")
    (shown,) = json.loads(done("retention", "list", "--json"))
    assert (shown["state"], shown["calls"], shown["approved_by"]) == ("in-force", "agent=8001", "ben")
    assert "agent=8001" in done("retention", "list")
    done("retention", "ask-retirement", rule, by="anna")
    done("retention", "keep", rule, by="anna")
    done("retention", "ask-retirement", rule, by="anna")
    done("retention", "retire", rule, by="ben")
    catalogue = wiring.catalogue(settings)
    (ran,) = catalogue.runs.page(kind=RunKind.RETENTION)
    events = catalogue.audit.page(limit=100)
    actions = {event.action: event for event in events}
    catalogue.close()
    assert (ran.state, ran.done, ran.report["calls"]) == ("done", 2, 2)
    assert actions["retention.approve.refused"].actor == "anna"
    assert [event.actor for event in events if event.action == "retention.approve"] == ["ben", "anna"]
    assert actions["retention.approve"].address.startswith("cli:")
    noted = {"session.refused", "retention.propose", "retention.apply", "call.delete", "hold.place"}
    assert noted <= set(actions)


def listed(settings: Settings) -> list[str]:
    """The calls that the page on the disk shows."""
    disk = LocalTarget(settings.targets[0].folder)
    return [row.id for row in find(Reading(disk, KeyOpener()), Query())]


def found_by_search(settings: Settings) -> list[str]:
    return list(wiring.search_reader(settings).search(Query(), EVERYTHING, limit=10).ids)


def test_after_a_backup_and_a_deletion_search_and_the_page_on_the_disk_are_level(settings, calls):
    catalogue = wiring.catalogue(settings)
    with wiring.index_sync(settings, catalogue):
        pass  # an empty index, as a new installation has it
    catalogue.close()
    (backed_up,) = json.loads(done("backup", "--json"))
    assert backed_up["snapshot"]
    assert sorted(listed(settings)) == sorted(found_by_search(settings)) == sorted(calls)
    assert [name for name in names(LocalTarget(settings.targets[0].folder)) if name.startswith("snapshots/")]
    asked = done("erase", "request", calls[0], "--reason", "asked", by="anna")
    done("erase", "approve", asked, by="ben")
    done("retention", "apply", "--yes")
    assert sorted(listed(settings)) == sorted(found_by_search(settings)) == sorted(calls[1:])


def test_the_preview_shows_approved_erasures_and_the_run_counts_them(settings, calls):
    asked = done("erase", "request", calls[0], "--reason", "asked", by="anna")
    assert json.loads(done("retention", "preview", "--json")) == []
    done("erase", "approve", asked, by="ben")
    (share,) = json.loads(done("retention", "preview", "--json"))
    assert (share["rule"], share["calls"], share["first"]) == (None, 1, calls[:1])
    shown = run("retention", "preview")
    assert "(approved erasures)" in shown.stdout
    assert shown.stderr == "1 call would go.\n"
    assert run("retention", "apply").exit_code == 1, "it asks first"
    assert done("retention", "apply", "--yes").startswith("1 call deleted (")
    catalogue = wiring.catalogue(settings)
    (ran,) = catalogue.runs.page(kind=RunKind.RETENTION)
    catalogue.close()
    assert (ran.done, ran.total) == (1, 1)


def test_what_a_medium_keeps_that_cannot_delete_is_named_with_the_reason(settings, calls, tmp_path):
    settings_file = tmp_path / "e.toml"
    key = tmp_path / "master"
    key.write_text(b64encode(b"m" * 32).decode())
    settings_file.write_text(
        f'{settings_file.read_text()}write_once = true\n[encryption]\nmaster_key = "file:{key}"\n'
    )
    wrapped = KeyMaker(MasterKey(b"m" * 32)).new(calls[0]).row
    catalogue = wiring.catalogue(settings)
    with catalogue.database.write() as connection:
        connection.execute(insert(call_keys).values(asdict(wrapped)))
    catalogue.close()
    asked = done("erase", "request", *calls[:2], "--reason", "asked", by="anna")
    done("erase", "approve", asked, by="ben")
    applied = run("retention", "apply", "--yes")
    closed = "disk cannot delete: the sound of 1 deleted call stays there, unreadable, for the key is erased."
    clear = "disk cannot delete: 1 deleted call lies there in clear, until the medium is destroyed."
    assert applied.stdout.splitlines()[-2:] == [closed, clear]
    assert applied.exit_code == 1
    *_, last, stays = done("erase", "list").splitlines()
    assert last == clear
    assert stays.startswith("disk cannot delete: what came there encrypted before it was erased stays")


def test_more_bad_copies_than_are_listed_are_counted(settings):
    catalogue = wiring.catalogue(settings)
    archive(catalogue, wiring.targets(settings), range(-400, -392), at=OLD)
    catalogue.close()
    for path in settings.targets[0].folder.rglob("*.*"):
        if path.parent.parent.parent.parent == settings.targets[0].folder:
            path.write_bytes(b"?" * path.stat().st_size)
    scrubbed = run("scrub", "--all", "--target", "disk", "--no-repair")
    assert scrubbed.exit_code == 1
    first, *listed, more, left = scrubbed.stdout.splitlines()
    assert first.startswith("24 copies read back (")
    assert first.endswith("24 of them bad.")
    assert len(listed) == 20
    assert more == "… and 4 more; --json names them."
    assert left == "disk has 24 bad copies left."


def test_who_released_a_hold_is_listed_and_one_call_is_one_call(settings, calls):
    hold = done("hold", "place", "Court", "--reason", "court", "--call", calls[0], by="anna")
    refused = run("erase", "request", calls[0], "--reason", "asked", by="ben")
    assert str(refused.exception) == (
        f"The call {calls[0]} is under legal hold (Court). It stays until the hold is released."
    )
    asked = run("hold", "ask-release", hold, "--reason", "settled", by="anna")
    assert asked.stderr == "Court: release-asked, 1 call named.\n"
    done("hold", "release", hold, by="ben")
    heading, row = done("hold", "list").splitlines()
    assert heading.split()[-3:] == ["release_asked_by", "released_by", "reason"]
    assert row.split()[-3:] == ["anna", "ben", "court"]


@pytest.mark.parametrize("days", ["0", "-3", "36501"])
def test_days_that_no_rule_can_have_are_said_plainly(settings, days):
    refused = run("retention", "propose", "Old", "--days", days, by="anna")
    assert isinstance(refused.exception, SettingsError)
    assert str(refused.exception).startswith(f"--days {days}: give 1 to 36,500 days")
    assert report(refused.exception) == 2
    assert not refused.stderr


def test_a_list_that_cannot_be_written_is_told(settings, calls):
    done("backup")
    browse = settings.targets[0].folder / "browse"
    shutil.rmtree(browse)
    browse.write_text("in the way")
    asked = done("erase", "request", calls[0], "--reason", "asked", by="anna")
    done("erase", "approve", asked, by="ben")
    result = run("retention", "apply", "--yes")
    assert result.exit_code == 1
    assert "The list of calls on disk was not brought up" in result.output


@pytest.mark.parametrize(
    ("criteria", "idle"), [("number=138*", False), ("number=abc", True), ("agent=9999", True)]
)
def test_a_hold_that_nothing_meets_yet_is_placed_and_said(settings, calls, criteria, idle):
    placed = run("hold", "place", "Court", "--reason", "court", "--where", criteria, by="anna")
    assert placed.exit_code == 0
    (shown,) = json.loads(done("hold", "list", "--json"))
    assert placed.stdout.strip() == shown["id"]
    assert ("None of the calls that are here now meets the criteria" in placed.stderr) is idle


def test_holds_take_two_to_release(settings, calls):
    hold = done("hold", "place", "Court", "--reason", "court", "--where", "number=138*", by="anna")
    assert run("hold", "place", "Nothing", "--reason", "court", by="anna").exit_code == 1
    assert run("hold", "place", "X", "--reason", "y", "--where", "colour=red", by="anna").exit_code == 2
    assert run("hold", "place", "X", "--reason", "y", "--where", "shortest=long", by="anna").exit_code == 2
    done("hold", "add", hold, calls[1], by="ben")
    refused = run("erase", "request", calls[0], "--reason", "asked", by="ben")
    assert isinstance(refused.exception, UnderHold)
    done("hold", "ask-release", hold, "--reason", "settled", by="anna")
    assert isinstance(run("hold", "release", hold, by="anna").exception, SamePerson)
    done("hold", "keep", hold, by="ben")
    done("hold", "ask-release", hold, "--reason", "settled", by="anna")
    done("hold", "release", hold, by="ben")
    assert "released" in done("hold", "list")


def test_a_reason_that_says_too_little_is_refused_as_on_the_page(settings, calls):
    for words in (
        ("hold", "place", "Court", "--call", calls[0]),
        ("erase", "request", calls[0]),
    ):
        refused = run(*words, "--reason", " ask ", by="anna").exception
        assert isinstance(refused, BadRule)
        assert str(refused) == "Give a reason in words: 5 to 2,000 characters."


def test_erasure_by_two_people(settings, calls):
    asked = done("erase", "request", calls[0], "--reason", "asked", by="anna")
    other = done("erase", "request", calls[1], "--reason", "asked", by="anna")
    refused = run("erase", "refuse", other, by="ben")
    assert refused.stderr.splitlines()[-1] == "The erasure of 1 call is refused."
    assert isinstance(run("erase", "approve", asked, by="anna").exception, SamePerson)
    done("erase", "approve", asked, by="ben")
    assert json.loads(done("retention", "apply", "--yes", "--json"))["calls"] == 1
    states = {each["id"]: each["state"] for each in json.loads(done("erase", "list", "--json"))}
    assert states == {asked: "done", other: "refused"}
    assert "refused" in done("erase", "list")


def test_scrub_repairs_and_compares(settings, calls):
    catalogue = wiring.catalogue(settings)
    found = [catalogue.calls.get(call_id).call for call_id in calls]
    catalogue.close()
    disk = wiring.targets(settings)["disk"]
    (settings.targets[0].folder / audio_name(found[0], "opus")).write_bytes(b"rotten")
    disk.delete(audio_name(found[1], "opus"))
    told = run("scrub", "--target", "disk", "--no-repair", "--json")
    assert told.exit_code == 1
    assert json.loads(told.stdout)["left"] == {"disk": 2}
    report = json.loads(done("scrub", "--all", "--compare", "--json"))
    assert len(report["repaired"]) == 2
    assert (report["copies"], report["left"], report["unreachable"]) == (18, {}, {})
    assert report["compared"]["local"]["blobs"] == 9
    assert "0 of them bad" in done("scrub", "--all")
    assert "0 copies" in done("scrub")
    assert isinstance(run("scrub", "--target", "nowhere").exception, UnknownTarget)


def test_the_run_of_a_scrub_says_what_became_of_what_it_found(settings, calls):
    catalogue = wiring.catalogue(settings)
    lost = audio_name(catalogue.calls.get(calls[2]).call, "opus")

    def reported(*options: str) -> tuple[object, object]:
        (settings.targets[0].folder / lost).unlink()
        assert "is missing" in run("scrub", "--all", "--target", "disk", *options).stdout
        report = catalogue.runs.last(RunKind.SCRUB, "disk").report
        assert report["all"] is True
        return report["bad"], report.get("repaired")

    assert reported() == (1, 1)
    assert reported("--no-repair") == (1, None)
    catalogue.close()


def test_nothing_good_left(settings, calls):
    catalogue = wiring.catalogue(settings)
    call = catalogue.calls.get(calls[0]).call
    catalogue.close()
    for folder in (settings.targets[0].folder, settings.archive_folder):
        (folder / audio_name(call, "opus")).write_bytes(b"rotten")
    result = run("scrub", "--all")
    assert result.exit_code == 1
    assert "No good copy within reach" in result.stdout


@pytest.fixture
def stood_still(settings, calls):
    """A rule lets all calls go, and retention ran last 30 days ago; the audit log tells what was said."""
    rule = done("retention", "propose", "Old", "--days", "30", by="anna")
    done("retention", "approve", rule, by="ben")
    catalogue = wiring.catalogue(settings)
    believe(catalogue, datetime.now(UTC) - timedelta(days=30))
    yield catalogue
    catalogue.close()


def test_a_clock_that_is_doubted_lets_nothing_go_unless_a_person_says_that_it_is_right(stood_still):
    refused = run("retention", "apply", "--yes").exception
    assert isinstance(refused, NotNow)
    assert "but retention last ran at" in str(refused)
    assert "--clock-is-right" in str(refused)
    asked = CliRunner().invoke(app, ["retention", "apply"], input="n\n", obj=Flags())
    assert "Is the clock right?" in asked.output
    assert (asked.exit_code, stood_still.calls.count()) == (1, 3)
    asked = CliRunner().invoke(app, ["retention", "apply"], input="y\ny\n", obj=Flags())
    assert (asked.exit_code, stood_still.calls.count()) == (0, 0)
    noted = stood_still.audit.page(action="retention.apply")
    assert [sorted(event.after) for event in noted] == [["believed", "calls", "clock"]]
    done("retention", "apply", "--yes")


def test_who_cannot_be_asked_says_that_the_clock_is_right_beforehand(stood_still):
    assert done("retention", "apply", "--yes", "--clock-is-right").startswith("3 calls deleted")
    (noted,) = stood_still.audit.page(action="retention.apply")
    assert noted.after["believed"] < noted.after["clock"]


@pytest.fixture
def restored(stood_still):
    """The catalogue was restored just now from a snapshot of yesterday."""
    now = datetime.now(UTC)
    believe(stood_still, now)
    note_restore(stood_still, now, now - timedelta(days=1))
    return stood_still


def test_behind_a_restore_nothing_goes_unless_a_person_says_that_holds_were_looked_at(restored):
    refused = run("retention", "apply", "--yes").exception
    assert isinstance(refused, NotNow)
    assert "was restored from a snapshot of" in str(refused)
    assert "--restore-seen" in str(refused)
    asked = CliRunner().invoke(app, ["retention", "apply"], input="n\n", obj=Flags())
    assert "Go on?" in asked.output
    assert (asked.exit_code, restored.calls.count()) == (1, 3)
    asked = CliRunner().invoke(app, ["retention", "apply"], input="y\nn\n", obj=Flags())
    assert (asked.exit_code, restored.calls.count()) == (1, 3)
    assert unseen(restored), "who does not want to delete has not said so either"
    asked = CliRunner().invoke(app, ["retention", "apply"], input="y\ny\n", obj=Flags())
    assert (asked.exit_code, restored.calls.count()) == (0, 0)
    (noted,) = restored.audit.page(action="retention.apply")
    assert noted.after["as_of"] < noted.after["restored"]
    assert unseen(restored) is None


def test_who_cannot_be_asked_says_that_holds_were_looked_at_beforehand(restored):
    assert "restored from a snapshot" in run("retention", "preview").output
    assert done("retention", "apply", "--yes", "--restore-seen").startswith("3 calls deleted")
