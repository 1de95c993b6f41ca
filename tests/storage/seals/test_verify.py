"""What is done to archived calls, and what verification says of it."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.catalogue import Catalogue, sqlite_url
from storage.errors import TargetAbsent, TargetError
from storage.intake import Intake
from storage.revision import NewRecording, Revision
from storage.seals.deletion import deletion_record, read_deletion
from storage.seals.medium import verify_medium
from storage.seals.segments import SEGMENT
from storage.seals.verdict import CallVerdict, State
from storage.seals.verify import verify_calls, verify_chains
from storage.targets import MemoryTarget
from tests.storage.encryption.keys import a_keyring
from tests.storage.handoffs import START, a_call, a_recording, hand_off
from tests.storage.sealers import a_sealer
from tests.storage.seals.world import KEYS, SIZE, World
from tests.storage.targets.contract import content


@pytest.fixture
def catalogue(empty_catalogue, tmp_path) -> Iterator[Catalogue]:
    """On SQLite alone: what is verified does not depend on the database."""
    opened = Catalogue(sqlite_url(Path(shutil.copy(empty_catalogue, tmp_path))))
    yield opened
    opened.close()


def test_intact(world):
    for report in (world.offline(), world.online()):
        assert report.counts == {State.INTACT: 4, State.ALTERED: 0, State.UNKNOWN: 0}
        assert report.state is State.INTACT
    (chain,) = world.offline().chains
    assert (chain.last, chain.missing, chain.state) == (4, (), State.INTACT)
    assert [chain.state for chain in verify_chains(world.catalogue)] == [State.INTACT]


def test_one_bit_of_the_audio(world):
    world.change(2, "opus", SEGMENT + 5)
    report = world.offline()
    assert report.counts[State.ALTERED] == 1
    (verdict,) = report.calls
    (finding,) = verdict.findings
    assert (verdict.number, finding.code, finding.segments) == (2, "bytes", (1,))
    ((start, end),) = finding.seconds
    assert (start, end) == (20.0, 40.0)
    assert world.said(2, world.online()) == {"bytes": "altered"}


@pytest.mark.parametrize(
    ("field", "wanted"),
    [("signature", "signature"), ('"at"', "signature"), ('"call":"', "description")],
)
def test_one_bit_of_the_sidecar(world, field, wanted):
    text = content(world.target, world.name(2, "json")).decode()
    at = text.rindex(field) + len(field) + (20 if field == '"call":"' else 5)
    world.change(2, "json", at)
    said = world.said(2)
    assert said in ({wanted: "altered"}, {"sidecar": "altered"}), said
    assert world.said(2, world.online())["copy"] == "altered"


def test_any_bit_of_a_seal_is_never_intact(world):
    name = world.name(2, "json")
    data = content(world.target, name)
    for at in range(0, len(data) - 1, 37):
        world.change(2, "json", at, at % 7)
        if json_of(content(world.target, name)) != json_of(data):
            assert world.said(2), at
        world.target.put(name, data)


def json_of(data: bytes) -> object:
    try:
        return json.loads(data)
    except ValueError:
        return None


def test_one_bit_of_the_key(tmp_path, catalogue):
    world = World(tmp_path / "handoff", catalogue, keys=a_keyring(catalogue))
    world.archive(1)
    world.change(1, "key", 150)
    assert world.said(1, world.online()) == {"copy": "altered"}


def test_a_blob_that_was_cut(world):
    name = world.name(2, "opus")
    world.target.put(name, content(world.target, name)[:SEGMENT])
    (verdict,) = world.offline().calls
    (finding,) = verdict.findings
    assert (finding.code, finding.segments[-1]) == ("bytes", 3)
    assert "in place of" in finding.text


@pytest.mark.parametrize("kind", ["opus", "peaks.dat"])
def test_a_file_that_was_removed(world, kind):
    world.target.delete(world.name(3, kind))
    assert world.said(3) == {"missing": "altered"}
    assert world.offline().state is State.ALTERED


def test_blobs_swapped_between_calls(world):
    one, two = (content(world.target, world.name(number, "opus")) for number in (1, 2))
    world.target.put(world.name(1, "opus"), two)
    world.target.put(world.name(2, "opus"), one)
    assert world.said(1) == world.said(2) == {"bytes": "altered"}


def test_a_call_exchanged_whole_for_another(world):
    for kind in ("opus", "peaks.dat", "json"):
        world.target.put(world.name(1, kind), content(world.target, world.name(2, kind)))
    assert "other-call" in world.said(1)
    assert world.said(1, world.online())["not-in-catalogue"] == "altered"


def test_a_call_removed_from_the_middle_of_the_chain(world):
    for blob in list(world.target.list(f"2026/11/21/{a_call(2).id}")):
        world.target.delete(blob.name)
    report = world.offline()
    assert report.counts[State.INTACT] == 3
    (chain,) = report.chains
    assert (chain.missing, chain.state) == (((2, 2),), State.UNKNOWN)
    assert report.state is State.UNKNOWN


def test_a_deletion_on_record_is_no_gap(world):
    rows = world.catalogue.seals.of_calls([a_call(2).id])[a_call(2).id]
    for blob in list(world.target.list(f"2026/11/21/{a_call(2).id}")):
        world.target.delete(blob.name)
    name, data = deletion_record(a_sealer(), a_call(2).id, rows, START, "rule 90 days", "jobs")
    assert deletion_record(a_sealer(), a_call(2).id, rows, START, "rule 90 days", "jobs") == (name, data)
    assert name == f"deleted/2026/11/21/{a_call(2).id}.json"
    world.target.put(name, data)
    assert world.offline().state is State.INTACT
    assert read_deletion(data).deletion.rule == "rule 90 days"
    world.target.put(name, data.replace(b"90 days", b"30 days"))
    assert world.offline().state is State.UNKNOWN
    world.target.put(name, b"nothing")
    assert world.offline().state is State.UNKNOWN


def test_a_seal_of_another_installation(world, tmp_path):
    forged = World(tmp_path / "other", world.catalogue)
    hand_off(forged.folder, 9, SIZE)
    Intake(forged.folder, forged.target, world.catalogue, "else", a_sealer(5)).run_once()
    for kind in ("opus", "peaks.dat", "json"):
        world.target.put(world.name(9, kind), content(forged.target, world.name(9, kind)))
    assert world.said(9) == {"unknown-key": "unknown"}
    assert world.offline().counts[State.UNKNOWN] == 1
    assert world.offline({}).counts[State.UNKNOWN] == 5


def test_a_call_that_was_never_sealed(world):
    call = a_call(9)
    old = {"format": "earwitness sidecar 1", "call": json.loads(call.model_dump_json()), "files": []}
    world.target.put(world.name(9, "json"), json.dumps(old).encode())
    assert world.said(9) == {"unsealed": "altered"}


def test_a_revised_call_leaves_no_gap(world):
    known = world.catalogue.calls.get(a_call(2).id).call
    (world.folder.parent / "new.opus").write_bytes(b"heard")
    revision = Revision(world.target, world.catalogue, "main", a_sealer(), world.keys)
    for audio in (b"heard", b"heard better"):
        (world.folder.parent / "new.opus").write_bytes(audio)
        changed = known.model_copy(update={"recording": a_recording(audio)})
        assert revision.put(changed, NewRecording(world.folder.parent / "new.opus", None))
    report = world.offline()
    assert report.state is State.INTACT
    assert report.chains[0].last == 6
    assert world.online().state is State.INTACT
    assert [chain.state for chain in verify_chains(world.catalogue)] == [State.INTACT]


def test_an_old_sidecar_put_back_is_noticed(world):
    old = content(world.target, world.name(2, "json"))
    known = world.catalogue.calls.get(a_call(2).id).call
    (world.folder.parent / "new.opus").write_bytes(b"heard")
    changed = known.model_copy(update={"recording": a_recording(b"heard")})
    revision = Revision(world.target, world.catalogue, "main", a_sealer(), world.keys)
    revision.put(changed, NewRecording(world.folder.parent / "new.opus", None))
    world.target.put(world.name(2, "json"), old)
    assert world.said(2, world.online())["not-in-catalogue"] == "altered"


def test_what_cannot_be_read_is_unknown(world):
    class Failing(MemoryTarget):
        def get(self, name, start=0, length=None):
            if name.endswith("opus"):
                raise TargetError("The disk does not answer.")
            return world.target.get(name, start, length)

        def list(self, prefix=""):
            return world.target.list(prefix)

    report = verify_medium(Failing(), KEYS, lambda _: None)
    assert report.counts[State.UNKNOWN] == 4
    assert {finding.code for verdict in report.calls for finding in verdict.findings} == {"unreadable"}


class Faulty(MemoryTarget):
    """Gives what ``inner`` holds but for blobs whose names end in ``bad``; ``asked`` are those asked for."""

    def __init__(self, inner: MemoryTarget, bad: str, error: TargetError) -> None:
        super().__init__()
        self.inner, self.bad, self.error = inner, bad, error
        self.asked: list[str] = []

    def get(self, name, start=0, length=None):
        self._ask(name)
        return self.inner.get(name, start, length)

    def stat(self, name):
        self._ask(name)
        return self.inner.stat(name)

    def _ask(self, name: str) -> None:
        self.asked.append(name)
        if name.endswith(self.bad):
            raise self.error


def test_a_target_that_is_away_makes_all_unknown_and_is_not_asked_for_each(world):
    away = Faulty(world.target, "", TargetAbsent("Nothing is mounted at /mnt/nas."))
    report = world.online(away)
    assert report.counts == {State.INTACT: 0, State.ALTERED: 0, State.UNKNOWN: 4}
    assert report.looked_at == 4
    for verdict in report.calls:
        (finding,) = verdict.findings
        assert (finding.code, finding.text) == ("unreadable", "Nothing is mounted at /mnt/nas.")
    assert len(away.asked) == 2


def test_a_target_that_goes_away_halfway_leaves_what_was_read(world):
    first, *_ = world.catalogue.calls.iterate()
    going = Faulty(world.target, "no such blob", TargetAbsent("The disk was unplugged."))

    def unplug(_: CallVerdict) -> None:
        going.bad = ""

    calls = world.catalogue.calls.iterate()
    report = verify_calls(calls, world.catalogue, {"main": going}, KEYS, unplug)
    assert report.counts == {State.INTACT: 1, State.ALTERED: 0, State.UNKNOWN: 3}
    assert first.call.id not in {verdict.call for verdict in report.calls}


@pytest.mark.parametrize("kind", ["opus", "json"])
def test_one_blob_that_cannot_be_read_makes_that_call_unknown_alone(world, kind):
    bad = Faulty(world.target, world.name(2, kind), TargetError("A sector cannot be read."))
    report = world.online(bad)
    assert report.counts == {State.INTACT: 3, State.ALTERED: 0, State.UNKNOWN: 1}
    (verdict,) = report.calls
    (finding,) = verdict.findings
    assert (verdict.call, finding.text) == (a_call(2).id, "A sector cannot be read.")


@pytest.mark.parametrize("kind", ["opus", "json"])
def test_a_blob_that_is_missing_is_said_once(world, kind):
    world.target.delete(world.name(3, kind))
    report = world.online()
    assert report.counts == {State.INTACT: 3, State.ALTERED: 1, State.UNKNOWN: 0}
    (verdict,) = report.calls
    (finding,) = verdict.findings
    assert (finding.code, finding.file) == ("missing", world.name(3, kind))


def test_a_wrapped_key_that_is_missing(tmp_path, catalogue):
    world = World(tmp_path / "handoff", catalogue, keys=a_keyring(catalogue))
    world.archive(1)
    world.target.delete(world.name(1, "key"))
    assert world.said(1, world.online()) == {"missing": "altered"}


def test_a_call_that_lies_nowhere_here_is_unknown(world):
    report = verify_calls(world.catalogue.calls.page(), world.catalogue, {}, KEYS, lambda _: None)
    assert report.counts[State.UNKNOWN] == 4
