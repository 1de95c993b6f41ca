"""Many blobs kept at once: in their order, and with no more than some of them in memory."""

import hashlib
from pathlib import Path

import pytest

from storage import keeper
from storage.keeper import Blob, Kept, keep_many
from storage.targets import LocalTarget
from storage.targets.memory import MemoryTarget

KEY = bytes(32)


def blobs(folder: Path) -> list[Blob]:
    made = []
    for number in range(9):
        (folder / f"{number}.opus").write_bytes(bytes([number]) * 1000 * number)
        made.append(Blob(f"2026/{number}", folder / f"{number}.opus", KEY if number % 3 else None))
    made.insert(4, Blob("2026/none", folder / "none", KEY))
    return [*made, Blob("2026/bytes", b"bytes", KEY)]


@pytest.mark.parametrize("in_memory", [0, 5000, 64 << 20])
@pytest.mark.parametrize("local", [True, False])
def test_portions_change_nothing(tmp_path, monkeypatch, in_memory, local):
    monkeypatch.setattr(keeper, "_IN_MEMORY", in_memory)
    target = LocalTarget(tmp_path / "archive") if local else MemoryTarget()
    given = blobs(tmp_path)
    found = keep_many(target, given)
    for blob, kept in zip(given, found, strict=True):
        if blob.name == "2026/none":
            assert isinstance(kept, FileNotFoundError)
            continue
        assert isinstance(kept, Kept)
        data = blob.source if isinstance(blob.source, bytes) else Path(str(blob.source)).read_bytes()
        assert (kept.name, kept.plain_sha256) == (blob.name, hashlib.sha256(data).hexdigest())
        assert hashlib.sha256(b"".join(target.get(blob.name))).hexdigest() == kept.stored.sha256
    assert keep_many(target, []) == []
