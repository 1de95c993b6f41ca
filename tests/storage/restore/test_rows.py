"""Rows of a catalogue from sidecars alone."""

from datetime import UTC, datetime

import pytest

from storage.encryption.keyring import KeyOpener
from storage.errors import KeyUnusable, WrongKey
from storage.restore.rows import RowsFromSidecars
from storage.seals.statement import GENESIS
from tests.storage.encryption.keys import a_master
from tests.storage.sealers import a_sealer

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
OPENER = KeyOpener([a_master()])


def test_calls_copies_keys_and_seals_come_back(archived, fresh):
    seen: list[int] = []
    done = RowsFromSidecars(fresh, archived.target, "disk", OPENER).restore(NOW, told=seen.append)
    assert (done.looked_at, done.added, done.revised, done.refused, seen) == (3, 3, 0, {}, [3])
    for call in archived.calls:
        before, after = (each.calls.get(call.id) for each in (archived.catalogue, fresh))
        assert after.call == before.call
        held = [(copy.target, copy.name, copy.bytes, copy.sha256) for copy in before.copies]
        assert [(copy.target, copy.name, copy.bytes, copy.sha256) for copy in after.copies] == held
        assert fresh.keys.get(call.id) == archived.catalogue.keys.get(call.id)
    chain = fresh.seals.page(a_sealer().chain, 0, 10)
    assert chain == archived.catalogue.seals.page(a_sealer().chain, 0, 10)
    assert [row.number for row in chain] == [1, 2, 3]
    assert chain[0].previous == GENESIS


def test_again_it_changes_nothing(archived, fresh):
    RowsFromSidecars(fresh, archived.target, "disk", OPENER).restore(NOW)
    position = fresh.changes.position()
    done = RowsFromSidecars(fresh, archived.target, "disk", OPENER).restore(NOW)
    assert (done.looked_at, done.added, done.revised) == (3, 0, 0)
    assert fresh.changes.position() == position


def test_what_is_damaged_is_told_and_left(archived, fresh):
    name = archived.name(1, ".json")
    archived.target.put(name, b"{}")
    done = RowsFromSidecars(fresh, archived.target, "disk", OPENER).restore(NOW)
    assert (done.added, list(done.refused)) == (2, [name])
    assert fresh.calls.get(archived.calls[1].id) is None


@pytest.mark.parametrize("archived", [True], indirect=True, ids=["encrypted"])
def test_with_keys_that_open_nothing_it_ends_at_once(archived, fresh):
    with pytest.raises(WrongKey):
        RowsFromSidecars(fresh, archived.target, "disk", KeyOpener([a_master(2)])).restore(NOW)
    assert fresh.calls.page(limit=1) == []


@pytest.mark.parametrize("archived", [True], indirect=True, ids=["encrypted"])
@pytest.mark.parametrize("which", [0, -1], ids=["first", "last"])
def test_a_call_without_its_key_is_told(archived, fresh, which):
    sidecar = [each.name for each in archived.target.list() if each.name.endswith(".json")][which]
    archived.target.delete(sidecar.replace(".json", ".key"))
    done = RowsFromSidecars(fresh, archived.target, "disk", OPENER).restore(NOW)
    assert done.added == 2
    assert "its key is neither on this target nor in a snapshot" in done.refused[sidecar]


@pytest.mark.parametrize("archived", [True], indirect=True, ids=["encrypted"])
def test_a_medium_without_keys_is_no_source(archived, fresh):
    for blob in list(archived.target.list()):
        if blob.name.endswith(".key"):
            archived.target.delete(blob.name)
    with pytest.raises(KeyUnusable, match="Restore from another target"):
        RowsFromSidecars(fresh, archived.target, "disk", OPENER).restore(NOW)
    assert fresh.calls.page(limit=1) == []
