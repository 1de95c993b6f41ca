"""The audio of calls, from the archive: whole, in ranges, as WAV, as a waveform."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC

from qa_api import peaks, wav
from qa_api.archive import Archive
from qa_api.errors import ArchiveUnavailable, FormatUnavailable, NoRecording
from qa_api.masking import hide_digits
from storage.archive_names import peaks_name
from storage.catalogue import CatalogueCall, Copy
from storage.model import Recording

MEDIA_TYPES = {"opus": "audio/ogg", "wav": "audio/wav", "flac": "audio/flac"}
_LARGEST_PEAKS = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Sound:
    """The recording of a call and the copy of it that is read."""

    recording: Recording
    copy: Copy

    @property
    def media_type(self) -> str:
        """What the archived file is."""
        return MEDIA_TYPES.get(self.recording.format, "application/octet-stream")

    @property
    def etag(self) -> str:
        """A strong entity tag (RFC 9110, 8.8.3): the hash of the bytes."""
        return f'"{self.recording.sha256}"'


@dataclass(frozen=True, slots=True)
class Download:
    """A file to keep: its chunks, type, name, and length in bytes."""

    chunks: Iterator[bytes]
    media_type: str
    name: str
    bytes: int


def sound_of(found: CatalogueCall, archive: Archive) -> Sound:
    """The sound of a call; raises ``NoRecording``, ``ArchiveUnavailable``."""
    recording = found.call.recording
    if recording is None:
        raise NoRecording("Nothing was heard in this call, so there is no recording.")
    copy = _copy(found, recording.path, archive)
    if archive.size(copy.target, copy.name) != recording.bytes:
        raise ArchiveUnavailable("The audio in the archive is damaged. Tell the administrator.")
    return Sound(recording, copy)


def download_of(found: CatalogueCall, archive: Archive, wanted: str) -> Download:
    """The call as ``wanted`` (``opus`` or ``wav``); raises ``FormatUnavailable`` and as ``sound_of``."""
    sound = sound_of(found, archive)
    recording, copy = sound.recording, sound.copy
    name = file_name(found, wanted)
    if wanted == recording.format:
        chunks = archive.chunks(copy.target, copy.name)
        return Download(chunks, sound.media_type, name, recording.bytes)
    if wanted != "wav":
        raise FormatUnavailable(f"It is kept as {recording.format}; ask for that or for wav.")
    chunks = wav.stream(archive.open(copy.target, copy.name), recording)
    return Download(chunks, MEDIA_TYPES["wav"], name, wav.size(recording))


def waveform_of(found: CatalogueCall, archive: Archive, points: int | None) -> tuple[peaks.Waveform, str]:
    """The waveform, thinned to ``points`` pixels, and its entity tag; raises as ``sound_of``."""
    if found.call.recording is None:
        raise NoRecording("Nothing was heard in this call, so there is no recording.")
    copy = _copy(found, peaks_name(found.call), archive)
    try:
        waveform = peaks.read(archive.whole(copy.target, copy.name, _LARGEST_PEAKS))
    except peaks.PeaksDamaged as error:
        raise ArchiveUnavailable("The waveform in the archive is damaged. The audio may be whole.") from error
    if points is not None:
        waveform = peaks.thin(waveform, points)
    return waveform, f'"{copy.sha256}-{points or 0}"'


def file_name(found: CatalogueCall, suffix: str) -> str:
    """A name for a downloaded file: time, parties, numbers always masked, ASCII, safe on every system."""
    call = found.call
    start = call.start.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    users = (number.partition("@")[0] for number in (call.from_, call.to))
    parts = (start, *(hide_digits(user).replace("*", "x") for user in users))
    safe = (re.sub(r"[^A-Za-z0-9]+", "", part)[:32] for part in parts)
    return "-".join(("call", *(part for part in safe if part))) + f".{suffix}"


def _copy(found: CatalogueCall, name: str, archive: Archive) -> Copy:
    copies = [copy for copy in found.copies if copy.name == name]
    for copy in copies:
        if archive.holds(copy.target):
            return copy
    if copies:
        raise ArchiveUnavailable(f"The archive target {copies[0].target} is not configured here.")
    raise ArchiveUnavailable("The catalogue knows no copy of this file. Tell the administrator.")
