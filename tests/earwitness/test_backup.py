"""``earwitness backup``: by hand, for some calls or for all, also while ``serve`` copies."""

import json
from pathlib import Path

import pytest

from earwitness import wiring
from earwitness.settings import Settings
from storage.targets import LocalTarget
from tests.earwitness.processes import running, until
from tests.earwitness.test_commands import earwitness
from tests.storage.copies.centre import HOME, Centre, damaged


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


def test_all_calls_then_none_and_how_it_stands(data: Path, tmp_path: Path) -> None:
    made = centre(data, tmp_path / "nas")
    made.archive(*range(5))
    first = earwitness("backup", "--json", *to(tmp_path / "nas"), data=data)
    assert first.returncode == 0, first.stderr
    [done] = json.loads(first.stdout)
    assert (done["target"], done["calls"], done["left"], done["failed"]) == ("nas", 5, 0, {})
    made.check("nas")
    again = earwitness("backup", *to(tmp_path / "nas"), data=data)
    assert again.stdout == "nas: 0 calls copied and read back (0 B)\n"
    made.archive(7)
    made.fill()
    status = earwitness("backup", "--status", "--json", *to(tmp_path / "nas"), data=data)
    [found] = json.loads(status.stdout)
    assert (found["state"], found["backlog"]["calls"], found["last_run"]["state"]) == ("unknown", 1, "done")
    table = earwitness("backup", "--status", *to(tmp_path / "nas"), data=data)
    assert "nas" in table.stdout
    assert [event.action for event in made.catalogue.audit.page()] == ["backup.run"] * 2
    made.catalogue.close()


def test_named_calls_only_also_for_export(data: Path, tmp_path: Path) -> None:
    made = centre(data, tmp_path / "nas")
    ids = made.archive(*range(3))
    with wiring.index_sync(Settings(data=data), made.catalogue) as sync:
        while sync.run_once():
            pass
    options = to(tmp_path / "nas", role="export")
    nothing = earwitness("backup", *options, data=data)
    assert nothing.returncode == 1
    assert "no target to copy to" in nothing.stderr
    unnamed = earwitness("backup", "--to", "nas", *options, data=data)
    assert unnamed.returncode == 2
    one = earwitness("backup", ids[1], "--to", "nas", "--json", *options, data=data)
    assert json.loads(one.stdout)[0]["calls"] == 1, one.stderr
    rest = earwitness("backup", "--query", "agent:8001", "--to", "nas", "--json", *options, data=data)
    assert json.loads(rest.stdout)[0]["calls"] == 2, rest.stderr
    made.check("nas")
    made.catalogue.close()


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (("--to", "moon"), 2, "there is no target moon"),
        (("nowhere",), 1, "There is no call nowhere"),
        (("--query", "agent:("), 2, ""),
    ],
)
def test_what_cannot_be_copied(
    data: Path, tmp_path: Path, arguments: tuple[str, ...], status: int, message: str
) -> None:
    centre(data, tmp_path / "nas").catalogue.close()
    done = earwitness("backup", *arguments, *to(tmp_path / "nas"), data=data)
    assert done.returncode == status
    assert message in " ".join(done.stderr.split())


def test_what_fails_is_said_and_tried_again_at_once(data: Path, tmp_path: Path) -> None:
    made = centre(data, tmp_path / "nas")
    ids = made.archive(1, 2)
    bad = damaged(made, HOME, ids[0])
    done = earwitness("backup", *to(tmp_path / "nas"), data=data)
    assert done.returncode == 1
    assert "1 failed" in done.stdout
    assert ids[0] in done.stdout
    damaged(made, HOME, ids[0])  # changes the byte back
    assert bad.condition == "damaged"
    assert earwitness("backup", *to(tmp_path / "nas"), data=data).returncode == 0
    made.check("nas")
    made.catalogue.close()


def test_serve_copies_by_itself_and_a_backup_may_run_beside_it(data: Path, tmp_path: Path) -> None:
    made = centre(data, tmp_path / "nas")
    made.archive(*range(20))
    options = to(tmp_path / "nas")
    with running("serve", "--only", "jobs", "--data", str(data), *options, folder=tmp_path):
        beside = earwitness("backup", *options, data=data)
        assert beside.returncode == 0, beside.stderr
        made.check("nas")
        made.archive(30)
        until(lambda: any(copy.target == "nas" for copy in made.catalogue.calls.page(limit=1)[0].copies))
        until(lambda: made.catalogue.target_states.get("nas"))
    made.check("nas")
    made.catalogue.close()
