"""Files read back: what differs from what was written is seen."""

import io
from pathlib import Path

import pytest

from storage.durable import fill
from storage.errors import Mismatch
from storage.expected import Expected
from storage.seals.segments import SEGMENT, segmented

WRITTEN = bytes(range(256)) * (SEGMENT // 256) + b"more than a segment"


def sources(folder: Path):
    (folder / "source").write_bytes(WRITTEN)
    return WRITTEN, folder / "source", io.BytesIO(WRITTEN)


@pytest.mark.parametrize("kind", range(3))
def test_what_was_written_is_read_back(tmp_path, kind):
    expected = Expected(sources(tmp_path)[kind])
    fill(tmp_path / "file", expected.contents)
    assert expected.read_back("name", tmp_path / "file") == segmented([WRITTEN])


@pytest.mark.parametrize("kind", range(3))
@pytest.mark.parametrize("found", [b"", WRITTEN[:-1], b"x" + WRITTEN[1:], WRITTEN + b"x"])
def test_anything_else_is_said(tmp_path, kind, found):
    expected = Expected(sources(tmp_path)[kind])
    fill(tmp_path / "lost", expected.contents)
    (tmp_path / "file").write_bytes(found)
    with pytest.raises(Mismatch, match=f"name reads back as {len(found)} bytes .* but {len(WRITTEN)} bytes"):
        expected.read_back("name", tmp_path / "file")
