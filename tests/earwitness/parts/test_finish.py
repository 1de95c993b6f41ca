"""A finishing worker as a part: what stands in its way is said."""

import errno
from pathlib import Path

import pytest

from earwitness import recording
from earwitness.parts.finish import of_all_spools, round_of
from earwitness.settings import Settings
from tests.recorder.recording import captured, traffic


def test_a_hand_off_folder_without_room_is_told_until_there_is_some(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    settings = Settings.model_validate(
        {"data": tmp_path, "taps": [{"kind": "interface", "interface": "eth0"}]}
    )
    settings.folders.make()
    captured(recording.spool(settings, "eth0"), traffic(legs=1, calls=1, concurrent=1)[0])
    workers = list(of_all_spools(settings, 0))
    with monkeypatch.context() as disk:
        disk.setattr("recorder.finish.worker.publish", full)
        done, trouble = round_of(workers)
        assert (done, "Calls wait to be finished (1): [Errno 28] No space left" in trouble) == (0, True)
        assert round_of(workers) == (0, trouble)
    done = 0
    while not done:
        done, trouble = round_of(workers)
    assert trouble == ""
