"""All chores of an installation, each done once: copies, snapshots, lists, scrubbing, what people ask."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from earwitness import wiring
from earwitness.keeping.alarms import DOWN_FOR
from earwitness.keeping.duties import Duties
from earwitness.settings import Settings
from storage.catalogue import Condition, RunKind, RunState
from storage.targets import LocalTarget
from tests.storage.copies.centre import HOME, Centre, damaged
from tests.storage.handoffs import hand_off


class Installation:
    """A data folder with a copy target ``nas``, whose chores are done one after the other."""

    def __init__(self, folder: Path, **settings: object) -> None:
        target = {"name": "nas", "kind": "local", "folder": folder / "nas"}
        self.settings = Settings.model_validate({"data": folder / "data", "targets": [target]} | settings)
        self.settings.folders.make()
        self.catalogue = wiring.catalogue(self.settings)
        self.targets = wiring.targets(self.settings)
        self.centre = Centre(
            self.catalogue, {"nas": LocalTarget(folder / "nas")}, LocalTarget(self.settings.archive_folder)
        )
        self.duties = Duties(self.settings, self.catalogue, self.targets, lambda: False)

    def work(self, *names: str) -> list[str]:
        """Do the chores that are wanted, or those named, in their order; their names."""
        done = []
        for chore in self.duties.chores():
            if (not names or chore.name in names) and chore.wanted():
                chore.work()
                done.append(chore.name)
        return done


@pytest.fixture
def place(tmp_path):
    made = Installation(tmp_path)
    yield made
    made.catalogue.close()


def blobs(place, prefix):
    return [stored.name for stored in place.targets["nas"].list(prefix)]


def test_everything_that_keeps_recordings_is_done(place):
    place.centre.archive(*range(3))
    done = place.work()
    assert {"backlog", "look at nas", "copy to nas", "snapshot to nas", "list on nas", "alarms"} <= set(done)
    assert place.duties.trouble == ""
    assert len(blobs(place, "2026/")) == 9
    assert len(blobs(place, "snapshots/")) == 1
    assert blobs(place, "index.html")
    assert place.duties.numbers["target_up:nas"] == 1
    assert place.duties.numbers["backlog_calls:nas"] == 0
    assert "snapshot to nas" not in place.work()


def test_a_bad_copy_is_found_and_put_anew(place):
    ids = place.centre.archive(*range(3))
    place.work()
    bad = damaged(place.centre, "nas", ids[0])
    run = place.catalogue.runs.ask(RunKind.SCRUB, "nas", "admin", place.centre.now)
    place.work("asked scrub on nas")
    ended = place.catalogue.runs.get(run.id)
    assert (ended.state, ended.report["bad"], ended.done) == (RunState.DONE, 1, 9)
    (told,) = ended.report["copies"]
    assert (told["call"], told["condition"], told["repaired"]) == (ids[0], "damaged", True)
    kept = place.targets["nas"].get(bad.name)
    assert b"".join(kept) == b"".join(place.targets[HOME].get(bad.name))
    assert place.work("repair on nas") == []


def test_what_the_chore_put_anew_while_copies_were_read_back_is_told_as_restored(place):
    ids = place.centre.archive(*range(3))
    place.work()
    damaged(place.centre, "nas", ids[0])
    run = place.catalogue.runs.ask(RunKind.SCRUB, "nas", "admin", place.centre.now)
    notes = place.catalogue.copy_checks.note

    def noted_and_put_anew(seen, now):
        bad = notes(seen, now)
        if bad:
            place.work("repair on nas")
        return bad

    place.catalogue.copy_checks.note = noted_and_put_anew
    place.work("asked scrub on nas")
    report = place.catalogue.runs.get(run.id).report
    assert (report["bad"], report["repaired"]) == (1, 1)


@pytest.mark.parametrize("target", ["local", "out", "tape"])
def test_a_snapshot_that_a_target_must_not_hold_is_refused(tmp_path, target):
    """Keys and numbers would outlive there what is erased, or come to people who shall not have them."""
    out = {"name": "out", "kind": "local", "folder": tmp_path / "out", "role": "export"}
    tape = {"name": "tape", "kind": "local", "folder": tmp_path / "tape", "write_once": True}
    place = Installation(tmp_path, targets=[out, tape])
    run = place.catalogue.runs.ask(RunKind.SNAPSHOT, target, "admin", place.centre.now)
    place.work(f"asked snapshot on {target}")
    ended = place.catalogue.runs.get(run.id)
    assert (ended.state, list(place.targets[target].list("snapshots/"))) == (RunState.FAILED, [])
    assert ended.message.startswith(f"{target} gets no snapshots")
    place.catalogue.close()


def test_what_people_ask_for_is_done_and_ends_with_a_word(place):
    place.centre.archive(*range(3))
    runs = place.catalogue.runs
    asked = [runs.ask(kind, "nas", "admin", place.centre.now) for kind in (RunKind.BACKUP, RunKind.SNAPSHOT)]
    gone = runs.ask(RunKind.BACKUP, "gone", "admin", place.centre.now)
    place.work("asked backup on nas", "asked snapshot on nas", "asked in vain")
    asked.append(runs.ask(RunKind.VERIFY, "nas", "admin", place.centre.now))
    place.work("asked verify on nas")
    for run in asked:
        assert runs.get(run.id).state is RunState.DONE
    assert runs.get(asked[0].id).done == 3
    assert runs.get(asked[2].id).report["checked"] == 3
    assert runs.get(gone.id).state is RunState.FAILED
    assert "no target gone" in runs.get(gone.id).message
    place.centre.check_copies("nas")


def test_a_target_that_is_away_is_left_alone_and_said(place, tmp_path):
    (tmp_path / "nas").write_text("in the way")
    place.centre.archive(1)
    states = place.catalogue.target_states
    states.looked("nas", Condition.DOWN, datetime.now(UTC) - DOWN_FOR - timedelta(seconds=1))
    place.work()
    assert states.get("nas").state is Condition.DOWN
    assert "is no folder" in states.get("nas").detail
    place.work("alarms")
    assert "nas" in place.duties.trouble


def test_calls_on_a_target_that_is_away_are_unknown_in_the_report_of_their_verification(place, tmp_path):
    place.centre.archive(*range(3))
    place.work("backlog", "copy to nas")
    (tmp_path / "nas").rename(tmp_path / "away")
    owned = wiring.targets(place.settings, place.catalogue)
    place.duties = Duties(place.settings, place.catalogue, owned, lambda: False)
    run = place.catalogue.runs.ask(RunKind.VERIFY, "nas", "admin", place.centre.now)
    place.work("asked verify on nas")
    ended = place.catalogue.runs.get(run.id)
    assert (ended.report["state"], ended.report["unknown"], ended.report["altered"]) == ("unknown", 3, 0)
    assert (ended.done, ended.message) == (3, "0 intact, 0 altered, 3 unknown.")


def test_a_disk_that_fills_up_is_an_alarm(tmp_path):
    made = Installation(tmp_path, space={"warn_percent": 99.9999999})
    made.work("room", "alarms")
    made.work("room", "alarms")
    assert "% of the disk" in made.duties.trouble
    made.catalogue.close()


def test_a_run_that_a_person_stops_ends_early(place):
    place.centre.archive(*range(3))
    place.work("backlog", "copy to nas")
    run = place.catalogue.runs.ask(RunKind.VERIFY, "nas", "admin", place.centre.now)
    take = place.catalogue.runs.take
    place.catalogue.runs.take = lambda *args: (
        take(*args) and place.catalogue.runs.ask_stop(run.id, "x", args[1])
    )
    place.work("asked verify on nas")
    ended = place.catalogue.runs.get(run.id)
    assert (ended.state, ended.done) == (RunState.STOPPED, 0)


def test_a_target_in_trouble_is_told_at_once_and_is_an_alarm_where_it_lasts(place, tmp_path):
    place.catalogue.target_states.looked("nas", Condition.DOWN, datetime.now(UTC), "no answer")
    place.work("alarms")
    assert place.duties.trouble == ""
    assert "nas is down since" in place.duties.remark
    (tmp_path / "nas").write_text("in the way")
    place.work("look at nas", "alarms")
    assert "is no folder" in place.duties.trouble
    assert place.duties.remark == ""
    (tmp_path / "nas").unlink()
    place.work("look at nas", "alarms")
    assert (place.duties.trouble, place.duties.remark) == ("", "")


def test_what_cannot_be_done_on_a_target_that_is_away_is_no_alarm_beside_that(place, tmp_path):
    (tmp_path / "nas").write_text("in the way")
    place.work("look at nas")
    place.duties.chores()
    snapshot = next(each for each in place.duties.chores() if each.name == "snapshot to nas")
    snapshot.work()
    place.work("alarms")
    assert len(place.duties.trouble.splitlines()) == 1
    assert "nas is down since" in place.duties.trouble
    (tmp_path / "nas").unlink()
    place.work("look at nas", "alarms")
    assert place.duties.trouble.startswith("No snapshot on nas")


def test_what_could_not_be_compared_is_compared_again(place):
    place.centre.archive(1)
    place.work()
    chore = next(each for each in place.duties.chores() if each.name == "compare nas")
    kept = {name: b"".join(place.targets["nas"].get(name)) for name in blobs(place, "2026/")}
    for name in kept:
        place.targets["nas"].delete(name)
    chore.work()
    place.work("alarms")
    assert "nas cannot be compared with the catalogue" in place.duties.trouble
    for name, data in kept.items():
        place.targets["nas"].put(name, data)
    assert chore.wanted(), "not only tomorrow"
    chore.work()
    place.work("alarms")
    assert place.duties.trouble == ""
    assert not chore.wanted()


def test_a_primary_target_that_is_down_is_told_and_then_an_alarm(tmp_path):
    """Nobody listens on the port: as a server that is off."""
    bucket = {
        "name": "bucket",
        "kind": "sftp",
        "host": "127.0.0.1",
        "port": 9,
        "user": "x",
        "role": "primary",
    }
    bucket |= {"known_hosts": tmp_path / "known_hosts", "password": "env:HOME"}
    (tmp_path / "known_hosts").touch()
    made = Installation(tmp_path, targets=[bucket])
    clock = [datetime.now(UTC)]
    made.targets = wiring.targets(made.settings, made.catalogue, patience=None)
    made.duties = Duties(made.settings, made.catalogue, made.targets, lambda: False, lambda: clock[0])
    made.work("look at bucket", "alarms")
    assert made.duties.trouble == ""
    assert "bucket is down since" in made.duties.remark
    assert "New calls wait in the hand-off folder" in made.duties.remark
    for number in range(3):
        hand_off(made.settings.folders.handoff, number)
    clock[0] += DOWN_FOR + timedelta(seconds=1)
    made.work("look at bucket", "alarms")
    assert "bucket is down since" in made.duties.trouble
    assert "Waiting in the hand-off folder: 3 calls, the oldest since 20" in made.duties.trouble
    assert made.duties.remark == ""
    made.catalogue.close()


def test_a_server_that_calls_come_in_on_gets_those_of_before(tmp_path):
    """They came into the archive folder until the settings named another place."""
    nas = {"name": "nas", "kind": "local", "folder": tmp_path / "nas", "role": "primary"}
    place = Installation(tmp_path, targets=[nas])
    place.centre.archive(*range(3))
    place.work("backlog", "look at nas", "alarms")
    assert place.duties.trouble == ""
    assert place.duties.numbers["backlog_calls:nas"] == 3
    assert place.work("copy to nas") == ["copy to nas"]
    place.centre.check("nas")
    assert place.work("backlog", "copy to nas", "alarms") == ["alarms"]
    assert place.duties.numbers["backlog_calls:nas"] == 0
    place.catalogue.close()
