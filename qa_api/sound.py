"""The audio of calls, from the archive: whole, in ranges, as WAV, as a waveform."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC

from qa_api import peaks, ranges, wav
from qa_api.archive import Archive, as_file
from qa_api.errors import ArchiveUnavailable, FormatUnavailable, NoRecording
from qa_api.masking import hide_digits
from storage.catalogue import CatalogueCall, Copy
from storage.copies.reader import CopyReader
from storage.errors import Mismatch
from storage.model import Recording

MEDIA_TYPES = {"opus": "audio/ogg", "wav": "audio/wav", "flac": "audio/flac", "g711": "audio/wav"}
_NO_BROWSER_PLAYS = frozenset({"adpcm", "gsm"})
_LARGEST_PEAKS = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Sound:
    """The recording of a call, and what reads it."""

    recording: Recording
    reader: CopyReader

    @property
    def is_converted(self) -> bool:
        """Whether what is played is 16-bit WAV made of the archived file."""
        return self.recording.format in _NO_BROWSER_PLAYS

    @property
    def media_type(self) -> str:
        """What is played."""
        form = "wav" if self.is_converted else self.recording.format
        return MEDIA_TYPES.get(form, "application/octet-stream")

    @property
    def size(self) -> int:
        """Bytes of what is played."""
        return wav.size(self.recording) if self.is_converted else self.recording.bytes

    @property
    def etag(self) -> str:
        """A strong entity tag (RFC 9110, 8.8.3): the hash of the archived bytes, and what they became."""
        return f'"{self.recording.sha256}{"-wav" * self.is_converted}"'

    def chunks(self, start: int, length: int) -> Iterator[bytes]:
        """The bytes from ``start`` on of what is played. Raises ``NoCopyReadable``.

        What is converted is so from its beginning: an hour takes a second or two.
        """
        if self.is_converted:
            return ranges.cut(_as_wav(self), start, length)
        return self.reader.chunks(start, length)


@dataclass(frozen=True, slots=True)
class Download:
    """A file to keep: its chunks, type, name, and length in bytes, and what reads the archived one."""

    reader: CopyReader
    chunks: Iterator[bytes]
    media_type: str
    name: str
    bytes: int


def sound_of(found: CatalogueCall, archive: Archive) -> Sound:
    """The sound of a call, once a copy of it was seen; raises ``NoRecording``, ``NoCopyReadable``."""
    recording = found.call.recording
    if recording is None:
        raise NoRecording("Nothing was heard in this call, so there is no recording.")
    reader = archive.audio(found, recording)
    reader.copy()
    return Sound(recording, reader)


def download_of(found: CatalogueCall, archive: Archive, wanted: str) -> Download:
    """The call as ``wanted`` (``opus`` or ``wav``); raises ``FormatUnavailable`` and as ``sound_of``."""
    sound = sound_of(found, archive)
    recording = sound.recording
    name = file_name(found, wanted)
    if wanted == recording.format:
        return Download(sound.reader, sound.reader.chunks(), sound.media_type, name, recording.bytes)
    if wanted != "wav":
        raise FormatUnavailable(f"It is kept as {recording.format}; ask for wav.")
    return Download(sound.reader, _as_wav(sound), MEDIA_TYPES["wav"], name, wav.size(recording))


def waveform_of(found: CatalogueCall, archive: Archive, points: int | None) -> tuple[peaks.Waveform, str]:
    """The waveform, thinned to ``points`` pixels, and its entity tag; raises as ``sound_of``."""
    if found.call.recording is None:
        raise NoRecording("Nothing was heard in this call, so there is no recording.")
    waveform, copy = _waveform(archive.peaks(found))
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


def _as_wav(sound: Sound) -> Iterator[bytes]:
    """The sound as WAV, from a copy that a decoder takes. Raises ``NoCopyReadable``."""
    while True:
        sound.reader.copy()
        try:
            return wav.stream(as_file(sound.reader, sound.recording.bytes), sound.recording)
        except ArchiveUnavailable as error:
            sound.reader.next_copy(Mismatch(error.detail))


def _waveform(reader: CopyReader) -> tuple[peaks.Waveform, Copy]:
    """The waveform and the copy that it is of. Raises ``NoCopyReadable``."""
    while True:
        data = b"".join(reader.chunks(0, _LARGEST_PEAKS))
        try:
            return peaks.read(data), reader.copy()
        except peaks.PeaksDamaged as error:
            reader.next_copy(Mismatch(f"{reader.name} is damaged: {error}."))
