"""What every archive target is held to.

A new back end adds a test class of its own beside ``test_local.py``: it inherits ``TargetContract`` and makes
its target in the fixture ``target``.
"""

import hashlib
import io
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage.errors import BadName, Mismatch, NotStored
from storage.targets.contract import Stored, Target, read_back, verify

DATA = bytes(range(256)) * 40
NAMES = [
    "a",
    "a.opus",
    "2026/11/21/a.opus",
    "投诉/报告 1.json",
    "é",
    "a-b_c+d=e@f,g(1)",
    "x" * 240,
    "/".join(["y" * 99] * 10),
]
BAD_NAMES = [
    "",
    "/",
    "/a",
    "a/",
    "a//b",
    ".",
    "..",
    "../a",
    "a/../b",
    "a/..",
    "./a",
    ".hidden",
    "a/.b",
    "a\0b",
    "a\nb",
    "a\x7fb",
    "a\\b",
    "C:a",
    "a?",
    "a*",
    "a|b",
    "a ",
    "a.",
    "a /b",
    "\ud800",
    "x" * 241,
    "报" * 81,
    "/".join(["y" * 99] * 11),
]


def content(target: Target, name: str, start: int = 0, length: int | None = None) -> bytes:
    return b"".join(target.get(name, start, length))


class RangeContract:
    """What reading from the middle is held to, on every kind of server."""

    @pytest.mark.parametrize(
        ("start", "length"),
        [
            (0, 0),
            (0, 1),
            (0, 10),
            (5, 10),
            (10230, 10),
            (10230, 100),
            (10240, 5),
            (99999, 5),
            (7, None),
            (99999, None),
        ],
    )
    def test_ranges(self, target, start, length):
        target.put("a", DATA)
        end = None if length is None else start + length
        assert content(target, "a", start, length) == DATA[start:end]

    def test_ranges_of_several_chunks(self, target):
        data = hashlib.shake_256(b"seed").digest(3_000_000)
        target.put("a", data)
        assert content(target, "a") == data
        assert content(target, "a", 1_048_570, 1_100_000) == data[1_048_570:2_148_570]

    @pytest.mark.parametrize(("start", "length"), [(-1, None), (0, -1)])
    def test_impossible_ranges(self, target, start, length):
        target.put("a", DATA)
        with pytest.raises(ValueError, match="0 or more"):
            target.get("a", start, length)

    def test_a_range_that_is_not_read_to_its_end_leaves_the_next_as_it_is(self, target):
        data = hashlib.shake_256(b"seed").digest(1_500_000)
        target.put("a", data)
        for start in (1, 500_000, 1_499_999, 0):
            chunks = target.get("a", start)
            assert data[start:].startswith(next(chunks))
            del chunks
            assert content(target, "a", start, 3) == data[start : start + 3]


class TargetContract(RangeContract):
    """Inherit this, and give a fixture ``target``."""

    @pytest.mark.parametrize("name", NAMES)
    def test_put_and_get(self, target, name):
        expected = Stored(name, len(DATA), hashlib.sha256(DATA).hexdigest())
        assert target.put(name, DATA) == expected
        assert content(target, name) == DATA
        assert read_back(target, name) == expected
        verify(target, expected)
        assert [blob.name for blob in target.list()] == [name]

    def test_put_from_a_file_leaves_the_file(self, target, tmp_path):
        path = tmp_path / "source"
        path.write_bytes(DATA)
        assert target.put("a", path).sha256 == hashlib.sha256(DATA).hexdigest()
        assert path.read_bytes() == DATA
        path.unlink()
        assert content(target, "a") == DATA

    def test_put_the_same_file_again(self, target, tmp_path):
        path = tmp_path / "source"
        path.write_bytes(DATA)
        assert target.put("a", path) == target.put("a", path)
        assert [blob.name for blob in target.list()] == ["a"]

    def test_put_from_a_stream_takes_what_is_left(self, target):
        stream = io.BytesIO(DATA)
        stream.seek(100)
        assert target.put("a", stream).bytes == len(DATA) - 100
        assert content(target, "a") == DATA[100:]

    def test_put_nothing(self, target):
        assert target.put("a", b"") == Stored("a", 0, hashlib.sha256(b"").hexdigest())
        assert content(target, "a") == b""
        assert target.stat("a").bytes == 0

    def test_put_replaces(self, target):
        target.put("a", DATA)
        target.put("a", b"new")
        assert content(target, "a") == b"new"
        assert target.stat("a").bytes == 3

    def test_a_put_that_fails_changes_nothing(self, target):
        class Broken(io.BytesIO):
            def read(self, size: int | None = -1) -> bytes:
                if self.tell() > 0:
                    raise RuntimeError("the source broke")
                return super().read(10)

        target.put("a", b"old")
        for name in ("a", "b"):
            with pytest.raises(RuntimeError):
                target.put(name, Broken(DATA))
        assert content(target, "a") == b"old"
        assert target.stat("b") is None
        assert [blob.name for blob in target.list()] == ["a"]

    def test_what_is_not_there(self, target):
        assert target.stat("a") is None
        assert target.stat("a/b") is None
        with pytest.raises(NotStored, match="nothing named a/b"):
            target.get("a/b")
        target.delete("a/b")
        assert list(target.list()) == []
        assert list(target.list("a/b")) == []

    def test_a_prefix_is_no_blob(self, target):
        target.put("a/b", DATA)
        assert target.stat("a") is None
        with pytest.raises(NotStored):
            target.get("a")

    def test_nothing_lies_below_a_blob(self, target):
        target.put("a", DATA)
        assert target.stat("a/b") is None
        target.delete("a/b")
        assert list(target.list("a/")) == []

    def test_verify_finds_other_bytes(self, target):
        stored = target.put("a", DATA)
        target.put("a", DATA[:-1] + b"x")
        with pytest.raises(Mismatch, match="a reads back as"):
            verify(target, stored)
        target.delete("a")
        with pytest.raises(NotStored):
            verify(target, stored)

    def test_delete(self, target):
        target.put("a", DATA)
        target.put("b", DATA)
        target.delete("a")
        target.delete("a")
        assert target.stat("a") is None
        assert [blob.name for blob in target.list()] == ["b"]

    def test_list_in_order_of_names(self, target):
        names = ["a", "a-", "b/1", "b/2/x", "b/2-x", "b-", "b0", "c/d/e", "é", "投"]
        for name in reversed(names):
            target.put(name, name.encode())
        assert [blob.name for blob in target.list()] == sorted(names)
        for prefix in ("b", "b/", "b/2", "b/2/", "c/d/e", "c/d/e/", "z", "é"):
            found = [(blob.name, blob.bytes) for blob in target.list(prefix)]
            expected = [(name, len(name.encode())) for name in sorted(names) if name.startswith(prefix)]
            assert found == expected, prefix

    @pytest.mark.parametrize("name", BAD_NAMES)
    def test_bad_names_are_refused_everywhere(self, target, name):
        for use in (
            lambda: target.put(name, DATA),
            lambda: target.get(name),
            lambda: target.stat(name),
            lambda: target.delete(name),
        ):
            with pytest.raises(BadName):
                use()
        assert list(target.list()) == []

    @pytest.mark.parametrize("prefix", ["../", "/etc/", "a/../../b", "a//b"])
    def test_bad_prefixes_are_refused(self, target, prefix):
        with pytest.raises(BadName):
            target.list(prefix)

    def test_puts_of_one_name_at_once(self, target):
        blobs = [bytes([number]) * 200_000 for number in range(8)]
        with ThreadPoolExecutor(8) as pool:
            stored = list(pool.map(lambda data: target.put("one/name", data), blobs))
        assert [item.sha256 for item in stored] == [hashlib.sha256(data).hexdigest() for data in blobs]
        assert content(target, "one/name") in blobs
        assert [blob.name for blob in target.list()] == ["one/name"]

    def test_a_reader_sees_old_or_new_and_never_a_part(self, target):
        if not target.capabilities.atomic_put:
            pytest.skip("the target says that its put is not atomic")
        blobs = {bytes([number]) * 100_000 for number in range(2)}
        target.put("a", min(blobs))
        written = threading.Event()

        def write() -> None:
            for number in range(60):
                target.put("a", bytes([number % 2]) * 100_000)
            written.set()

        with ThreadPoolExecutor(1) as pool:
            writing = pool.submit(write)
            while not written.is_set() and not writing.done():
                assert self.undisturbed(lambda: read_back(target, "a")).bytes == 100_000
                assert self.undisturbed(lambda: content(target, "a")) in blobs
            writing.result()

    def undisturbed(self, read):
        """What ``read`` returns; a target that may tell readers to begin again has them do so here."""
        return read()

    def test_what_it_says_it_knows_it_knows(self, target):
        stored = target.put("a", DATA)
        for found in (target.stat("a"), next(iter(target.list()))):
            assert (found.name, found.bytes) == ("a", len(DATA))
            assert found.sha256 == (stored.sha256 if target.capabilities.knows_sha256 else "")
            if target.capabilities.knows_modified:
                assert abs(datetime.now(UTC) - found.modified) < timedelta(minutes=5)
            else:
                assert found.modified is None

    def test_space_is_told_by_those_who_know_it(self, target):
        target.put("a", DATA)
        space = target.space()
        assert (space is not None) is target.capabilities.space
        assert space is None or 0 <= space.free <= space.total
        assert space is None or space.total > 0

    def test_put_of_a_file_that_is_not_there(self, target, tmp_path: Path):
        with pytest.raises(OSError, match="missing"):
            target.put("a", tmp_path / "missing")
        assert list(target.list()) == []
