"""Calls come in encrypted on a medium that cannot delete: their keys go everywhere but there."""

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage.catalogue import Catalogue, sqlite_url
from storage.copies.backlog import Backlog
from storage.copies.copier import Copier
from storage.copies.placement import Placement
from storage.encryption.keyring import KeyMaker, KeyOpener
from storage.encryption.rotation import Rotation
from storage.encryption.target import EncryptedTarget
from storage.errors import KeyUnusable
from storage.intake import Intake
from storage.restore.blobs import BlobsFromTarget
from storage.restore.rows import RowsFromSidecars
from storage.retention.deletion import Deletion
from storage.retention.removing import KEY_STAYS, remove_pending
from storage.scrub.reconcile import reconcile
from storage.seals.verdict import State
from storage.seals.verify import verify_calls
from storage.targets import MemoryTarget
from tests.storage.encryption.keys import a_keyring, a_master
from tests.storage.handoffs import hand_off
from tests.storage.sealers import a_key, a_sealer
from tests.storage.targets.contract import content

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PLACEMENT = Placement(("nas", "usb", "tape"), keyless=frozenset({"home", "tape"}))


@dataclass
class Centre:
    """Three calls on ``home``; ``nas``, ``usb`` and ``tape`` get copies."""

    catalogue: Catalogue
    targets: dict[str, MemoryTarget]
    ids: list[str]

    def copy(self, name: str):
        backlog = Backlog(self.catalogue, PLACEMENT, "home")
        while backlog.fill(name, NOW):
            pass
        return Copier(self.catalogue, self.targets, PLACEMENT, "home", lambda: NOW).batch(name)

    def names(self, target: str, ending: str) -> set[str]:
        return {blob.name for blob in self.targets[target].list("2026") if blob.name.endswith(ending)}

    def erase(self, call_id: str) -> str:
        """Erase the call; what is said of what stays at home."""
        Deletion(self.catalogue).again({call_id: "erasure: asked for"}, by="ben", now=NOW)
        remove_pending(self.catalogue, self.targets, now=NOW, write_once=PLACEMENT.keyless)
        waiting = self.catalogue.removals.waiting()
        return waiting["home"].error if "home" in waiting else ""


def arrive(catalogue, target, folder, numbers, *, lasting=True) -> list[str]:
    ids = [hand_off(folder, number).id for number in numbers]
    keys = a_keyring(catalogue)
    made = Intake(folder, target, catalogue, "home", a_sealer(), keys, lasting=lasting)
    assert made.run_once() == len(ids)
    return ids


@pytest.fixture
def fresh_catalogue(tmp_path, empty_catalogue):
    opened = Catalogue(sqlite_url(Path(shutil.copy(empty_catalogue, tmp_path / "fresh.db"))))
    yield opened
    opened.close()


@pytest.fixture
def centre(catalogue, tmp_path):
    targets = {name: MemoryTarget() for name in ("home", "nas", "usb", "tape")}
    return Centre(catalogue, targets, arrive(catalogue, targets["home"], tmp_path / "handoff", range(3)))


def test_no_key_comes_there_and_the_call_is_played_and_verified(centre):
    assert centre.names("home", ".key") == set()
    found = centre.catalogue.calls.get(centre.ids[1])
    opened = EncryptedTarget(centre.targets["home"], a_keyring(centre.catalogue))
    assert content(opened, found.call.recording.path) == b"\x01" * 5000
    keys = {a_key().public.id: a_key().public}
    report = verify_calls([found], centre.catalogue, {"home": centre.targets["home"]}, keys, lambda _: None)
    assert (report.counts[State.INTACT], report.calls) == (1, [])


def test_copies_get_the_key_from_the_catalogue_and_others_of_that_kind_do_not(centre):
    assert len(centre.copy("nas").copied) == 3
    assert len(centre.copy("tape").copied) == 3
    assert len(centre.names("nas", ".key")) == 3
    assert centre.names("tape", ".key") == set()
    for call_id in centre.ids:
        found = centre.catalogue.calls.get(call_id)
        (copy,) = [copy for copy in found.copies if copy.name.endswith(".key")]
        assert copy.target == "nas"
        assert (
            content(centre.targets["nas"], copy.name).decode() == centre.catalogue.keys.get(call_id).document
        )
    assert centre.copy("nas").taken == 0


def test_the_next_copy_gets_it_where_the_one_before_has_lost_its_own(centre):
    centre.copy("nas")
    for name in centre.names("nas", ".key"):
        centre.targets["nas"].delete(name)
    assert len(centre.copy("usb").copied) == 3
    assert len(centre.names("usb", ".key")) == 3


def test_the_copy_restores_alone(centre, fresh_catalogue):
    centre.copy("nas")
    nas = centre.targets["nas"]
    done = RowsFromSidecars(fresh_catalogue, nas, "nas", KeyOpener([a_master()])).restore(NOW)
    assert (done.added, done.refused) == (3, {})
    anew = MemoryTarget()
    blobs = BlobsFromTarget(fresh_catalogue, nas, "nas", anew, "home", keyless=True).restore(NOW)
    assert (blobs.calls, blobs.lacking) == (3, {})
    assert [blob.name for blob in anew.list()] == [blob.name for blob in centre.targets["home"].list()]


def test_alone_it_restores_nothing_and_says_why(centre, fresh_catalogue):
    rows = RowsFromSidecars(fresh_catalogue, centre.targets["home"], "home", KeyOpener([a_master()]))
    with pytest.raises(KeyUnusable, match="this is a medium that keeps no keys"):
        rows.restore(NOW)


def test_what_comes_back_from_it_elsewhere_has_the_key_again(centre):
    anew = MemoryTarget()
    blobs = BlobsFromTarget(centre.catalogue, centre.targets["home"], "home", anew, "local").restore(NOW)
    assert blobs.calls == 3
    assert len([blob for blob in anew.list() if blob.name.endswith(".key")]) == 3


def test_erasing_a_call_there_leaves_nothing_that_opens_it(centre):
    centre.copy("nas")
    assert centre.erase(centre.ids[0]) == ""
    assert centre.names("nas", ".key") == {
        copy.name
        for call_id in centre.ids[1:]
        for copy in centre.catalogue.calls.get(call_id).copies
        if copy.name.endswith(".key")
    }
    found = reconcile(centre.catalogue, "home", centre.targets["home"], now=NOW, lasting=True)
    assert (found.staying, found.removing) == ([], [])


def test_a_key_that_came_there_before_is_told(catalogue, tmp_path):
    home = MemoryTarget()
    (call_id,) = arrive(catalogue, home, tmp_path / "handoff", [7], lasting=False)
    assert Centre(catalogue, {"home": home}, [call_id]).erase(call_id) == KEY_STAYS


def test_a_key_that_is_wrapped_anew_meanwhile_is_not_written_as_it_was(centre):
    made = KeyMaker(a_master(2))
    rotation = Rotation(centre.catalogue, centre.targets, KeyOpener([a_master()]), made)
    done = []

    class Late(MemoryTarget):
        def put(self, name, source):
            if not done:
                done.extend(rotation.run())
            return super().put(name, source)

    centre.targets["nas"] = Late()
    batch = centre.copy("nas")
    assert len(batch.copied) < 3
    centre.catalogue.copy_tasks.hurry("nas", NOW)
    centre.copy("nas")
    for call_id in centre.ids:
        (copy,) = [c for c in centre.catalogue.calls.get(call_id).copies if c.name.endswith(".key")]
        assert (
            content(centre.targets["nas"], copy.name).decode() == centre.catalogue.keys.get(call_id).document
        )
