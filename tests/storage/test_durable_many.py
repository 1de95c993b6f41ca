"""Many durable writes at once."""

import os
from pathlib import Path

import pytest

from storage import durable
from storage.durable_many import write_many
from storage.seals.segments import segmented, segmented_whole
from storage.targets import LocalTarget


def test_each_gets_its_contents(tmp_path):
    source = tmp_path / "source"
    source.write_bytes(b"from a file")
    (tmp_path / "old").write_bytes(b"old")
    files = [
        (tmp_path / "old", (b"new",)),
        (tmp_path / "linked", source),
        (tmp_path / "chunks", (b"a", b"b")),
    ]
    assert list(write_many(files)) == [3, 11, 2]
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        "source": b"from a file",
        "old": b"new",
        "linked": b"from a file",
        "chunks": b"ab",
    }
    assert list(write_many([])) == []


def test_one_that_fails_leaves_the_others(tmp_path):
    (tmp_path / "old").write_bytes(b"old")
    missing = tmp_path / "missing"
    files = [(tmp_path / "old", missing), (tmp_path / "none" / "x", (b"x",)), (tmp_path / "new", (b"new",))]
    first, second, third = write_many(files)
    assert isinstance(first, FileNotFoundError)
    assert isinstance(second, FileNotFoundError)
    assert third == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "old"]
    assert (tmp_path / "old").read_bytes() == b"old"


def test_what_chunks_raise_gives_nothing_a_name(tmp_path):
    def broken():
        yield b"a"
        raise RuntimeError("the source broke")

    with pytest.raises(RuntimeError):
        list(write_many([(tmp_path / "a", (b"whole",)), (tmp_path / "b", broken())]))
    assert list(tmp_path.iterdir()) == []


def test_every_file_is_synced_before_any_has_its_name(tmp_path, monkeypatch):
    steps: list[str] = []
    for name in ("fsync", "replace"):
        real = getattr(os, name)

        def noted(*arguments: object, name: str = name, real=real) -> object:
            steps.append(name)
            return real(*arguments)

        monkeypatch.setattr(os, name, noted)
    list(write_many([(tmp_path / str(number), (b"x",)) for number in range(5)]))
    assert steps == ["fsync"] * 5 + ["replace"] * 5 + ["fsync"]


def test_a_target_puts_many(tmp_path):
    target = LocalTarget(tmp_path / "archive")
    path = tmp_path / "file"
    path.write_bytes(b"file")
    with path.open("rb") as stream:
        found = target.put_many([("a/b", b"bytes"), ("a/c", path), ("d", stream), ("e", tmp_path / "none")])
    assert found[:3] == [segmented_whole(data) for data in (b"bytes", b"file", b"file")]
    assert isinstance(found[3], Exception)
    for name, item in zip(("a/b", "a/c", "d"), found, strict=False):
        assert item == segmented(target.get(name))
    assert not [path for path in Path(tmp_path).rglob("*") if durable.is_part(path.name)]
