"""``earwitness play``, ``keys open`` and what the API serves, with copies of which some are no good."""

import json
import shutil
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from earwitness import encrypting, wiring
from earwitness.archiving import Archiving
from earwitness.cli.options import settings_from
from qa_api import sound
from qa_api.archive import Archive
from storage.catalogue import Catalogue
from storage.clock import utc_now
from storage.retention.lowspace import Proof, Room, make_room
from storage.targets import Space
from tests.earwitness.test_verify import earwitness
from tests.storage.handoffs import a_call, hand_off

CALL = a_call(1).id
AUDIO = b"\x01" * 5000
NAMES = ("backup", "zfs")
"""Targets that sort before and after ``local``."""


@pytest.fixture(scope="module", params=["clear", "encrypted"])
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with a call that lies at home and on two disks; copied, never used itself."""
    folder = tmp_path_factory.mktemp(request.param)
    targets = [{"name": name, "kind": "local", "folder": str(folder / name)} for name in NAMES]
    tables = "".join(f"[[targets]]\n{toml(target)}" for target in targets)
    keys = ""
    if request.param == "encrypted":
        assert earwitness("keys", "new", str(folder / "master.key")).exit_code == 0
        keys = f'[encryption]\nmaster_key = "file:{folder}/master.key"\n'
    (folder / "earwitness.toml").write_text(f'data = "{folder}/data"\n{keys}{tables}')
    settings = settings_from(folder / "earwitness.toml", None).settings
    settings.folders.make()
    hand_off(settings.folders.handoff, 1)
    with Archiving(settings) as archiving:
        assert len(list(archiving.take())) == 1
    assert earwitness("backup", *options(folder)).exit_code == 0
    return folder


@pytest.fixture
def folder(built: Path, tmp_path: Path) -> Path:
    """One's own."""
    folder = Path(shutil.copytree(built, tmp_path / "own"))
    settings = folder / "earwitness.toml"
    settings.write_text(settings.read_text().replace(str(built), str(folder)))
    return folder


def toml(values: dict[str, str]) -> str:
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items())


def options(folder: Path) -> list[str]:
    return ["--config", str(folder / "earwitness.toml")]


def blob(folder: Path, place: str) -> Path:
    (path,) = (folder / place).rglob(f"{CALL}.opus")
    return path


def home(folder: Path) -> Path:
    return blob(folder, "data/archive")


def alter(path: Path) -> None:
    """Let a byte be another one, the length the same."""
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(bytes(data))


def scrubbed(folder: Path, *targets: str) -> None:
    for target in targets:
        earwitness("scrub", "--all", "--no-repair", "--target", target, *options(folder))


@pytest.fixture
def catalogue(folder: Path) -> Iterator[Catalogue]:
    opened = wiring.catalogue(settings_from(folder / "earwitness.toml", None).settings)
    yield opened
    opened.close()


def served(folder: Path, catalogue: Catalogue) -> tuple[str, bytes]:
    """From which target the API reads the call, and what."""
    settings = settings_from(folder / "earwitness.toml", None).settings
    archive = Archive(encrypting.readable(settings, catalogue), wiring.nearness(settings, catalogue))
    found = catalogue.calls.get(CALL)
    assert found is not None
    heard = sound.sound_of(found, archive)
    data = b"".join(heard.reader.chunks())
    return heard.reader.copy().target, data


def played(folder: Path) -> tuple[bytes | None, str]:
    """What the command writes, and what it says besides."""
    output = folder / "out.opus"
    output.unlink(missing_ok=True)
    done = earwitness("play", CALL, "-o", str(output), *options(folder))
    assert (done.exit_code == 0) == output.exists()
    return output.read_bytes() if output.exists() else None, done.stderr


def test_home_is_read_while_other_targets_are_away(folder, catalogue):
    for name in NAMES:
        shutil.move(folder / name, folder / f"drawer-{name}")
    assert served(folder, catalogue) == ("local", AUDIO)
    data, said = played(folder)
    assert (data, "passed over" in said) == (AUDIO, False)


def test_what_is_not_at_home_comes_from_a_target_that_is_there(folder, catalogue):
    home(folder).unlink()
    shutil.move(folder / "backup", folder / "drawer")
    assert served(folder, catalogue) == ("zfs", AUDIO)
    data, said = played(folder)
    assert data == AUDIO
    assert "local is passed over: The archive holds nothing named" in said
    assert "backup is passed over: " in said


def test_what_moved_off_for_want_of_room_is_played_from_elsewhere(folder, catalogue):
    settings = settings_from(folder / "earwitness.toml", None).settings
    room = Room(Space(free=0, total=1_000_000), warn_percent=15, free_percent=10)
    proof = Proof(copies=2, within=timedelta(days=1))
    targets = wiring.targets(settings, catalogue)
    assert make_room(catalogue, targets, room, home="local", proof=proof, now=utc_now()).calls == 1
    assert not list((folder / "data" / "archive").rglob(f"{CALL}.opus"))
    shutil.move(folder / "backup", folder / "drawer")
    assert served(folder, catalogue) == ("zfs", AUDIO)
    assert played(folder)[0] == AUDIO


@pytest.mark.parametrize("bad", [("local",), ("backup",), ("local", "backup")])
def test_what_scrubbing_found_damaged_is_never_read(folder, catalogue, bad):
    for target in bad:
        alter(home(folder) if target == "local" else blob(folder, target))
    scrubbed(folder, *bad)
    assert served(folder, catalogue)[1] == AUDIO
    assert played(folder)[0] == AUDIO


def test_where_the_only_copies_are_damaged_nothing_is_written(folder, capsys):
    alter(home(folder))
    alter(blob(folder, "backup"))
    scrubbed(folder, "local", "backup")
    shutil.move(folder / "zfs", folder / "drawer")
    assert played(folder)[0] is None
    said = capsys.readouterr().err
    for target in ("local", "backup"):
        assert f"{target}: it was found damaged when it was last read back." in said
    assert "zfs: " in said


def test_damage_that_nobody_knows_of_is_met_with_the_next_copy(folder, catalogue):
    alter(home(folder))
    assert served(folder, catalogue) == ("backup", AUDIO)
    data, said = played(folder)
    assert (data, "local is passed over: " in said) == (AUDIO, True)
    bad = [copy.target for copy in catalogue.calls.get(CALL).copies if copy.condition == "damaged"]
    assert bad == ["local"]


def test_a_call_opened_with_a_key_is_read_where_it_can_be(folder):
    home(folder).unlink()
    output = folder / "out.opus"
    keys = ["--key-file", str(folder / "master.key")] if (folder / "master.key").exists() else []
    done = earwitness("keys", "open", CALL, "-o", str(output), *keys, *options(folder))
    assert (done.exit_code, output.read_bytes()) == (0, AUDIO), done.output
    assert "local is passed over: " in done.stderr


def test_a_long_recording_that_turns_out_altered_at_its_end_is_written_anew_from_another_copy(folder):
    """What was written already may be wrong, and is not kept."""
    output = folder / "out.opus"
    settings = settings_from(folder / "earwitness.toml", None).settings
    hand_off(settings.folders.handoff, 2, 3_000_000)
    with Archiving(settings) as archiving:
        assert len(list(archiving.take())) == 1
    assert earwitness("backup", *options(folder)).exit_code == 0
    call = a_call(2).id
    for place in ("data/archive", "backup"):
        (path,) = (folder / place).rglob(f"{call}.opus")
        alter(path)
    done = earwitness("play", call, "-o", str(output), *options(folder))
    assert (done.exit_code, output.read_bytes()) == (0, b"\x02" * 3_000_000), done.output
    assert "local is passed over: " in done.stderr
    (path,) = (folder / "zfs").rglob(f"{call}.opus")
    alter(path)
    assert earwitness("play", call, "-o", str(output), *options(folder)).exit_code == 1
    assert not output.exists()


def test_no_server_is_asked_while_a_folder_has_the_call(folder, catalogue):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        port = server.getsockname()[1]
        secret = toml(
            {"name": "archive", "kind": "ftp", "host": "127.0.0.1", "user": "u", "password": "env:X"}
        )
        settings = folder / "earwitness.toml"
        settings.write_text(f"{settings.read_text()}[[targets]]\n{secret}port = {port}\n")
        for copy in catalogue.calls.get(CALL).copies:
            if copy.target == "local":
                assert catalogue.copy_checks.adopt(CALL, replace(copy, target="archive"))
        assert played(folder) == (AUDIO, f"{folder}/out.opus: 5,000 bytes\n")
        home(folder).unlink()
        shutil.move(folder / "backup", folder / "drawer")
        assert served(folder, catalogue) == ("zfs", AUDIO)
        with pytest.raises(BlockingIOError):
            server.accept()
