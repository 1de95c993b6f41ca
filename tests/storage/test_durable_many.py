"""Many durable writes at once."""

import errno
import os
from pathlib import Path

import pytest

from storage import durable
from storage.durable_many import write_many
from storage.errors import DiskFull
from storage.seals.segments import segmented
from storage.targets import LocalTarget


def test_each_gets_its_contents(tmp_path):
    source = tmp_path / "source"
    source.write_bytes(b"from a file")
    (tmp_path / "old").write_bytes(b"old")
    files = [("old", (b"new",)), ("linked", source), ("chunks", (b"a", b"b"))]
    assert write_many(tmp_path, files) == [3, 11, 2]
    assert write_many(tmp_path, files[1:2]) == [11]
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        "source": b"from a file",
        "old": b"new",
        "linked": b"from a file",
        "chunks": b"ab",
    }
    assert write_many(tmp_path, []) == []


def test_a_link_is_followed_to_its_file(tmp_path):
    (tmp_path / "source").write_bytes(b"data")
    (tmp_path / "link").symlink_to("source")
    assert write_many(tmp_path, [("a", tmp_path / "link")]) == [4]
    assert not (tmp_path / "a").is_symlink()


def test_one_that_fails_leaves_the_others(tmp_path):
    (tmp_path / "old").write_bytes(b"old")
    (tmp_path / "folder").mkdir()
    missing = tmp_path / "missing"
    files = [("old", missing), ("folder", (b"x",)), ("new", (b"new",))]
    first, second, third = write_many(tmp_path, files)
    assert isinstance(first, FileNotFoundError)
    assert isinstance(second, IsADirectoryError)
    assert third == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "new", "old"]
    assert (tmp_path / "old").read_bytes() == b"old"


def test_a_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(FileNotFoundError):
        write_many(tmp_path / "none", [("x", (b"x",))])


def test_no_room_leaves_the_others(tmp_path):
    def full():
        yield b"a"
        raise OSError(errno.ENOSPC, "no room")

    first, second = write_many(tmp_path, [("a", full()), ("b", (b"b",))])
    assert isinstance(first, DiskFull)
    assert second == 1
    assert [path.name for path in tmp_path.iterdir()] == ["b"]


def test_what_chunks_raise_gives_nothing_a_name(tmp_path):
    def broken():
        yield b"a"
        raise RuntimeError("the source broke")

    with pytest.raises(RuntimeError):
        write_many(tmp_path, [("a", (b"whole",)), ("b", broken())])
    assert list(tmp_path.iterdir()) == []


def test_every_file_is_synced_before_any_has_its_name(tmp_path, monkeypatch):
    steps: list[str] = []
    for name in ("fsync", "replace"):
        real = getattr(os, name)

        def noted(*arguments: object, name: str = name, real=real, **options: object) -> object:
            steps.append(name)
            return real(*arguments, **options)

        monkeypatch.setattr(os, name, noted)
    write_many(tmp_path, [(str(number), (b"x",)) for number in range(5)])
    assert steps == ["fsync"] * 5 + ["replace"] * 5 + ["fsync"]


def test_a_target_puts_many(tmp_path):
    target = LocalTarget(tmp_path / "archive")
    path = tmp_path / "file"
    path.write_bytes(b"file")
    with path.open("rb") as stream:
        found = target.put_many([("a/b", b"bytes"), ("a/c", path), ("d", stream), ("e", tmp_path / "none")])
    assert found[:3] == [segmented([data]) for data in (b"bytes", b"file", b"file")]
    assert isinstance(found[3], Exception)
    for name, item in zip(("a/b", "a/c", "d"), found, strict=False):
        assert item == segmented(target.get(name))
    assert not [path for path in Path(tmp_path).rglob("*") if durable.is_part(path.name)]
