"""Wrapping keys anew, when targets fail and calls are deleted meanwhile."""

import pytest

from storage.catalogue import Copy
from storage.encryption.keyring import KeyMaker, KeyOpener
from storage.encryption.rotation import Rotation
from storage.encryption.wrapping import read_document
from storage.errors import TargetError
from storage.intake import Intake
from storage.targets import MemoryTarget
from storage.targets.contract import verify
from tests.storage.encryption.keys import a_keyring, a_master
from tests.storage.handoffs import START, a_call, hand_off
from tests.storage.sealers import a_sealer
from tests.storage.targets.contract import content


class Down(MemoryTarget):
    """A target that can be switched off."""

    off = False

    def put(self, name, source):
        if self.off:
            raise TargetError("The target does not answer.")
        return super().put(name, source)


@pytest.fixture
def main() -> MemoryTarget:
    return MemoryTarget()


@pytest.fixture
def other() -> Down:
    return Down()


@pytest.fixture
def rotation(tmp_path, catalogue, main, other) -> Rotation:
    for number in range(3):
        hand_off(tmp_path / "handoff", number)
    keys = a_keyring(catalogue, 1)
    assert Intake(tmp_path / "handoff", main, catalogue, "main", a_sealer(), keys).run_once() == 3
    for found in catalogue.calls.page():
        (copy,) = (copy for copy in found.copies if copy.name.endswith(".key"))
        other.put(copy.name, content(main, copy.name))
        catalogue.calls.revise(
            found.call, "other", [Copy("other", copy.name, copy.bytes, copy.sha256, START)]
        )
    opener = KeyOpener([a_master(1), a_master(2)])
    return Rotation(catalogue, {"main": main, "other": other}, opener, KeyMaker(a_master(2)))


def consistent(catalogue, main, other) -> None:
    """Rows and blobs say the same, and the new key opens them."""
    for found in catalogue.calls.page():
        row = catalogue.keys.get(found.call.id)
        for copy in found.copies:
            if copy.name.endswith(".key"):
                target = {"main": main, "other": other}[copy.target]
                assert content(target, copy.name) == row.document.encode()
                verify(target, type(target.stat(copy.name))(copy.name, copy.bytes, copy.sha256))
        KeyOpener([a_master(2)]).open(read_document(row.document))


def test_everywhere_at_once(rotation, catalogue, main, other):
    assert rotation.pending() == 3
    assert [item.reason for item in rotation.run()] == ["", "", ""]
    assert rotation.pending() == 0
    consistent(catalogue, main, other)
    assert rotation.pending(everything=True) == 3
    assert len(list(rotation.run(everything=True))) == 3
    consistent(catalogue, main, other)


def test_what_a_target_that_is_down_held_up_is_done_later(rotation, catalogue, main, other):
    running = rotation.run()
    assert next(running).reason == ""
    other.off = True
    assert [item.reason for item in running] == ["The target does not answer."] * 2
    assert rotation.pending() == 2
    for found in catalogue.calls.page():
        assert a_keyring(catalogue, 2).new("x")
        assert KeyOpener([a_master(1), a_master(2)]).open(
            read_document(catalogue.keys.get(found.call.id).document)
        )
    other.off = False
    assert [item.reason for item in rotation.run()] == ["", ""]
    consistent(catalogue, main, other)


def test_stopped_anywhere_it_goes_on(rotation, catalogue, main, other):
    next(rotation.run())
    assert rotation.pending() == 2
    assert len(list(rotation.run())) == 2
    consistent(catalogue, main, other)


def test_the_key_of_a_call_that_is_deleted_meanwhile_does_not_come_back(rotation, catalogue, main, other):
    gone = a_call(1).id
    put = other.put

    def deleting(name, source):
        if gone in name:
            catalogue.calls.delete(gone)
            for target in (main, other):
                target.delete(name)
        return put(name, source)

    other.put = deleting
    assert all(not item.reason for item in rotation.run())
    assert catalogue.keys.get(gone) is None
    for target in (main, other):
        assert not [blob.name for blob in target.list() if gone in blob.name and blob.name.endswith(".key")]


def test_a_target_that_is_not_in_the_settings_is_said(rotation, catalogue, main):
    alone = Rotation(catalogue, {"main": main}, KeyOpener([a_master(1)]), KeyMaker(a_master(2)))
    assert {item.reason.split(",")[0] for item in alone.run()} == {"The target other"}
