"""Reading the spool files of a call side by side, in pieces."""

from pathlib import Path

import numpy as np
import pytest

from recorder.finish import packets
from recorder.finish.packets import SpooledPackets
from recorder.media import MediaBlock
from recorder.spool.callfile import Journal
from recorder.spool.legfile import LegWriter
from recorder.spool.record import ROW

EVERY = 20_000_000


def append(writer: LegWriter, first: int, count: int, size: int = 160) -> None:
    """One flush of packets, 20 ms apart; ``first`` counts from the epoch."""
    rows = np.zeros(count, ROW)
    rows["time"] = (np.arange(count) + first) * EVERY
    rows["sequence"] = np.arange(count) + first
    rows["length"] = size
    writer.append([writer.path.stem], np.array([count]), rows, np.zeros(count * size, np.uint8))


def checked(pieces: list[tuple[list[MediaBlock], int]]) -> dict[str, list[int]]:
    """The packets of each stream, having seen that nothing comes behind the time that was told."""
    found: dict[str, list[int]] = {}
    told = 0
    for blocks, reached in pieces:
        for block in blocks:
            assert block.times.min() > told
            found.setdefault(block.stream, []).extend(block.sequences.tolist())
        told = max(told, reached)
    assert told == max(max(numbers) for numbers in found.values()) * EVERY
    return found


@pytest.fixture
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Journal:
    monkeypatch.setattr(packets, "PIECE", 1 << 14)
    return Journal(tmp_path)


def test_the_leg_that_is_furthest_behind_is_read_first(journal: Journal) -> None:
    """One leg begins late, one ends early, one has larger packets."""
    spans = {"a": (1, 500, 160), "b": (301, 900, 640), "c": (1, 900, 20)}
    for name, (first, end, size) in spans.items():
        writer = LegWriter(journal.leg_path(name))
        for start in range(first, end, 25):
            append(writer, start, 25, size)
        writer.close()

    found = checked(list(SpooledPackets(journal).read(("a", "b", "c"))))

    assert {name: (numbers[0], numbers[-1]) for name, numbers in found.items()} == {
        "a": (1, 500),
        "b": (301, 900),
        "c": (1, 900),
    }
    assert all(numbers == sorted(numbers) for numbers in found.values())


def test_a_record_larger_than_a_piece_is_read_whole(journal: Journal) -> None:
    writer = LegWriter(journal.leg_path("a"))
    append(writer, 1, 500)
    append(writer, 501, 10)
    writer.close()
    assert checked(list(SpooledPackets(journal).read(("a",)))) == {"a": list(range(1, 511))}


def test_what_is_half_written_waits_for_its_rest(journal: Journal) -> None:
    path = journal.leg_path("a")
    writer = LegWriter(path)
    append(writer, 1, 25)
    whole = path.stat().st_size
    append(writer, 26, 25)
    writer.close()
    data = path.read_bytes()
    path.write_bytes(data[: whole + 30])
    spooled = SpooledPackets(journal)
    assert checked(list(spooled.read(("a",)))) == {"a": list(range(1, 26))}
    assert spooled.waiting(("a",)) == 30
    path.write_bytes(data)
    assert checked(list(spooled.read(("a",)))) == {"a": list(range(26, 51))}
    assert list(spooled.read(("a",))) == []
