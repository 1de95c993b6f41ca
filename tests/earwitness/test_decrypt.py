"""``earwitness decrypt``: a call recorded without its key, heard once somebody has it."""

import hashlib
import json
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from earwitness import decrypting, wiring
from earwitness.archiving import Archiving
from earwitness.settings import Settings
from recorder.finish.reopen import Reopened
from recorder.finish.supplied import supplied
from recorder.finish.supplies import Supplies
from recorder.taps.pcap_writer import PcapWriter
from storage.criteria import Criteria
from storage.errors import FolderBusy, PacketsHeld
from storage.lock import DataFolderLock
from storage.retention.holds import Holds
from tests.earwitness import warm
from tests.recorder.finish.sealed import key
from tests.recorder.secured import ANN, BEN, OURS, THEIRS, call, untold
from tests.recorder.test_undecoded_calls import unexplained

KEYS = [f"A:{OURS.suite}:{OURS.secret}", f"B:{THEIRS.suite}:{THEIRS.secret}"]


def earwitness(data: Path, *arguments: str, typed: str = "") -> "subprocess.CompletedProcess[str]":
    return warm.earwitness(*arguments, "--data", str(data), typed=typed, cwd=data)


def recorded(data: Path, *batches) -> dict[str, Any]:
    with PcapWriter(data / "call.pcap") as writer:
        for batch in batches:
            writer.write(batch)
    done = earwitness(data, "replay", "call.pcap", "--format", "wav", "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def blind(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the call, archived without its keys."""
    data = tmp_path_factory.mktemp("blind")
    (data / "earwitness.toml").write_text('[finish]\nformat = "wav"\n')
    known = recorded(data, call(untold(ANN), untold(BEN)))
    assert known["recording"] is None
    assert known["encrypted"]["path"].endswith(f"{known['id']}.media")
    return data


@pytest.fixture
def data(blind: Path, tmp_path: Path) -> Path:
    return shutil.copytree(blind, tmp_path / "data")


def the_call(data: Path, query: str = "") -> dict[str, Any]:
    done = earwitness(data, "search", "--json", *filter(None, [query]))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if done.stdout else {}


def files(data: Path) -> dict[str, str]:
    archive = data / "archive"
    return {
        str(path.relative_to(archive)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in archive.rglob("*")
        if path.is_file()
    }


def test_with_the_keys_it_is_archived_as_if_they_had_been_known(data: Path, tmp_path: Path) -> None:
    (tmp_path / "known").mkdir()
    known = recorded(tmp_path / "known", call())
    call_id = the_call(data, "has:encrypted")["id"]
    done = earwitness(data, "decrypt", call_id, "--keys", "-", "--json", typed="\n".join(KEYS))
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["recording"] == known["recording"]
    assert found["encrypted"]["sides"] == []
    assert the_call(data, "has:encrypted") == {}
    assert the_call(data, "has:recording")["id"] == call_id
    (event,) = audit(data)
    assert event.actor.startswith("cli:")
    assert event.object_id == call_id
    assert event.after == {
        "opened": ["A", "B"],
        "closed": [],
        "suites": [OURS.suite],
        "codecs": [],
        "packets": "kept",
    }
    for path in data.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert OURS.secret.encode() not in content, path
            assert THEIRS.secret.encode() not in content, path
    assert list((data / "spool").glob(".decrypt-*")) == []


def audit(data: Path, action: str = "call.decrypt") -> list[Any]:
    catalogue = wiring.catalogue(Settings(data=data))
    try:
        return catalogue.audit.page(action=action)
    finally:
        catalogue.close()


def test_packets_that_lie_where_calls_came_in_before_are_found(data: Path, tmp_path: Path) -> None:
    first = f'targets=[{{kind="local", name="first", folder="{tmp_path / "first"}", role="primary"}}]'
    call_id = the_call(data)["id"]
    done = earwitness(data, "decrypt", call_id, "--keys", "-", "--set", first, typed="\n".join(KEYS))
    assert done.returncode == 0, done.stderr
    assert the_call(data, "has:recording")["id"] == call_id
    assert [Path(name).suffix for name in files(data) if name.endswith(".wav")] == [".wav"]
    assert not (tmp_path / "first").exists(), "the rest of the call does not lie there either"


def test_a_wrong_key_says_so_and_changes_nothing(data: Path) -> None:
    before = files(data)
    call_id = the_call(data)["id"]
    done = earwitness(data, "decrypt", call_id, "--key", f"*:{OURS.suite}:{key(seed=9).secret}")
    assert done.returncode == 1
    assert "Nothing more of the call" in done.stderr
    assert key(seed=9).secret not in done.stdout + done.stderr
    assert files(data) == before
    assert audit(data) == []


def test_what_is_no_key_is_wrong_usage(data: Path) -> None:
    for arguments in ([], ["--key", "B:none:none"]):
        assert earwitness(data, "decrypt", "any", *arguments).returncode == 2
    done = earwitness(data, "decrypt", "nobody", "--key", KEYS[0])
    assert done.returncode == 1
    assert "There is no call nobody" in done.stderr


class Killed(Exception):
    """In place of a kill."""


def opened(data: Path, *, keep: bool, die: bool = False, hold: bool = False) -> Reopened:
    """Decrypted by a process that is killed, or sees a hold come, before it changes anything."""
    settings = Settings(data=data, finish={"format": "wav"})
    catalogue = wiring.catalogue(settings)

    def before(_made: Reopened, _stays: bool) -> None:
        if die:
            raise Killed
        if hold:
            now = datetime.now(UTC)
            Holds(catalogue).place("Case 9", "Letter of the court", by="anna", now=now, criteria=Criteria())

    try:
        (known,) = catalogue.calls.page()
        _, made = decrypting.decrypt(
            settings, catalogue, known.call.id, Supplies(supplied(KEYS)), keep=keep, before=before
        )
    finally:
        catalogue.close()
    return made


def test_done_again_after_a_kill_it_completes_and_packets_go_where_that_was_asked(data: Path) -> None:
    before = files(data)
    (data / "spool" / ".decrypt-left").mkdir()
    with pytest.raises(Killed):
        opened(data, keep=False, die=True)
    assert files(data) == before
    opened(data, keep=False)
    assert sorted(Path(name).suffix for name in files(data)) == [".dat", ".json", ".wav"]
    assert list((data / "spool").glob(".decrypt-*")) == []


def test_where_another_process_keeps_the_index_it_follows_by_itself(data: Path) -> None:
    with Archiving(Settings(data=data)) as archiving:
        opened(data, keep=True)
        archiving.index()
    assert the_call(data, "has:recording")
    with DataFolderLock(data, decrypting.ROLE), pytest.raises(FolderBusy):
        opened(data, keep=True)


def test_packets_of_a_call_that_is_open_in_part_stay_although_they_were_to_go(data: Path) -> None:
    call_id = the_call(data)["id"]
    done = earwitness(data, "decrypt", call_id, "--key", KEYS[1], "--remove")
    assert done.returncode == 0, done.stderr
    assert "A: still encrypted" in done.stdout
    assert "B: 200 packets opened" in done.stdout
    assert [name for name in files(data) if name.endswith(".media")]
    assert the_call(data, "has:encrypted")["id"] == call_id
    done = earwitness(data, "decrypt", call_id, "--key", KEYS[0], "--remove")
    assert done.returncode == 1
    assert "Side B" in done.stderr
    opened(data, keep=False)
    assert sorted(Path(name).suffix for name in files(data)) == [".dat", ".json", ".wav"]
    assert the_call(data)["id"] == call_id


def test_packets_of_a_call_under_a_hold_stay_and_nothing_is_changed(data: Path) -> None:
    call_id = the_call(data)["id"]
    catalogue = wiring.catalogue(Settings(data=data))
    now = datetime.now(UTC)
    Holds(catalogue).place("Case 9", "Letter of the court", by="anna", now=now, criteria=Criteria())
    catalogue.close()
    before = files(data)
    done = earwitness(data, "decrypt", call_id, "--keys", "-", "--remove", typed="\n".join(KEYS))
    assert done.returncode == 1
    assert done.stderr.startswith(
        f"earwitness: The encrypted packets of the call {call_id} stay: it is under legal hold (Case 9). "
        "Decrypt it without --remove"
    )
    assert files(data) == before
    assert (audit(data), len(audit(data, "call.decrypt.refused"))) == ([], 1)
    done = earwitness(data, "decrypt", call_id, "--keys", "-", typed="\n".join(KEYS))
    assert done.returncode == 0, done.stderr
    assert [name for name in files(data) if name.endswith(".media")]


def test_what_can_be_heard_is_found_although_a_hold_came_while_it_was_opened(data: Path) -> None:
    with pytest.raises(PacketsHeld):
        opened(data, keep=False, hold=True)
    assert [name for name in files(data) if name.endswith(".media")]
    assert the_call(data, "has:recording")


def test_packets_that_are_damaged_at_home_are_read_where_they_are_good(data: Path, tmp_path: Path) -> None:
    disk = f'targets=[{{name="backup", kind="local", folder="{tmp_path}/backup"}}]'
    call_id = the_call(data)["id"]
    assert earwitness(data, "backup", "--set", disk).returncode == 0
    (kept,) = (data / "archive").rglob("*.media")
    kept.write_bytes(bytes(kept.stat().st_size))
    done = earwitness(data, "decrypt", call_id, "--keys", "-", "--set", disk, typed="\n".join(KEYS))
    assert done.returncode == 0, done.stderr
    done = earwitness(data, "play", call_id, "-o", str(tmp_path / "out.wav"), "--set", disk)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out.wav").stat().st_size > 30_000


def test_packets_that_are_nowhere_good_stay_closed(data: Path, tmp_path: Path) -> None:
    call_id = the_call(data)["id"]
    (kept,) = (data / "archive").rglob("*.media")
    kept.write_bytes(bytes(kept.stat().st_size))
    done = earwitness(data, "decrypt", call_id, "--key", KEYS[0])
    assert done.returncode == 1
    assert f"No copy of the packets of {call_id} can be read. local: " in done.stderr
    kept.unlink()
    done = earwitness(data, "decrypt", call_id, "--key", KEYS[0])
    assert "local: The archive holds nothing named" in done.stderr
    assert audit(data) == []


def test_a_call_in_a_codec_that_nothing_explained_is_heard_once_it_is_told(tmp_path: Path) -> None:
    with PcapWriter(tmp_path / "call.pcap") as writer:
        writer.write(unexplained().batch())
    done = earwitness(tmp_path, "replay", "call.pcap", "--format", "wav")
    kept = "its packets are kept for `earwitness decrypt`"
    assert done.stderr == f"earwitness: 1 call was not decoded: codec PT97; {kept}\n"
    call_id = the_call(tmp_path, "has:undecoded")["id"]
    output = str(tmp_path / "heard.wav")
    assert "With its key or codec" in earwitness(tmp_path, "play", call_id, "-o", output).stderr
    wrong = earwitness(tmp_path, "decrypt", call_id, "--codec", "B:97=EVS/16000")
    assert (wrong.returncode, "EVS/16000 cannot be decoded" in wrong.stderr) == (2, True)
    half = earwitness(tmp_path, "decrypt", call_id, "--codec", "B:97=L16/8000")
    assert half.returncode == 0, half.stderr
    assert half.stdout.splitlines()[:2] == [
        "B: 3.0 s more can be heard",
        "A: not decoded in part or whole; tell its codec with --codec",
    ]
    done = earwitness(tmp_path, "decrypt", call_id, "--codec", "*:97=L16/8000", "--remove")
    heard = f"0:03 to be heard: earwitness play {call_id}"
    assert done.stdout.splitlines() == ["A: 3.0 s more can be heard", heard]
    assert the_call(tmp_path, "has:undecoded") == {}
    assert not list((tmp_path / "archive").rglob("*.media"))
    assert earwitness(tmp_path, "play", call_id, "-o", output).returncode == 0
    assert audit(tmp_path)[0].after["codecs"] == ["L16"]
