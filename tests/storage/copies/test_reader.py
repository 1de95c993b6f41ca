"""Reading a blob out of whichever copy can be read, on real folders."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from storage.catalogue.call_rows import Copy
from storage.copies.choice import Nearness
from storage.copies.reader import Contents, CopyReader
from storage.encryption.target import EncryptedTarget
from storage.errors import Altered, KeyUnusable, NoCopyReadable
from storage.targets import LocalTarget, Target
from tests.storage.copies.breaking import Breaking
from tests.storage.copies.centre import NOW

NAME = "2026/11/22/call.opus"
DATA = os.urandom(300_000)
CONTENTS = Contents(len(DATA), hashlib.sha256(DATA).hexdigest())
NEAR = Nearness("local", frozenset({"local"}))
AROUND = ("backup", "zfs")
"""Names that come before and after that of home."""


class Key:
    """One key for every call, or none."""

    def __init__(self, key: bytes | None = bytes(32)):
        self.key = key

    def data_key(self, name: str) -> bytes | None:
        return self.key


@pytest.fixture
def targets(tmp_path: Path) -> dict[str, Breaking]:
    """Home and one target before and one after it, by name; each has the blob."""
    made = {name: Breaking(tmp_path / name) for name in ("backup", "local", "zfs")}
    for target in made.values():
        target.put(NAME, DATA)
    return made


def reader(
    targets: dict[str, Target],
    expected: Contents | None = CONTENTS,
    altered: Callable[[Copy], None] = lambda _: None,
    **conditions: str,
) -> CopyReader:
    copies = [
        Copy(name, NAME, len(DATA), CONTENTS.sha256, NOW, NOW, conditions.get(name, "good"))
        for name in sorted(targets)
    ]
    return CopyReader(NAME, copies, targets, NEAR, expected, altered)


def test_home_is_read_and_nobody_else_is_asked(targets):
    for name in AROUND:
        targets[name].away = True
    read = reader(targets)
    assert read.copy().target == "local"
    assert b"".join(read.chunks()) == DATA
    assert b"".join(read.chunks(100_000, 50)) == DATA[100_000:100_050]
    assert (targets["backup"].asked, targets["zfs"].asked) == ([], [])
    assert targets["local"].asked == ["stat", "get", "get"]
    assert read.troubles == {}


def test_what_is_not_at_home_is_read_elsewhere(targets):
    targets["local"].delete(NAME)
    read = reader(targets)
    assert b"".join(read.chunks()) == DATA
    assert read.copy().target == "backup"
    assert read.troubles == {"local": f"The archive holds nothing named {NAME}."}
    del targets["local"]
    assert b"".join(reader(targets).chunks()) == DATA


def test_a_copy_of_another_length_is_not_read(targets):
    targets["local"].put(NAME, DATA[:-1])
    read = reader(targets)
    assert read.copy().target == "backup"
    assert read.troubles == {"local": f"{NAME} has 299,999 bytes and should have 300,000."}


def test_a_copy_that_is_known_to_be_bad_is_never_read(targets):
    read = reader(targets, local="damaged", backup="missing")
    assert b"".join(read.chunks()) == DATA
    assert read.copy().target == "zfs"
    assert targets["local"].asked == targets["backup"].asked == []


def test_what_refuses_to_open_is_passed_over_before_the_first_byte(targets):
    targets["local"].after = 0
    read = reader(targets)
    assert read.copy().target == "local"
    chunks = read.chunks(5)
    assert read.copy().target == "backup"
    assert b"".join(chunks) == DATA[5:]
    assert read.troubles == {"local": "The connection was cut."}


@pytest.mark.parametrize(("start", "length"), [(0, None), (7, 250_000), (299_000, 5000)])
def test_broken_in_the_middle_the_next_copy_goes_on_at_the_same_byte(targets, start, length):
    targets["local"].after, targets["backup"].after = 500, 1000
    read = reader(targets)
    expected = DATA[start:] if length is None else DATA[start : start + length]
    assert b"".join(read.chunks(start, length)) == expected
    assert targets["zfs"].asked == (["stat", "get"] if len(expected) > 1500 else [])


def test_a_copy_that_became_shorter_than_it_said_is_followed_by_another(targets, monkeypatch):
    stat = targets["local"].stat(NAME)
    targets["local"].put(NAME, DATA[:1234])
    monkeypatch.setattr(targets["local"], "stat", lambda name: stat)
    told: list[Copy] = []
    read = reader(targets, altered=told.append)
    assert b"".join(read.chunks()) == DATA
    assert read.troubles == {"local": f"{NAME} ends 298,766 bytes before it should."}
    assert [copy.target for copy in told] == ["local"]


@pytest.mark.parametrize("encrypted", [False, True])
def test_a_copy_that_was_cut_is_told_of_and_one_whose_target_fails_is_not(tmp_path, encrypted):
    stored = {name: Breaking(tmp_path / name) for name in ("local", "backup", "zfs")}
    EncryptedTarget(stored["zfs"], Key()).put(NAME, DATA) if encrypted else stored["zfs"].put(NAME, DATA)
    stored["local"].put(NAME, b"".join(stored["zfs"].get(NAME))[:70_010])
    stored["backup"].away = True
    opened = {name: EncryptedTarget(one, Key() if encrypted else Key(None)) for name, one in stored.items()}
    told: list[Copy] = []
    assert b"".join(reader(opened, altered=told.append).chunks()) == DATA
    assert [copy.target for copy in told] == ["local"]


def test_without_any_copy_it_is_said_what_each_target_said(targets):
    targets["backup"].away = True
    targets["local"].delete(NAME)
    targets["zfs"].after = 0
    with pytest.raises(NoCopyReadable) as error:
        reader(targets).chunks()
    assert str(error.value) == (
        f"No copy of {NAME} can be read. local: The archive holds nothing named {NAME}. "
        "backup: The disk is in the drawer. zfs: The connection was cut."
    )
    with pytest.raises(NoCopyReadable, match=r"read\. local: it was found damaged when .* last read back\.$"):
        reader({"local": targets["local"]}, local="damaged").copy()
    with pytest.raises(NoCopyReadable, match="None is known"):
        CopyReader(NAME, [], targets, NEAR).copy()


def test_when_the_last_copy_breaks_the_stream_ends_with_the_error(targets):
    read = reader({"local": targets["local"]})
    targets["local"].after = 500
    chunks = read.chunks()
    assert next(chunks) == DATA[:100]
    with pytest.raises(NoCopyReadable, match="local: The connection was cut"):
        list(chunks)


def test_altered_ciphertext_is_followed_by_that_of_another_target(tmp_path):
    stored = {name: LocalTarget(tmp_path / name) for name in ("local", "backup")}
    EncryptedTarget(stored["local"], Key()).put(NAME, DATA)
    sealed = bytearray(b"".join(stored["local"].get(NAME)))
    stored["backup"].put(NAME, bytes(sealed))
    opened = {name: EncryptedTarget(target, Key()) for name, target in stored.items()}
    for at in (200_000, 30):
        altered = sealed.copy()
        altered[at] ^= 1
        stored["local"].put(NAME, bytes(altered))
        told: list[Copy] = []
        read = reader(opened, altered=told.append)
        assert read.copy().target == "local"
        assert b"".join(read.chunks()) == DATA
        assert "cannot be decrypted" in read.troubles["local"]
        assert [copy.target for copy in told] == ["local"]
    stored["backup"].put(NAME, bytes(altered))
    with pytest.raises(NoCopyReadable, match=r"local: .* backup: .* cannot be decrypted"):
        reader(opened).chunks()


def test_what_was_altered_in_clear_is_not_given_out_whole(targets):
    altered = bytes([DATA[0] ^ 1]) + DATA[1:]
    LocalTarget(targets["local"].root).put(NAME, altered)
    told: list[Copy] = []
    read = reader(targets, altered=told.append)
    chunks = read.chunks()
    with pytest.raises(Altered, match="its SHA-256 is another"):
        list(chunks)
    assert [copy.target for copy in told] == ["local"]
    assert b"".join(read.chunks()) == DATA
    assert read.copy().target == "backup"
    assert b"".join(reader(targets).chunks(0, 100)) == altered[:100], "of a part nobody can tell"


def test_what_is_read_in_one_chunk_and_was_altered_is_not_given_out_at_all(tmp_path):
    targets = {name: LocalTarget(tmp_path / name) for name in ("local", "backup")}
    targets["local"].put(NAME, bytes([DATA[0] ^ 1]) + DATA[1:])
    targets["backup"].put(NAME, DATA)
    told: list[Copy] = []
    read = reader(targets, altered=told.append)
    assert b"".join(read.chunks()) == DATA
    assert [copy.target for copy in told] == ["local"]
    assert read.troubles == {"local": f"{NAME} is not as it was archived: its SHA-256 is another."}
    with pytest.raises(NoCopyReadable, match="its SHA-256 is another"):
        reader({"local": targets["local"]}).chunks()


def test_what_comes_of_two_copies_is_checked_as_a_whole(targets):
    LocalTarget(targets["local"].root).put(NAME, bytes([DATA[0] ^ 1]) + DATA[1:])
    targets["local"].after = 500
    told: list[Copy] = []
    with pytest.raises(Altered):
        list(reader(targets, altered=told.append).chunks())
    assert told == [], "which of the two is altered is not known"


def test_a_key_that_is_not_here_is_said_at_once(tmp_path):
    stored = {name: Breaking(tmp_path / name) for name in ("local", "backup")}
    for target in stored.values():
        EncryptedTarget(target, Key()).put(NAME, DATA)
    opened = {name: EncryptedTarget(target, Key(None)) for name, target in stored.items()}
    stored["backup"].asked.clear()
    with pytest.raises(KeyUnusable):
        reader(opened).chunks()
    assert stored["backup"].asked == []


def test_what_was_read_and_is_no_good_is_left_for_the_next(targets):
    read = reader(targets, expected=None)
    read.next_copy(NoCopyReadable("x", {"y": "z"}))
    assert read.copy().target == "backup"
