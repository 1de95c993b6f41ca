"""A target seen through its keys."""

import hashlib
from collections.abc import Iterator

import pytest

from storage.encryption.blob import CHUNK, HEADER, TAG, encrypt
from storage.encryption.target import EncryptedTarget
from storage.errors import KeyUnusable, Undecipherable
from storage.targets import LocalTarget, MemoryTarget
from tests.storage.targets.contract import TargetContract, content

CALL = "2026/11/21/x"
DATA = hashlib.shake_256(b"sound").digest(5 * CHUNK + 1000)


class Keys:
    """A key for every blob, or for those whose name begins so."""

    def __init__(self, prefix: str = "") -> None:
        self.prefix = prefix

    def data_key(self, name: str) -> bytes | None:
        return hashlib.sha256(name.encode()).digest() if name.startswith(self.prefix) else None


class TestEncryptedMemory(TargetContract):
    @pytest.fixture
    def target(self) -> EncryptedTarget:
        return EncryptedTarget(MemoryTarget(), Keys())


class TestEncryptedFolder(TargetContract):
    @pytest.fixture
    def target(self, tmp_path) -> EncryptedTarget:
        return EncryptedTarget(LocalTarget(tmp_path / "archive"), Keys())


class Counting(MemoryTarget):
    """Counts the bytes that are read."""

    def __init__(self) -> None:
        super().__init__()
        self.read = 0

    def get(self, name: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        for chunk in super().get(name, start, length):
            self.read += len(chunk)
            yield chunk


def test_nothing_lies_in_clear_but_what_must():
    inner = MemoryTarget()
    target = EncryptedTarget(inner, Keys())
    for kind in ("opus", "peaks.dat", "media", "json", "key"):
        target.put(f"{CALL}.{kind}", DATA)
    clear = [
        kind
        for kind in ("opus", "peaks.dat", "media", "json", "key")
        if content(inner, f"{CALL}.{kind}") == DATA
    ]
    assert clear == ["json", "key"]
    assert content(target, f"{CALL}.json") == DATA


def test_a_range_reads_the_chunks_around_it_and_no_more():
    inner = Counting()
    target = EncryptedTarget(inner, Keys())
    target.put(f"{CALL}.opus", DATA)
    assert content(target, f"{CALL}.opus", 3 * CHUNK - 10, 20) == DATA[3 * CHUNK - 10 : 3 * CHUNK + 10]
    assert inner.read == HEADER + 2 * (CHUNK + TAG)


def test_blobs_of_calls_without_a_key_are_passed_through():
    target = EncryptedTarget(MemoryTarget(), Keys("2026/11/22"))
    target.put(f"{CALL}.opus", DATA)
    assert content(target, f"{CALL}.opus", 5, 10) == DATA[5:15]
    assert target.stat(f"{CALL}.opus").bytes == len(DATA)


def test_a_key_that_is_gone_is_said():
    inner = MemoryTarget()
    EncryptedTarget(inner, Keys()).put(f"{CALL}.opus", DATA)
    with pytest.raises(KeyUnusable, match="its key is not here"):
        EncryptedTarget(inner, Keys("none")).get(f"{CALL}.opus")


def test_what_lies_in_clear_is_not_taken_for_an_encrypted_call():
    inner = MemoryTarget()
    inner.put(f"{CALL}.opus", DATA)
    with pytest.raises(Undecipherable):
        EncryptedTarget(inner, Keys()).get(f"{CALL}.opus")


def test_blobs_that_changed_places_are_refused():
    inner = MemoryTarget()

    class One:
        def data_key(self, name: str) -> bytes:
            return bytes(32)

    target = EncryptedTarget(inner, One())
    inner.put("2026/11/21/y.opus", encrypt(DATA, bytes(32), f"{CALL}.opus"))
    with pytest.raises(Undecipherable):
        content(target, "2026/11/21/y.opus")
