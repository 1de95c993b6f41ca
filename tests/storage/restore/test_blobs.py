"""Blobs of calls back into the archive folder."""

from datetime import UTC, datetime

import pytest

from storage.restore.blobs import BlobsFromTarget, leave_blobs
from storage.targets import LocalTarget
from tests.storage.targets.contract import content

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def home(tmp_path) -> LocalTarget:
    return LocalTarget(tmp_path / "archive")


def test_every_blob_comes_back_and_the_catalogue_says_so(archived, home):
    done = BlobsFromTarget(archived.catalogue, archived.target, "disk", home, "local").restore(NOW)
    names = [stored.name for stored in archived.target.list()]
    assert [stored.name for stored in home.list()] == names
    assert all(content(home, name) == content(archived.target, name) for name in names)
    assert (done.calls, done.bytes, done.lacking) == (3, sum(each.bytes for each in home.list()), {})
    for found in archived.catalogue.calls.page():
        here = {copy.name: copy.sha256 for copy in found.copies if copy.target == "local"}
        assert here == {copy.name: copy.sha256 for copy in found.copies if copy.target == "disk"}


def test_what_is_there_is_not_sent_again(archived, home):
    restoring = BlobsFromTarget(archived.catalogue, archived.target, "disk", home, "local")
    restoring.restore(NOW)
    name = archived.name(0, ".opus")
    inode = (home.root / name).stat().st_ino
    assert restoring.restore(NOW).calls == 3
    assert (home.root / name).stat().st_ino == inode


def test_a_call_that_the_target_lost_is_told_and_taken_off_the_archive(archived, home):
    restoring = BlobsFromTarget(archived.catalogue, archived.target, "disk", home, "local")
    restoring.restore(NOW)
    lost = archived.calls[1].id
    archived.target.delete(archived.name(1, ".opus"))
    for stored in list(home.list()):
        home.delete(stored.name)
    done = restoring.restore(NOW)
    assert (done.calls, list(done.lacking)) == (2, [lost])
    assert {copy.target for copy in archived.catalogue.calls.get(lost).copies} == {"disk"}


def test_calls_can_stay_where_they_are(archived, home):
    BlobsFromTarget(archived.catalogue, archived.target, "disk", home, "local").restore(NOW)
    leave_blobs(archived.catalogue, "local")
    assert {copy.target for found in archived.catalogue.calls.page() for copy in found.copies} == {"disk"}
