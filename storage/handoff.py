"""The hand-off folder from the archive's side: which calls wait there, and whether one is as it should be.

The capture process writes here and runs as another user, so nothing in a hand-off is taken on trust: a name
in ``call.json`` never leads out of its folder, and links are not followed.
"""

import hashlib
import os
import re
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from storage.archive_names import audio_name, media_name
from storage.errors import BadName, DamagedHandoff
from storage.model import Call, Encrypted, Recording
from storage.targets.names import checked_component

CALL, PEAKS, MEDIA = "call.json", "peaks.dat", "media.bin"
_AUDIO = re.compile(r"audio\.([a-z0-9]{1,8})")
_MAX_CALL_BYTES = 64 << 20
_MAX_ID = 64
_PORTION = 1 << 16


@dataclass(frozen=True, slots=True)
class Handoff:
    """One finished call whose files are all there and agree with its ``call.json``.

    ``call`` is the call as the archive knows it, its files under the names that they get there, and
    ``document`` its JSON, from which it was read. ``media`` are the packets of a call of which something
    stayed encrypted.
    """

    folder: Path
    call: Call
    document: str
    audio: Path | None
    peaks: Path | None
    media: Path | None


def pending(folder: Path) -> list[str]:
    """The names of the hand-offs that wait in ``folder``, oldest first; none where it does not exist."""
    return [name for _, name in sorted(_waiting(folder))]


def waiting(folder: Path) -> tuple[int, datetime | None]:
    """How many hand-offs wait in ``folder``, and since when the oldest does; for who does not take them."""
    found = list(_waiting(folder))
    return len(found), datetime.fromtimestamp(min(found)[0] / 1e9, UTC) if found else None


def handed_off(folder: Path) -> datetime | None:
    """When the hand-off ``folder`` came to lie there, by the clock as it was then; None where it is gone."""
    try:
        return datetime.fromtimestamp(folder.stat().st_mtime, UTC)
    except (OSError, OverflowError, ValueError):
        return None


def _waiting(folder: Path) -> Iterator[tuple[int, str]]:
    """When each hand-off came to lie there, nanoseconds of Unix time, and its name."""
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            if not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False):
                with suppress(FileNotFoundError):  # taken meanwhile
                    yield entry.stat().st_mtime_ns, entry.name


def is_call_id(name: str) -> bool:
    """Whether archive and catalogue can keep a call under this id."""
    try:
        return len(checked_component(name)) <= _MAX_ID
    except BadName:
        return False


def open_handoff(folder: Path) -> Handoff:
    """Read and check the hand-off in ``folder``.

    Raises ``DamagedHandoff`` for what will not become better by waiting, ``OSError`` where it cannot be read.
    """
    files = _files(folder)
    call = _read_call(folder, files)
    media = _checked_media(folder, files, call.encrypted)
    audio = _checked_audio(folder, files, call.recording)
    named = _named(call, audio.suffix[1:] if audio else "")
    document = named.model_dump_json()
    # What cannot be read back from the catalogue (a duration of NaN) must not get into it.
    return Handoff(folder, parsed(document), document, audio, _file(folder, files, PEAKS), media)


_Files = Mapping[str, int | None]
"""What a hand-off folder holds, by name: lengths of regular files in bytes, None of anything else."""


def _files(folder: Path) -> _Files:
    try:
        with os.scandir(folder) as entries:
            found = [(entry.name, entry.stat(follow_symlinks=False)) for entry in entries]
    except FileNotFoundError:
        return {}
    return {name: about.st_size if stat.S_ISREG(about.st_mode) else None for name, about in found}


def _file(folder: Path, files: _Files, name: str) -> Path | None:
    return folder / name if files.get(name) is not None else None


def _read_call(folder: Path, files: _Files) -> Call:
    size = files.get(CALL)
    if size is None:
        raise DamagedHandoff(f"There is no {CALL}.")
    if size > _MAX_CALL_BYTES:
        raise DamagedHandoff(f"{CALL} has {size} bytes, more than any call needs.")
    call = parsed((folder / CALL).read_bytes())
    if not is_call_id(call.id):
        raise DamagedHandoff(f"The call id {call.id[:_MAX_ID]!r} cannot be a name in the archive.")
    if call.id != folder.name:
        raise DamagedHandoff(f"{CALL} is of the call {call.id}, not of the one that the folder is named by.")
    return call


def parsed(text: str | bytes) -> Call:
    """The call of this JSON. Raises ``DamagedHandoff``."""
    try:
        return Call.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise DamagedHandoff(f"{CALL} cannot be read: {where or 'the file'}: {first['msg']}.") from error


def _named(call: Call, suffix: str) -> Call:
    changes: dict[str, Recording | Encrypted] = {}
    if call.recording is not None:
        path = audio_name(call, suffix)
        changes["recording"] = call.recording.model_copy(update={"path": path})
    if call.encrypted is not None:
        changes["encrypted"] = call.encrypted.model_copy(update={"path": media_name(call)})
    return call.model_copy(update=changes)


def _checked_audio(folder: Path, files: _Files, recording: Recording | None) -> Path | None:
    if recording is None:
        if unknown := next(filter(_AUDIO.fullmatch, files), None):
            raise DamagedHandoff(f"{CALL} knows no recording, but there is {unknown}.")
        return None
    if not _AUDIO.fullmatch(recording.path):
        raise DamagedHandoff(f"{CALL} names the audio {recording.path!r}, which is not a name for it.")
    path = _file(folder, files, recording.path)
    if path is None:
        raise DamagedHandoff(f"The audio {recording.path} is missing.")
    _check_contents(path, files, recording)
    return path


def _checked_media(folder: Path, files: _Files, encrypted: Encrypted | None) -> Path | None:
    path = _file(folder, files, MEDIA)
    if encrypted is None:
        if path is not None:
            raise DamagedHandoff(f"{CALL} knows of no encrypted packets, but there is {MEDIA}.")
        return None
    if encrypted.path != MEDIA or path is None:
        raise DamagedHandoff(f"The encrypted packets {encrypted.path!r} are missing; they belong in {MEDIA}.")
    _check_contents(path, files, encrypted)
    return path


def _check_contents(path: Path, files: _Files, promised: Recording | Encrypted) -> None:
    if files[path.name] != promised.bytes:
        raise DamagedHandoff(f"{path.name} has {files[path.name]} bytes; {CALL} says {promised.bytes}.")
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(_PORTION):
            digest.update(chunk)
    if digest.hexdigest() != promised.sha256:
        raise DamagedHandoff(
            f"The SHA-256 of {path.name} is {digest.hexdigest()}; {CALL} says {promised.sha256}."
        )
