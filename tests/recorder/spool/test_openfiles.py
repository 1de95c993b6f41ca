"""More legs than files that may be open: each goes on where it was."""

from pathlib import Path

import pytest

from recorder.errors import SpoolError
from recorder.spool.legfile import LegReader
from recorder.spool.openfiles import OpenFiles
from tests.descriptors import descriptors
from tests.recorder.spool.rows import append, sequences


def path_in(folder: Path):
    return lambda leg: folder / f"{leg}.leg"


def test_files_are_closed_and_opened_again_as_legs_go_on(tmp_path: Path) -> None:
    files = OpenFiles(path_in(tmp_path), most=3)
    before = descriptors()
    for round_ in range(4):
        for leg in range(10):
            append(files.get(f"{leg}"), f"stream-{round_ % 2}", [round_])
            assert len(files) <= 3
            assert (descriptors() - before).total() <= 3
    files.close()
    assert descriptors() - before == {}
    for leg in range(10):
        blocks = LegReader(tmp_path / f"{leg}.leg").read()
        assert sequences(blocks) == {"stream-0": [0, 2], "stream-1": [1, 3]}


def test_a_file_from_before_goes_on_with_its_numbers(tmp_path: Path) -> None:
    files = OpenFiles(path_in(tmp_path))
    append(files.get("a"), "x", [1])
    numbers = files.get("a").numbers
    files.close()
    again = OpenFiles(path_in(tmp_path))
    again.resume("a", numbers)
    assert len(again) == 0
    append(again.get("a"), "y", [2])
    again.release(["a"])
    assert len(again) == 0
    assert sequences(LegReader(tmp_path / "a.leg").read()) == {"x": [1], "y": [2]}


def test_a_file_that_cannot_be_opened_is_tried_again_with_its_numbers(tmp_path: Path) -> None:
    folder = tmp_path / "later"
    files = OpenFiles(path_in(folder))
    files.resume("a", {"x": 0})
    with pytest.raises(SpoolError):
        files.get("a")
    folder.mkdir()
    append(files.get("a"), "y", [1])
    assert files.get("a").numbers == {"x": 0, "y": 1}
    files.close()
