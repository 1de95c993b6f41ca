"""Calls on a tap that the settings have no more are ended, and finished like all others."""

from pathlib import Path

from earwitness import left_spools, recording
from earwitness.parts.finish import of_all_spools, round_of
from earwitness.serving import CAPTURE
from earwitness.settings import Settings
from recorder.capture import Capture
from storage.lock import DataFolderLock
from tests.recorder.recording import traffic


def settings(data: Path, interface: str) -> Settings:
    found = Settings.model_validate({"data": data, "taps": [{"kind": "interface", "interface": interface}]})
    found.folders.make()
    return found


def running_on(before: Settings, tap: str) -> None:
    """A call that runs when the service is stopped."""
    batches, _ = traffic(legs=1, calls=1, concurrent=1)
    capture = Capture(recording.spool(before, tap))
    for batch in batches[: len(batches) // 2]:
        capture.feed(batch)
    assert len(capture.book.calls) == 1
    capture.stop()


def test_a_call_on_an_interface_that_got_another_name_is_finished(tmp_path: Path) -> None:
    running_on(settings(tmp_path, "eth0"), "eth0")
    renamed = settings(tmp_path, "eno1")

    assert list(left_spools.end_calls(renamed)) == [("eth0", 1)]
    assert round_of(list(of_all_spools(renamed, 0))) == (1, "")
    (handed_off,) = renamed.folders.handoff.iterdir()
    assert (handed_off / "audio.opus").stat().st_size
    assert list(left_spools.end_calls(renamed)) == []


def test_calls_of_taps_that_there_are_go_on(tmp_path: Path) -> None:
    same = settings(tmp_path, "eth0")
    running_on(same, "eth0")
    assert list(left_spools.end_calls(same)) == []
    assert round_of(list(of_all_spools(same, 0))) == (0, "")


def test_calls_of_a_capture_with_other_settings_stay_its_own(tmp_path: Path) -> None:
    running_on(settings(tmp_path, "eth0"), "eth0")
    other = settings(tmp_path, "eno1")
    with DataFolderLock(tmp_path, f"{CAPTURE}eth0"):
        assert list(left_spools.end_calls(other)) == []
    assert round_of(list(of_all_spools(other, 0))) == (0, "")
