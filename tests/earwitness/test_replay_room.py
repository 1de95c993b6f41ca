"""A replay that has no room to finish a call fails: its spool goes with it, and with that the call."""

import errno
from pathlib import Path

import pytest

from earwitness.replay import replay
from earwitness.settings import Settings
from recorder.errors import SpoolError
from tests.recorder.recording import traffic


def test_a_replay_without_room_for_a_recording_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    settings = Settings.model_validate({"data": tmp_path})
    batches, _ = traffic(legs=1, calls=1, concurrent=1)
    with monkeypatch.context() as disk:
        disk.setattr("recorder.finish.worker.publish", full)
        with pytest.raises(SpoolError, match="No space left"):
            list(replay(settings, batches, archive=False))
    assert len(list(replay(settings, batches, archive=False))) == 1
