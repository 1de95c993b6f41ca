"""The one durable write."""

import errno
import io
import os
from pathlib import Path

import pytest

from storage import durable
from storage.errors import DiskFull, Mismatch


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_writes_and_replaces(tmp_path):
    path = tmp_path / "a"
    durable.write_bytes(path, b"old")
    assert durable.write_stream(path, io.BytesIO(b"newer"), 5) == 5
    assert path.read_bytes() == b"newer"
    assert durable.write_chunks(path, [b"a", b"", b"bc"]) == 3
    assert names(tmp_path) == ["a"]


@pytest.mark.parametrize("data", [b"", b"shor", b"longer"])
def test_another_length_than_announced_changes_nothing(tmp_path, data):
    path = tmp_path / "a"
    durable.write_bytes(path, b"old")
    with pytest.raises(Mismatch, match=f"{len(data)} bytes arrived where 5 were announced"):
        durable.write_stream(path, io.BytesIO(data), 5)
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["a"]


def test_a_file_is_linked(tmp_path):
    source, path = tmp_path / "source", tmp_path / "a"
    source.write_bytes(b"data")
    assert durable.write_file(path, source, 4) == 4
    assert path.stat().st_ino == source.stat().st_ino
    assert durable.write_file(path, source, 4) == 4
    assert names(tmp_path) == ["a", "source"]


def test_a_link_is_followed_to_its_file(tmp_path):
    (tmp_path / "source").write_bytes(b"data")
    (tmp_path / "link").symlink_to("source")
    durable.write_file(tmp_path / "a", tmp_path / "link")
    assert not (tmp_path / "a").is_symlink()
    assert (tmp_path / "a").read_bytes() == b"data"


@pytest.mark.skipif(
    not Path("/dev/shm").is_dir() or Path("/dev/shm").stat().st_dev == Path("/tmp").stat().st_dev,
    reason="needs /dev/shm as a file system of its own",
)
def test_a_file_of_another_file_system_is_copied(tmp_path):
    source = Path("/dev/shm") / f"earwitness-test-{os.getpid()}"
    source.write_bytes(b"data" * 1_000_000)
    try:
        assert durable.write_file(tmp_path / "a", source) == 4_000_000
        assert (tmp_path / "a").read_bytes() == source.read_bytes()
        assert names(tmp_path) == ["a"]
    finally:
        source.unlink()


def test_a_check_can_stop_it(tmp_path):
    def refuse(part: Path) -> None:
        assert part.read_bytes() == b"data"
        raise Mismatch("not this")

    with pytest.raises(Mismatch, match="not this"):
        durable.write_chunks(tmp_path / "a", [b"data"], check=refuse)
    assert names(tmp_path) == []


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_no_space_is_said_and_leaves_nothing(tmp_path, code):
    def chunks():
        yield b"data"
        raise OSError(code, os.strerror(code))

    with pytest.raises(DiskFull, match=str(tmp_path / "a")):
        durable.write_chunks(tmp_path / "a", chunks())
    assert names(tmp_path) == []


def test_folders_are_made_to_the_root(tmp_path):
    durable.make_folder(tmp_path / "a/b/c")
    durable.make_folder(tmp_path / "a/b/c")
    assert (tmp_path / "a/b/c").is_dir()
    assert (tmp_path / "a").stat().st_mode & 0o007 == 0
