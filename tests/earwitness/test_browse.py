"""A medium that was taken away is listed, searched and heard with nothing else at hand."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earwitness.browsing import as_document, find, may_match
from indexer import numbers
from indexer.document import document
from indexer.language import parse
from indexer.matching import matches
from indexer.query import Number
from storage.archive_names import audio_name, sidecar_name
from storage.catalogue import Agent, Catalogue, Copy, sqlite_url
from storage.media import About, Upkeep
from storage.media.names import MANIFEST
from storage.media.reading import Reading
from storage.media.row import Row
from storage.model import Recording
from storage.targets import LocalTarget
from storage.targets.marker import marker
from tests.earwitness.installation import MASTER_TEXT, Installation
from tests.earwitness.test_commands import earwitness
from tests.storage.handoffs import START, a_call

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
AUDIO = b"OggS and so on"


def recorded(number: int):
    """A call with a recording of ``AUDIO``."""
    call = a_call(number)
    recording = Recording(
        path=audio_name(call, "opus"),
        format="opus",
        start=call.start,
        channels=2,
        rate=8000,
        seconds=60,
        bytes=len(AUDIO),
        sha256="0" * 64,
    )
    return call.model_copy(update={"recording": recording})


@pytest.fixture(scope="module")
def medium(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A disk with five calls of two days, one of them tagged; only the newest has a sidecar of its own."""
    folder = tmp_path_factory.mktemp("medium")
    catalogue = Catalogue(sqlite_url(folder / "catalogue.db"))
    catalogue.agents.put(Agent("8001", "李伟"))
    target = LocalTarget(folder / "disk")
    for number in range(5):
        call = recorded(number * 20_000)
        target.put(audio_name(call, "opus"), AUDIO)
        catalogue.calls.add(call, [Copy("usb", sidecar_name(call), 1, "0" * 64, NOW)])
    first = {"format": "earwitness sidecar 1", "call": json.loads(call.model_dump_json()), "files": []}
    target.put(sidecar_name(call), json.dumps(first).encode())
    catalogue.tags.put(recorded(0).id, "投诉", "qa", NOW)
    upkeep = Upkeep(catalogue, "usb", target, About(volume="box-7", installation="x"))
    while upkeep.run_once(NOW):
        pass
    catalogue.close()
    return folder / "disk"


def ids(medium: Path, text: str) -> list[str]:
    query = parse(text, now=NOW, zone=UTC)
    return [row.id for row in find(Reading(LocalTarget(medium)), query)]


def call_ids(*numbers: int) -> list[str]:
    return [recorded(number * 20_000).id for number in numbers]


def test_the_newest_come_first(medium):
    assert ids(medium, "") == call_ids(4, 3, 2, 1, 0)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("tag:投诉", (0,)),
        ("李伟 -tag:投诉", (4, 3, 2, 1)),
        ("number:*8910 agent:8001 duration:>30s", (4, 3, 2, 1, 0)),
        (f"after:{(START + timedelta(seconds=60_000)).isoformat()}", (4, 3)),
        (f"before:{(START + timedelta(seconds=1)).isoformat()}", (0,)),
        ("state:missed", ()),
    ],
)
def test_the_query_language_is_ours(medium, text, found):
    assert ids(medium, text) == call_ids(*found)


def test_days_that_cannot_have_any_are_not_read(medium, monkeypatch):
    read = []
    rows = Reading.rows
    monkeypatch.setattr(Reading, "rows", lambda self, day: read.append(day) or rows(self, day))
    ids(medium, "after:2026-11-22")
    assert "2026-11-21" not in read


def test_a_row_says_what_the_index_would_say(medium):
    (row,) = find(Reading(LocalTarget(medium)), parse("tag:投诉", now=NOW, zone=UTC))
    assert as_document(row) == document(recorded(0), agent_name="李伟", tags=("投诉",))


@given(
    text=st.sampled_from(
        ["+86 138-1234-8910", "0086138 1234 8910", "8001", "alice", "１３８１２３４８９１０", "*21#"]
    ),
    other=st.sampled_from(["", "+8613812348910", "95500"]),
    cut=st.tuples(st.integers(0, 6), st.integers(0, 6)),
    stars=st.sampled_from(["", "{}*", "*{}", "*{}*", "138*{}"]),
)
def test_nothing_is_passed_over_that_the_query_means(text, other, cut, stars):
    row = Row.of(a_call(from_=text, to="8001", from_e164=other, legs=(), parties=()))
    for form in (*numbers.forms(text), *numbers.writings(other)):
        part = form[cut[0] : len(form) - cut[1]]
        try:
            pattern = numbers.pattern((stars or "{}").format(part))
        except ValueError:
            continue
        condition = Number("number", pattern)
        assert may_match(row, condition) or not matches(as_document(row), condition)


def test_without_the_list_the_sidecars_are_read(medium, tmp_path):
    bare = tmp_path / "bare"
    shutil.copytree(medium, bare)
    (bare / MANIFEST).unlink()
    assert ids(bare, "") == call_ids(4)


def test_the_command_lists_with_numbers_masked(medium):
    done = earwitness("browse", str(medium), "tag:投诉", "--json")
    assert done.returncode == 0, done.stderr
    (call,) = map(json.loads, done.stdout.splitlines())
    assert (call["id"], call["to"]) == (recorded(0).id, "138****8910")
    whole = earwitness("browse", str(medium), "--whole-numbers", "--limit", "2")
    assert whole.stdout.count("13812348910") == 2
    assert "more" in whole.stderr


def test_the_command_writes_audio(medium, tmp_path):
    out = tmp_path / "call.opus"
    done = earwitness("browse", str(medium), "--play", recorded(0).id, "--to", str(out))
    assert done.returncode == 0, done.stderr
    assert out.read_bytes() == AUDIO
    missing = earwitness("browse", str(medium), "--play", "nobody")
    assert (missing.returncode, "no call nobody" in missing.stderr) == (1, True)


def test_a_folder_without_calls_is_told_from_a_medium_without_calls(tmp_path):
    photos = tmp_path / "photos"
    for name in ("2026/summer/lake.json", "2026/99/99/x.json", "2026/11/22/lake.jpg"):
        (photos / name).parent.mkdir(parents=True, exist_ok=True)
        (photos / name).write_bytes(b"{}")
    for options in ((), ("--json",), ("--play", "x")):
        wrong = earwitness("browse", str(photos), *options)
        assert (wrong.returncode, wrong.stdout) == (1, "")
        assert f"No calls lie in {photos}." in wrong.stderr
        assert "earwitness-medium.json" in wrong.stderr
    empty = tmp_path / "disk"
    empty.mkdir()
    (empty / "earwitness-medium.json").write_bytes(marker("box-7"))
    new = earwitness("browse", str(empty))
    assert (new.returncode, new.stdout) == (0, "")
    assert new.stderr == f"There are no calls on the medium {empty} yet.\n"


def test_a_search_that_nothing_fits_says_so(medium):
    done = earwitness("browse", str(medium), "state:missed")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "No call on this medium fits.\n")


def test_a_medium_that_got_no_keys_says_so_whatever_key_is_given(tmp_path):
    made = Installation(tmp_path, encrypted=True)
    (disk,) = made.settings.targets
    once = disk.model_copy(update={"write_once": True})
    made.settings = made.settings.model_copy(update={"targets": (once,)})
    made.record(0, 1)
    made.copy()
    calls = [found.call.id for found in made.catalogue.calls.page()]
    made.catalogue.close()
    key = tmp_path / "master"
    key.write_text(MASTER_TEXT)
    shown = earwitness("browse", str(once.folder), "--key-file", str(key))
    assert shown.stderr.startswith(
        "No call that could be read fits.\n2 calls could not be read. This medium holds no keys (.key files)"
    )
    played = earwitness("browse", str(once.folder), "--key-file", str(key), "--play", calls[0])
    assert played.returncode == 1
    assert f"The call {calls[0]} is encrypted. This medium holds no keys" in played.stderr
    missing = earwitness("browse", str(once.folder), "--key-file", str(key), "--play", "nobody")
    assert "There is no call nobody on this medium." in missing.stderr


def test_a_key_that_was_not_given_is_not_one_that_is_missing(tmp_path):
    made = Installation(tmp_path, encrypted=True)
    made.record(0)
    made.copy()
    (call,) = [found.call.id for found in made.catalogue.calls.page()]
    made.catalogue.close()
    disk = str(made.settings.targets[0].folder)
    said = "1 call could not be read. No key that was given opens them, or they are damaged.\n"
    assert earwitness("browse", disk).stderr.endswith(said)
    assert f"The call {call} cannot be read: no key that was given" in (
        earwitness("browse", disk, "--play", call).stderr
    )


def test_a_deleted_call_is_not_played_or_listed_without_a_word(tmp_path):
    made = Installation(tmp_path, encrypted=False)
    made.record(1, 2)
    made.back_up()
    kept = {path: path.read_bytes() for path in (tmp_path / "disk").rglob(f"{a_call(2).id}.*")}
    made.delete(a_call(2).id)
    for path, data in kept.items():
        path.write_bytes(data)
    disk, said = str(tmp_path / "disk"), f"The call {a_call(2).id} was deleted on 2026-11-22 03:04 UTC"
    for arguments in ([], ["--play", a_call(2).id, "--to", str(tmp_path / "heard")]):
        done = earwitness("browse", disk, *arguments)
        assert done.returncode == 0, done.stderr
        assert said in done.stderr
    other = earwitness("browse", disk, "--play", a_call(1).id, "--to", str(tmp_path / "heard"))
    assert (other.returncode, "was deleted on" in other.stderr) == (0, False)
