"""A catalogue whose calls lie on targets, as intake and copying leave them."""

from datetime import datetime, timedelta

from storage.archive_names import sidecar_name
from storage.catalogue import Catalogue, Copy
from storage.model import Call
from storage.targets.contract import Target

NOW = datetime.fromisoformat("2026-11-22T03:00:00Z")


def arrive(catalogue: Catalogue, call: Call, target: str = "usb", minutes: float = 0) -> None:
    """The call comes into the catalogue, its sidecar to ``target`` so many minutes after ``NOW``."""
    at = NOW + timedelta(minutes=minutes)
    catalogue.calls.add(call, [Copy(target, sidecar_name(call), 2, "0" * 64, at)])


def keep_audio(target: Target, call: Call, audio: bytes) -> None:
    """Put the audio of the call where its recording says."""
    assert call.recording
    target.put(call.recording.path, audio)
