"""A target that vanished or is another place than before: nothing is written there, and nothing believed."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from earwitness import wiring
from earwitness.cli.application import app
from earwitness.cli.faults import Flags
from storage.catalogue import Condition
from storage.copies.probe import probe
from storage.errors import TargetAbsent, TargetRefused
from storage.targets.marker import MARKER, marker
from tests.earwitness.installation import Installation


@pytest.fixture
def made(tmp_path):
    """Two calls, copied to the disk, and a settings file that says so."""
    made = Installation(tmp_path, encrypted=False)
    made.record(1, 2)
    made.copy()
    (tmp_path / "e.toml").write_text(
        f'data = "{made.settings.data}"\n'
        f'[[targets]]\nname = "disk"\nkind = "local"\nfolder = "{tmp_path / "disk"}"\n'
    )
    yield made
    made.catalogue.close()


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--config", str(folder / "e.toml")], obj=Flags())


def test_copies_mark_the_place_for_this_installation(made, tmp_path):
    said = json.loads((tmp_path / "disk" / MARKER).read_bytes())
    assert said["installation"] == wiring.sealer(made.settings).public.id
    assert said["target"] == "disk"


def test_a_folder_that_vanished_is_absent_and_stays_away(made, tmp_path):
    (tmp_path / "disk").rename(tmp_path / "unmounted")
    disk = wiring.targets(made.settings, made.catalogue)["disk"]
    seen = probe(disk)
    assert (seen.condition, seen.answers) == (Condition.ABSENT, False)
    assert "disk should hold calls" in seen.detail
    made.record(3)
    made.copy()
    assert not (tmp_path / "disk").exists()
    scrubbed = run(tmp_path, "scrub", "--target", "disk", "--all")
    assert scrubbed.exit_code == 1
    assert made.catalogue.copy_checks.bad_counts() == {}, "what cannot be seen is not lost"
    (tmp_path / "unmounted").rename(tmp_path / "disk")
    made.copy()
    assert made.catalogue.copy_checks.calls("disk") == 3


def test_an_empty_disk_in_its_place_is_taken_only_when_a_person_says_so(made, tmp_path):
    (tmp_path / "disk").rename(tmp_path / "broken")
    (tmp_path / "disk").mkdir()
    with pytest.raises(TargetAbsent):
        wiring.targets(made.settings, made.catalogue)["disk"].put("a", b"call")
    prepared = run(tmp_path, "target", "prepare", "disk")
    assert prepared.exit_code == 0, prepared.output
    assert run(tmp_path, "scrub", "--target", "disk", "--all", "--believe-empty").exit_code == 0
    assert made.catalogue.copy_checks.bad_counts() == {}
    again = {path.name for path in (tmp_path / "disk").rglob("*.opus")}
    assert again == {path.name for path in (tmp_path / "broken").rglob("*.opus")}


def test_the_folder_of_another_installation_is_refused(made, tmp_path):
    (tmp_path / "disk" / MARKER).write_bytes(marker("disk", "b" * 32))
    with pytest.raises(TargetRefused, match="another installation"):
        wiring.targets(made.settings, made.catalogue)["disk"].put("a", b"call")
    probed = run(tmp_path, "target", "probe", "disk")
    assert probed.exit_code == 1
    assert "another installation" in probed.stderr
    assert run(tmp_path, "target", "prepare", "disk").exit_code == 0
    assert run(tmp_path, "target", "probe", "disk").exit_code == 0


def test_a_machine_that_shares_the_catalogue_shares_its_targets(made, tmp_path):
    elsewhere = made.settings.model_copy(update={"data": tmp_path / "other machine"})
    assert wiring.sealer(elsewhere).public.id != wiring.sealer(made.settings).public.id
    disk = wiring.targets(elsewhere, made.catalogue)["disk"]
    disk.put("a", b"call")
    assert json.loads((tmp_path / "disk" / MARKER).read_bytes())["target"] == "disk"
