"""Calls that ran on a tap which the settings do not have any more: nobody else would ever end them."""

from collections.abc import Iterator
from pathlib import Path

from earwitness import recording
from earwitness.serving import CAPTURE
from earwitness.settings import Settings
from recorder.capture import Capture
from recorder.recovery import recover
from recorder.spool.callfile import Journal
from storage.errors import FolderBusy
from storage.lock import DataFolderLock


def names(settings: Settings) -> list[str]:
    """The spools of former taps, by the names of these."""
    there = {path.name for path in settings.folders.spool.glob("[!.]*") if path.is_dir()}
    return sorted(there - set(recording.tap_names(settings)))


def end_calls(settings: Settings) -> Iterator[tuple[str, int]]:
    """End what runs in them with its last packet; each tap with how many calls that were.

    A capture that is still at one, of a service with other settings, keeps it.
    """
    for tap in names(settings):
        spool = recording.spool(settings, tap)
        if Journal(spool).stamps():
            try:
                with DataFolderLock(settings.data, f"{CAPTURE}{tap}"):
                    yield tap, _end(spool, settings)
            except FolderBusy:
                continue


def _end(spool: Path, settings: Settings) -> int:
    capture = Capture(spool, recording.capture_options(settings))
    found = recover(capture)
    capture.finish()
    return found.calls
