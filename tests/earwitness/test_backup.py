"""``earwitness backup``: by hand, for some calls or for all, also while ``serve`` copies."""

import json
import threading
from pathlib import Path

import pytest
import typer

from earwitness import wiring
from earwitness.cli.backup import chosen, sentence, wanted
from earwitness.errors import NotFound, UnknownTarget
from earwitness.keeping.backup import Backups
from earwitness.settings import Settings
from storage.catalogue import RunKind, RunState
from storage.copies.backlog import Backlog
from storage.copies.placement import Placement
from storage.targets import LocalTarget
from tests.earwitness.processes import running
from tests.earwitness.test_commands import earwitness
from tests.storage.copies.centre import HOME, Centre, damaged
from tests.waiting import until


@pytest.fixture
def data(tmp_path: Path) -> Path:
    Settings(data=tmp_path / "data").folders.make()
    return tmp_path / "data"


def to(folder: Path, **changes: str) -> list[str]:
    """The options that make a target of ``folder``."""
    more = "".join(f', {name}="{value}"' for name, value in changes.items())
    return ["--set", f'targets=[{{name="nas", kind="local", folder="{folder}"{more}}}]']


def centre(data: Path, folder: Path) -> Centre:
    settings = Settings(data=data)
    targets = {"nas": LocalTarget(folder)}
    return Centre(wiring.catalogue(settings), targets, LocalTarget(settings.archive_folder))


def test_all_calls_then_some_and_how_it_stands(data: Path, tmp_path: Path) -> None:
    made = centre(data, tmp_path / "nas")
    ids = made.archive(*range(5))
    first = earwitness("backup", ids[0], "--json", *to(tmp_path / "nas"), data=data)
    assert first.returncode == 0, first.stderr
    [done] = json.loads(first.stdout)
    assert (done["target"], done["calls"], done["left"], done["failed"]) == ("nas", 1, 0, {})
    bad = damaged(made, HOME, ids[1])
    second = earwitness("backup", *to(tmp_path / "nas"), data=data)
    assert second.returncode == 1
    assert second.stdout.startswith("nas: 3 calls copied and read back (")
    assert "1 failed" in second.stdout
    status = earwitness("backup", "--status", "--json", *to(tmp_path / "nas"), data=data)
    [found] = json.loads(status.stdout)
    assert (found["state"], found["backlog"]["calls"], found["last_run"]["state"]) == ("up", 1, "failed")
    assert [each["id"] for each in found["failing"]] == [ids[1]]
    assert bad.name in found["failing"][0]["error"]
    assert [event.action for event in made.catalogue.audit.page()] == ["backup.run"] * 2
    made.catalogue.close()


def test_calls_of_a_clock_that_is_ahead_are_copied_and_those_that_wait_for_age_are_told(
    data: Path, tmp_path: Path
) -> None:
    made = centre(data, tmp_path / "nas")
    in_years = 400_000_000
    made.archive(1, in_years)
    made.catalogue.close()
    aged = ["--set", 'placement=[{to=["nas"], older_than_days=100000}]']
    waits = earwitness("backup", *to(tmp_path / "nas"), *aged, data=data)
    assert waits.returncode == 0, waits.stderr
    said = "2 calls are not due yet: by [[placement]] they come here once they are older (older_than_days)"
    assert waits.stdout.startswith("nas: 0 calls copied and read back (0 B)")
    assert said in waits.stdout
    status = earwitness("backup", "--status", *to(tmp_path / "nas"), *aged, data=data)
    assert f"nas: {said}" in status.stdout
    done = earwitness("backup", "--json", *to(tmp_path / "nas"), data=data)
    [found] = json.loads(done.stdout)
    assert (found["calls"], found["left"], found["later"]) == (2, 0, 0)


def test_calls_that_a_query_finds(data: Path, tmp_path: Path) -> None:
    settings = Settings(data=data)
    made = centre(data, tmp_path / "nas")
    ids = made.archive(*range(3))
    with wiring.index_sync(settings, made.catalogue) as sync:
        while sync.run_once():
            pass
    assert set(wanted(settings, made.catalogue, ids[:1], "agent:8001")) == set(ids)
    assert wanted(settings, made.catalogue, ids[:1], "agent:8002") == ids[:1]
    with pytest.raises(NotFound, match="no call nowhere"):
        wanted(settings, made.catalogue, ["nowhere"], None)
    made.catalogue.close()


def test_targets_to_copy_to(tmp_path: Path) -> None:
    def settings(**roles: str) -> Settings:
        targets = [
            {"name": name, "kind": "local", "folder": tmp_path / name, "role": role}
            for name, role in roles.items()
        ]
        return Settings.model_validate({"targets": targets})

    both = settings(nas="copy", out="export", first="primary")
    assert chosen(both, [], named=False) == ["nas", "first"]
    assert chosen(both, [], named=True) == ["nas"]
    assert chosen(both, ["out", "nas", "out"], named=True) == ["out", "nas"]
    for to_, named in (["out"], False), (["first"], True):
        with pytest.raises(typer.BadParameter):
            chosen(both, to_, named=named)
    with pytest.raises(UnknownTarget, match="no target moon in the settings; there are: nas, out, first"):
        chosen(both, ["moon"], named=True)
    assert chosen(settings(first="primary"), [], named=False) == ["first"]
    for lone, named in ("export", True), ("export", False), ("primary", True):
        with pytest.raises(NotFound, match="no target to copy to"):
            chosen(settings(lone=lone), [], named=named)


def test_where_calls_come_in_elsewhere_a_backup_brings_earlier_calls_and_leaves_a_snapshot(
    data: Path, tmp_path: Path
) -> None:
    made = centre(data, tmp_path / "nas")
    made.archive(0)
    primary = to(tmp_path / "nas", role="primary")
    status = earwitness("backup", "--status", "--json", *primary, data=data)
    assert json.loads(status.stdout)[0]["backlog"]["calls"] == 1
    done = earwitness("backup", *primary, data=data)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("nas: 1 call copied and read back (")
    assert len(list(made.targets["nas"].list("snapshots/"))) == 1
    assert (tmp_path / "nas" / "index.html").is_file()
    again = earwitness("backup", *primary, data=data)
    assert again.stdout == "nas: calls come in there; it has a snapshot of the catalogue now\n"
    status = earwitness("backup", "--status", "--json", *primary, data=data)
    [found] = json.loads(status.stdout)
    assert found["last_snapshot"] is not None
    event, _ = made.catalogue.audit.page()
    assert (event.action, event.object_id) == ("backup.run", "nas")
    made.catalogue.close()


def test_a_call_is_sent_to_a_target_for_export_and_what_waits_for_it_is_shown(
    data: Path, tmp_path: Path
) -> None:
    made = centre(data, tmp_path / "nas")
    ids = made.archive(*range(3))
    out = to(tmp_path / "nas", role="export")
    Backlog(made.catalogue, Placement(()), HOME).ask("nas", ids[1:2], made.now)
    status = earwitness("backup", "--status", "--json", *out, data=data)
    [found] = json.loads(status.stdout)
    assert (found["target"], found["backlog"]["calls"], found["next_run"]) == ("nas", 1, None)
    done = earwitness("backup", ids[0], "--to", "nas", *out, data=data)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("nas: 2 calls copied and read back ("), "the one that waited went along"
    names = [Path(stored.name).name.partition(".")[0] for stored in made.targets["nas"].list("2026/")]
    assert set(names) == set(ids[:2])
    made.catalogue.close()


def test_a_person_who_asks_to_stop_may_go_on_later(data: Path, tmp_path: Path) -> None:
    made = centre(data, tmp_path / "nas")
    made.archive(*range(70), size=8)
    stopped = threading.Event()
    backups = Backups(made.catalogue, made.targets, made.placement, HOME, stopped.wait)
    first = backups.prepare("nas", None)
    assert first.total == 70
    backups.make(first, None, lambda now: stopped.set() if now.calls else None)
    assert 0 < first.calls < 70
    assert (first.left, first.whole) == (70 - first.calls, False)
    assert made.catalogue.runs.last(RunKind.BACKUP, "nas").state is RunState.STOPPED
    stopped.clear()
    rest = backups.prepare("nas", None)
    backups.make(rest, None, lambda now: None)
    assert (rest.calls, rest.whole) == (first.left, True)
    made.check("nas")
    assert sentence(rest).startswith(f"nas: {rest.calls} calls copied")
    made.catalogue.close()


def test_serve_copies_by_itself_and_a_backup_may_run_beside_it(data: Path, tmp_path: Path) -> None:
    made = centre(data, tmp_path / "nas")
    made.archive(*range(20))
    options = to(tmp_path / "nas")
    with running("serve", "--only", "jobs", "--data", str(data), *options, folder=tmp_path):
        beside = earwitness("backup", *options, data=data)
        assert beside.returncode == 0, beside.stderr
        made.check_copies("nas")
        made.archive(30)
        until(lambda: any(copy.target == "nas" for copy in made.catalogue.calls.page(limit=1)[0].copies))
        until(lambda: made.catalogue.runs.last(RunKind.SNAPSHOT, "nas", RunState.DONE))
    made.check_copies("nas")
    made.catalogue.close()
