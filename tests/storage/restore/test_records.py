"""Records of deletions back into the archive folder."""

from datetime import UTC, datetime

import pytest

from storage.restore.records import carry_records, restore_records
from storage.seals.deletion import deletion_name, deletion_record
from storage.targets import LocalTarget
from tests.storage.sealers import a_sealer
from tests.storage.targets.contract import content

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def home(tmp_path) -> LocalTarget:
    return LocalTarget(tmp_path / "archive")


@pytest.fixture
def names(archived) -> list[str]:
    """The records of two of the calls, of which another installation signed the second one."""
    made = []
    for number, signer in ((0, 1), (1, 7)):
        call_id = archived.calls[number].id
        seals = archived.catalogue.seals.of_calls([call_id])[call_id]
        archived.target.put(*deletion_record(a_sealer(signer), call_id, seals, NOW, "erasure", "anna"))
        made.append(deletion_name(call_id, NOW))
    return sorted(made)


def test_every_record_comes_back_as_it_is_and_nothing_else_does(archived, names, home):
    archived.target.put("deleted/notes.txt", b"not of ours")
    done = restore_records(archived.target, home)
    assert (done.count, done.lacking) == (2, {})
    assert [stored.name for stored in home.list()] == names
    assert all(content(home, name) == content(archived.target, name) for name in names)


def test_again_only_what_is_not_there_or_not_whole_is_written(archived, names, home):
    restore_records(archived.target, home)
    kept, spoiled = names
    inode = (home.root / kept).stat().st_ino
    home.put(spoiled, bytes(len(content(home, spoiled))))
    assert restore_records(archived.target, home).count == 2
    assert (home.root / kept).stat().st_ino == inode
    assert content(home, spoiled) == content(archived.target, spoiled)


def test_what_another_target_lacks_is_carried_there_and_what_it_has_stays(archived, names, home):
    there, lacking = names
    home.put(there, b"as it was recorded there")
    done = carry_records(archived.target, home)
    assert (done.count, done.lacking) == (1, {})
    assert content(home, there) == b"as it was recorded there"
    assert content(home, lacking) == content(archived.target, lacking)
    assert carry_records(archived.target, home).count == 0


def test_a_record_that_is_damaged_is_told_and_the_others_come(archived, names, home):
    whole, damaged = names
    archived.target.put(damaged, content(archived.target, damaged)[:-9])
    done = restore_records(archived.target, home)
    assert (done.count, list(done.lacking)) == (1, [damaged])
    assert "no record of a deletion" in done.lacking[damaged]
    assert [stored.name for stored in home.list()] == [whole]
