"""What a verification with the catalogue finds on a target besides the calls that are known there."""

from datetime import UTC, datetime, timedelta

import pytest

from storage.copies.backlog import Backlog
from storage.copies.placement import Placement
from storage.errors import TargetAbsent
from storage.retention.deletion import Deletion
from storage.retention.records import recorder
from storage.retention.removing import remove_pending
from storage.seals.beside import verify_beside
from storage.seals.deletion import deletion_record
from storage.seals.verdict import Report, State
from storage.targets import MemoryTarget
from tests.storage.encryption.keys import a_keyring
from tests.storage.handoffs import a_call
from tests.storage.sealers import a_sealer
from tests.storage.seals.world import KEYS, World
from tests.storage.targets.contract import content

NOW = datetime.now(UTC)
LATER = NOW + timedelta(days=1)


@pytest.fixture
def closed(tmp_path, catalogue) -> World:
    """Two encrypted calls."""
    world = World(tmp_path / "handoff", catalogue, keys=a_keyring(catalogue))
    world.archive(1, 2)
    return world


def beside(world: World, *, now: datetime = LATER, home: bool = True, target=None, keys=None) -> Report:
    report = Report()
    found = world.target if target is None else target
    verify_beside(report, world.catalogue, "main", found, KEYS if keys is None else keys, now, home=home)
    return report


def said(report: Report) -> dict[str, dict[str, str]]:
    """Codes of what was found, with their states, by call."""
    return {
        verdict.call: {finding.code: finding.state.value for finding in verdict.findings}
        for verdict in report.calls
    }


def remarks(report: Report) -> dict[str, State]:
    return {remark.finding.code: remark.finding.state for remark in report.remarks}


def ask_to_delete(world: World, number: int) -> None:
    Deletion(world.catalogue).again({a_call(number).id: "erasure: asked for"}, by="anna", now=NOW)


def remove(world: World) -> None:
    targets = {"main": world.target}
    remove_pending(world.catalogue, targets, now=NOW, recorder=recorder(world.catalogue, a_sealer()))


def test_nothing(closed):
    report = beside(closed)
    assert (report.state, report.checked, report.remarks) == (State.INTACT, 0, [])


@pytest.mark.parametrize("known", ["by its record", "by the catalogue alone"])
def test_a_deleted_call_that_was_put_back(closed, known):
    was = closed.blobs(1)
    ask_to_delete(closed, 1)
    remove(closed)
    assert beside(closed).state is State.INTACT
    closed.put(was)
    if known == "by the catalogue alone":
        for blob in list(closed.target.list("deleted/")):
            closed.target.delete(blob.name)
    report = beside(closed)
    assert said(report) == {a_call(1).id: {"erased": "altered"}}
    assert report.counts[State.ALTERED] == 1


def test_a_deleted_call_of_which_only_a_record_knows(closed):
    closed.put({name.replace(a_call(1).id, "stranger"): data for name, data in closed.blobs(1).items()})
    closed.target.put(*deletion_record(a_sealer(), "stranger", [], NOW, "rule", "jobs"))
    assert said(beside(closed)) == {"stranger": {"erased": "altered"}}
    assert said(beside(closed, keys={}))["stranger"].keys() == {"unnamed"}


def test_its_ciphertext_without_a_key_is_erased(closed):
    was = closed.blobs(1)
    ask_to_delete(closed, 1)
    remove(closed)
    closed.put({name: data for name, data in was.items() if not name.endswith(".key")})
    report = beside(closed)
    assert (report.state, report.calls, remarks(report)) == (
        State.INTACT,
        [],
        {"erased-closed": State.INTACT},
    )


def test_a_call_that_is_just_being_removed_is_told_and_one_that_cannot_be_is_a_finding(closed):
    ask_to_delete(closed, 1)
    report = beside(closed)
    assert (report.calls, remarks(report)) == ([], {"going": State.INTACT})
    (removal,) = closed.catalogue.removals.of_calls([a_call(1).id])
    closed.catalogue.removals.failed(removal, "The disk is full of sand.", NOW, None)
    report = beside(closed)
    assert said(report) == {a_call(1).id: {"erased": "unknown"}}
    assert report.calls[0].findings[0].text.endswith("The disk is full of sand.")


def test_a_call_that_nobody_knows(closed):
    data = content(closed.target, closed.name(1, "opus"))
    closed.target.put("2026/11/21/stranger.opus", data)
    assert said(beside(closed)) == {"stranger": {"unnamed": "unknown"}}


def test_where_calls_come_in_it_may_be_on_its_way_for_an_hour(closed):
    closed.target.put("2026/11/21/stranger.opus", b"new")
    report = beside(closed, now=NOW)
    assert (report.state, remarks(report)) == (State.INTACT, {"young": State.INTACT})
    assert said(beside(closed, now=NOW, home=False)) == {"stranger": {"unnamed": "unknown"}}


def test_a_blob_that_a_known_call_does_not_have(closed):
    closed.target.put(closed.name(1, "opus").replace(".opus", "-0123abcd.opus"), b"another")
    assert said(beside(closed)) == {a_call(1).id: {"unnamed": "unknown"}}


def test_a_call_that_is_being_copied_there_is_left_alone(closed):
    copy = MemoryTarget()
    copy.put(closed.name(1, "opus"), content(closed.target, closed.name(1, "opus")))
    Backlog(closed.catalogue, Placement(("disk",)), "main").fill("disk", NOW)
    report = Report()
    verify_beside(report, closed.catalogue, "disk", copy, KEYS, LATER, home=False)
    assert (report.state, report.calls) == (State.INTACT, [])


def test_a_target_that_cannot_be_listed(closed):
    class Away(MemoryTarget):
        def list(self, prefix=""):
            raise TargetAbsent("Nothing is mounted at /mnt/nas.")

    report = beside(closed, target=Away())
    assert remarks(report) == {"unlisted": State.UNKNOWN}
    assert report.state is State.UNKNOWN
    assert report.remarks[0].finding.text.endswith("Nothing is mounted at /mnt/nas.")
