"""What was appended to a leg's file is read again, whatever a crash or a bad disk did to its end."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recorder.errors import SpoolError, SpoolFull
from recorder.spool.legfile import LegReader, LegWriter
from tests.recorder.spool.rows import append, sequences


def test_appends_are_read_as_one_block_a_stream(tmp_path: Path) -> None:
    writer = LegWriter(tmp_path / "a.leg")
    append(writer, "x", [1, 2])
    append(writer, "y", [7])
    append(writer, "x", [3])

    blocks = LegReader(tmp_path / "a.leg").read()

    assert sequences(blocks) == {"x": [1, 2, 3], "y": [7]}
    assert blocks[0].payload.tobytes() == b"abcd" * 3


def test_a_reader_follows_a_file_that_grows(tmp_path: Path) -> None:
    writer = LegWriter(tmp_path / "a.leg")
    reader = LegReader(tmp_path / "a.leg")
    append(writer, "x", [1])
    assert sequences(reader.read()) == {"x": [1]}
    assert reader.read() == []
    append(writer, "x", [2])
    append(writer, "z", [5])
    assert sequences(reader.read()) == {"x": [2], "z": [5]}


def test_a_file_that_is_not_there_yet_has_nothing(tmp_path: Path) -> None:
    assert LegReader(tmp_path / "no.leg").read() == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(0, 400))
def test_a_file_cut_anywhere_gives_its_whole_records_and_goes_on(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "a.leg"
    path.unlink(missing_ok=True)
    writer = LegWriter(path)
    for n in range(5):
        append(writer, "x", [n])
    writer.close()
    os.truncate(path, max(path.stat().st_size - cut, 0))

    reader = LegReader(path)
    found = sequences(reader.read()).get("x", [])
    assert found == list(range(len(found)))
    reader.repair()
    writer = LegWriter(path, reader.numbers)
    append(writer, "x", [99])
    assert sequences(LegReader(path).read())["x"] == [*found, 99]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, 10_000), value=st.integers(0, 255))
def test_a_damaged_byte_costs_one_record_at_most_and_never_raises(
    tmp_path: Path, at: int, value: int
) -> None:
    path = tmp_path / "a.leg"
    path.unlink(missing_ok=True)
    writer = LegWriter(path)
    for n in range(6):
        append(writer, "x", [n])
    data = bytearray(path.read_bytes())
    at %= len(data)
    data[at] = value
    path.write_bytes(data)

    reader = LegReader(path)
    found = [n for block in reader.read() for n in block.sequences.tolist()]
    assert set(found) <= set(range(6))
    assert len(found) >= 5 or not reader.numbers


def test_a_disk_that_is_full_is_told_and_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    code = f"""
import resource, signal, sys
sys.path.insert(0, {str(Path.cwd())!r})
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from pathlib import Path
from recorder.errors import SpoolError
from recorder.spool.legfile import LegWriter
from tests.recorder.spool.test_legfile import append
writer = LegWriter(Path({str(tmp_path / "a.leg")!r}))
append(writer, "x", [1])
size = Path(writer.path).stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 10, size + 10))
try:
    append(writer, "x", [2])
except SpoolError as error:
    assert Path(writer.path).stat().st_size == size
    print(type(error).__name__)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() in ("SpoolError", "SpoolFull")
    assert sequences(LegReader(tmp_path / "a.leg").read()) == {"x": [1]}


@pytest.mark.root
def test_a_full_file_system_raises_spool_full_and_recovers_when_space_comes_back(small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"0" * 1_900_000)
    writer = LegWriter(small_disk / "a.leg")
    append(writer, "x", [1])
    with pytest.raises(SpoolFull, match="free some space"):
        append(writer, "x", [2], b"0" * 400_000)
    ballast.unlink()
    append(writer, "x", [3], b"1" * 30_000)
    assert sequences(LegReader(small_disk / "a.leg").read()) == {"x": [1, 3]}
    writer.close()


def test_a_folder_that_is_gone_is_a_spool_error(tmp_path: Path) -> None:
    with pytest.raises(SpoolError, match="cannot write"):
        LegWriter(tmp_path / "gone" / "a.leg")
