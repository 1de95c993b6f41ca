"""A medium that was taken away, and what somebody did to it besides changing a recording."""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage.catalogue import Catalogue, sqlite_url
from storage.media.listing import Listing
from storage.media.manifest import Manifest
from storage.media.names import ASSETS, MANIFEST, PAGE
from storage.seals.verdict import State
from tests.storage.encryption.keys import a_keyring
from tests.storage.handoffs import START, a_call
from tests.storage.seals.world import World
from tests.storage.targets.contract import content

DELETED = datetime.now(UTC) + timedelta(days=1)
"""Later than the seals that the tests make."""


@pytest.fixture
def catalogue(empty_catalogue, tmp_path) -> Iterator[Catalogue]:
    """On SQLite alone: what a medium shows does not depend on the database."""
    opened = Catalogue(sqlite_url(Path(shutil.copy(empty_catalogue, tmp_path))))
    yield opened
    opened.close()


@pytest.fixture
def closed(tmp_path, catalogue) -> World:
    """Four encrypted calls."""
    world = World(tmp_path / "handoff", catalogue, keys=a_keyring(catalogue))
    world.archive(1, 2, 3, 4)
    return world


@pytest.fixture
def clear(tmp_path, catalogue) -> World:
    """Four calls in clear."""
    world = World(tmp_path / "handoff", catalogue)
    world.archive(1, 2, 3, 4)
    return world


def remarks(report) -> dict[str, State]:
    return {remark.finding.code: remark.finding.state for remark in report.remarks}


def test_a_deleted_call_that_was_put_back(world):
    was = world.remove(3)
    world.record(3, DELETED)
    assert world.offline().state is State.INTACT
    world.put(was)
    assert world.said(3) == {"erased": "altered"}
    assert world.offline().counts == {State.INTACT: 3, State.ALTERED: 1, State.UNKNOWN: 0}


def test_when_it_was_deleted_is_said(world):
    world.record(3, datetime(2030, 1, 2, 3, 4, tzinfo=UTC))
    (verdict,) = world.offline().calls
    (finding,) = verdict.findings
    assert "deleted on 2030-01-02 03:04 UTC" in finding.text


def test_the_sound_alone_of_a_deleted_call_in_clear(clear):
    was = clear.remove(3)
    clear.record(3, DELETED)
    clear.target.put(clear.name(3, "opus"), was[clear.name(3, "opus")])
    assert clear.said(3) == {"erased": "altered"}


def test_a_record_that_nobody_signed_whose_key_is_given_proves_nothing(world):
    world.record(3, DELETED, signer=7)
    assert world.offline().state is State.INTACT


def test_ciphertext_of_a_deleted_call_without_its_key_is_erased(closed):
    closed.target.delete(closed.name(3, "key"))
    closed.record(3, DELETED)
    report = closed.offline()
    assert (report.state, report.counts[State.INTACT]) == (State.INTACT, 4)
    assert remarks(report) == {"erased-closed": State.INTACT}


def test_a_call_that_was_recorded_again_after_it_was_deleted_may_lie_there(world):
    world.record(3, START - timedelta(days=1))
    assert world.said(3) == {"erased": "altered"}
    again = World(world.folder, world.catalogue, keys=world.keys)
    again.target = world.target
    again.archive(5)
    again.target.put(*_early_record(again))
    assert again.said(5) == {}


def _early_record(world):
    """That call 5 was deleted before the seal that it bears now, which the record cannot name."""
    from storage.seals.deletion import deletion_record
    from tests.storage.sealers import a_sealer

    return deletion_record(a_sealer(), a_call(5).id, [], START - timedelta(days=1), "rule", "jobs")


@pytest.mark.parametrize("kind", ["opus", "peaks.dat"])
def test_a_blob_that_no_sidecar_names(world, kind):
    world.target.put(f"2026/11/21/someone.{kind}", content(world.target, world.name(1, kind)))
    report = world.offline()
    assert (report.state, report.counts[State.INTACT], report.counts[State.UNKNOWN]) == (State.UNKNOWN, 4, 1)
    (verdict,) = report.calls
    assert (verdict.call, [finding.code for finding in verdict.findings]) == ("someone", ["unnamed"])


def test_a_second_recording_beside_that_of_a_call(world):
    world.target.put(world.name(2, "opus").replace(".opus", "-0123abcd.opus"), b"another")
    assert world.said(2) == {"unnamed": "unknown"}


def test_the_newest_call_without_its_sidecar(world):
    world.target.delete(world.name(4, "json"))
    assert world.said(4) == {"unnamed": "unknown"}
    assert world.offline().looked_at == 3


def test_what_is_no_blob_of_a_day_is_nobodys_business(world):
    for name in ("autorun.inf", "2026/notes.txt", "holiday/21/sea.json"):
        world.target.put(name, b"hello")
    assert world.offline().state is State.INTACT


def test_a_key_that_was_cut_in_half(closed):
    name = closed.name(2, "key")
    closed.target.put(name, content(closed.target, name)[:100])
    assert closed.said(2) == {"key": "altered"}


def test_the_key_of_another_call(closed):
    closed.target.put(closed.name(2, "key"), content(closed.target, closed.name(1, "key")))
    assert closed.said(2) == {"key": "altered"}


def test_a_key_without_any_wrapping(closed):
    name = closed.name(2, "key")
    closed.target.put(name, json.dumps(json.loads(content(closed.target, name)) | {"wrappings": []}).encode())
    assert closed.said(2) == {"key": "altered"}


def test_one_key_that_is_gone(closed):
    closed.target.delete(closed.name(2, "key"))
    assert closed.said(2) == {"keyless": "unknown"}
    assert closed.offline().counts[State.INTACT] == 3


@pytest.mark.parametrize("listed", [True, False])
def test_all_keys_gone_are_a_finding_but_where_the_medium_never_gets_any(closed, listed):
    for number in (1, 2, 3, 4):
        closed.target.delete(closed.name(number, "key"))
    if listed:
        closed.target.put(MANIFEST, b"what only media have that get keys")
    report = closed.offline()
    if listed:
        assert report.counts[State.UNKNOWN] == 4
    else:
        assert (report.state, remarks(report)) == (State.INTACT, {"keyless": State.INTACT})
        assert "4 encrypted calls" in report.remarks[0].finding.text


@pytest.mark.parametrize("number", [2, 4])
def test_a_seal_that_was_taken_off(clear, number):
    clear.unseal(number)
    assert clear.said(number) == {"unsealed": "altered"}
    (text,) = (finding.text for verdict in clear.offline().calls for finding in verdict.findings)
    assert text == "It bears no seal, though earlier calls of its recorder do: its seal was taken off."


def test_no_seal_where_none_of_the_recorder_is_earlier_tells_nothing(clear):
    clear.unseal(4, recorder="another")
    assert clear.said(4) == {"unsealed": "unknown"}
    (text,) = (finding.text for verdict in clear.offline().calls for finding in verdict.findings)
    assert text.startswith("It bears no seal: it was archived before there were seals, or")


def test_a_call_of_the_day_before_the_first_seals_was_archived_before_there_were_any(clear):
    clear.unseal(1)
    old = {name.replace("2026/11/21", "2026/11/20"): data for name, data in clear.remove(1).items()}
    old = {
        name: data.replace(b"2026/11/21", b"2026/11/20") if name.endswith("json") else data
        for name, data in old.items()
    }
    clear.put(old)
    assert clear.said(1) == {"unsealed": "unknown"}


def test_up_to_where_the_chain_goes_is_said(world):
    row = world.catalogue.seals.page(world.catalogue.seals.chains()[0])[2]
    world.remove(4)
    (chain,) = world.offline().chains
    assert (chain.last, chain.newest) == (3, row.at)


@pytest.fixture
def paged(world) -> World:
    """A medium with page and list."""
    Listing(world.target).edit(Manifest(volume="box-7"), [], {}, START)
    return world


def test_page_and_list_as_they_were_written(paged):
    report = paged.offline()
    assert (report.state, remarks(report)) == (State.INTACT, {"unsigned": State.INTACT})
    assert report.remarks[0].finding.text.endswith("no seal vouches for them: the list of calls (browse/).")


@pytest.mark.parametrize("name", [PAGE, f"{ASSETS}more.js"])
def test_a_page_that_is_not_the_one_that_it_says_it_is(paged, name):
    paged.target.put(name, b"<script>alert(1)</script>")
    report = paged.offline()
    assert (report.state, remarks(report)["page"]) == (State.ALTERED, State.ALTERED)
    assert report.counts[State.INTACT] == 4


def test_a_page_of_which_a_file_is_gone(paged):
    paged.target.delete(PAGE)
    assert remarks(paged.offline())["page"] is State.ALTERED


def test_a_page_of_another_version_may_be_as_it_was(paged):
    paged.target.put(PAGE, b"<p>as it was a year ago</p>")
    manifest = content(paged.target, MANIFEST)
    paged.target.put(MANIFEST, manifest.replace(b'"page": "', b'"page": "0'))
    report = paged.offline()
    assert (report.state, remarks(report)["page"]) == (State.UNKNOWN, State.UNKNOWN)
