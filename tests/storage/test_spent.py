"""Hand-offs that are archived go, and what cannot go is said."""

from storage.spent import remove_all, sweep
from tests.storage.handoffs import hand_off


def test_each_is_removed_or_said(tmp_path):
    calls = [hand_off(tmp_path, number) for number in range(40)]
    folders = [tmp_path / call.id for call in calls]
    missing = tmp_path / "missing"
    results = remove_all([*folders, missing])
    assert results[:-1] == [None] * 40
    assert isinstance(results[-1], FileNotFoundError)
    assert list(tmp_path.iterdir()) == []
    assert remove_all([]) == []


def test_what_was_left_goes_at_the_next_sweep(tmp_path):
    (tmp_path / ".done-1").mkdir()
    (tmp_path / ".done-1" / "audio.opus").write_bytes(b"x")
    (tmp_path / ".done-2").write_text("not a folder")
    waiting = hand_off(tmp_path, 1)
    ((folder, error),) = sweep(tmp_path)
    assert folder == tmp_path / ".done-2"
    assert isinstance(error, NotADirectoryError)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".done-2", waiting.id]
    assert list(sweep(tmp_path / "none")) == []
