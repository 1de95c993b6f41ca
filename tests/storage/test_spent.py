"""Hand-offs that are archived go, and what cannot go is said."""

from storage.spent import remove_all, sweep
from tests.storage.handoffs import hand_off


def test_each_is_removed_or_said(tmp_path):
    calls = [hand_off(tmp_path, number) for number in range(40)]
    folders = [tmp_path / call.id for call in calls]
    stuck = tmp_path / "stuck"
    stuck.write_text("not a folder")
    results = remove_all([*folders, stuck])
    assert results[:-1] == [None] * 40
    assert isinstance(results[-1], NotADirectoryError)
    assert [path.name for path in tmp_path.iterdir()] == [".done-stuck"]
    assert remove_all([]) == []


def test_what_a_kill_left_is_removed_when_it_is_asked_again(tmp_path):
    folders = [tmp_path / hand_off(tmp_path, number).id for number in range(3)]
    remove_all(folders[:1])
    folders[1].rename(tmp_path / f".done-{folders[1].name}")
    (tmp_path / f".done-{folders[1].name}" / "call.json").unlink()
    assert remove_all(folders) == [None] * 3
    assert list(tmp_path.iterdir()) == []


def test_folders_within_a_hand_off_go_as_well(tmp_path):
    folder = tmp_path / hand_off(tmp_path).id
    (folder / "odd").mkdir()
    (folder / "odd" / "file").write_bytes(b"x")
    (folder / "elsewhere").symlink_to(tmp_path / "kept")
    (tmp_path / "kept").mkdir()
    assert remove_all([folder]) == [None]
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


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
