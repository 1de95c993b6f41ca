"""The hand-off folder from the archive's side: which calls wait there, and whether one is as it should be.

The capture process writes here and runs as another user, so nothing in a hand-off is taken on trust: a name
in ``call.json`` never leads out of its folder, and links are not followed.
"""

import hashlib
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from storage.errors import BadName, DamagedHandoff
from storage.model import Call, Encrypted, Recording
from storage.targets.names import checked_component

CALL, PEAKS, MEDIA = "call.json", "peaks.dat", "media.bin"
_AUDIO = re.compile(r"audio\.([a-z0-9]{1,8})")
_MAX_CALL_BYTES = 64 << 20
_MAX_ID = 64


@dataclass(frozen=True, slots=True)
class Handoff:
    """One finished call whose files are all there and agree with ``call``.

    ``suffix`` is that of the audio file (``opus``), empty where there is no audio; ``media`` are the packets
    of a call of which something stayed encrypted.
    """

    folder: Path
    call: Call
    audio: Path | None
    suffix: str
    peaks: Path | None
    media: Path | None


def pending(folder: Path) -> list[str]:
    """The names of the hand-offs that wait in ``folder``, oldest first; none where it does not exist."""
    try:
        with os.scandir(folder) as entries:
            found = [
                (entry.stat().st_mtime_ns, entry.name)
                for entry in entries
                if not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False)
            ]
    except FileNotFoundError:
        return []
    return [name for _, name in sorted(found)]


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
    call = _read_call(folder)
    peaks = folder / PEAKS
    found = peaks if _regular(peaks) else None
    media = _checked_media(folder, call.encrypted)
    if call.recording is None:
        for path in folder.iterdir():
            if _AUDIO.fullmatch(path.name):
                raise DamagedHandoff(f"{CALL} knows no recording, but there is {path.name}.")
        return Handoff(folder, call, None, "", found, media)
    audio = _checked_audio(folder, call.recording)
    return Handoff(folder, call, audio, audio.suffix[1:], found, media)


def _read_call(folder: Path) -> Call:
    path = folder / CALL
    size = _regular(path)
    if size is None:
        raise DamagedHandoff(f"There is no {CALL}.")
    if size > _MAX_CALL_BYTES:
        raise DamagedHandoff(f"{CALL} has {size} bytes, more than any call needs.")
    try:
        call = Call.model_validate_json(path.read_bytes())
        # What cannot be read back from the catalogue (a duration of NaN) must not get into it.
        call = Call.model_validate_json(call.model_dump_json())
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise DamagedHandoff(f"{CALL} cannot be read: {where or 'the file'}: {first['msg']}.") from error
    if not is_call_id(call.id):
        raise DamagedHandoff(f"The call id {call.id[:_MAX_ID]!r} cannot be a name in the archive.")
    if call.id != folder.name:
        raise DamagedHandoff(f"{CALL} is of the call {call.id}, not of the one that the folder is named by.")
    return call


def _checked_audio(folder: Path, recording: Recording) -> Path:
    if not _AUDIO.fullmatch(recording.path):
        raise DamagedHandoff(f"{CALL} names the audio {recording.path!r}, which is not a name for it.")
    path = folder / recording.path
    if _regular(path) is None:
        raise DamagedHandoff(f"The audio {recording.path} is missing.")
    _check_contents(path, recording.bytes, recording.sha256)
    return path


def _checked_media(folder: Path, encrypted: Encrypted | None) -> Path | None:
    path = folder / MEDIA
    if encrypted is None:
        if _regular(path) is not None:
            raise DamagedHandoff(f"{CALL} knows of no encrypted packets, but there is {MEDIA}.")
        return None
    if encrypted.path != MEDIA or _regular(path) is None:
        raise DamagedHandoff(f"The encrypted packets {encrypted.path!r} are missing; they belong in {MEDIA}.")
    _check_contents(path, encrypted.bytes, encrypted.sha256)
    return path


def _check_contents(path: Path, size: int, sha256: str) -> None:
    found = path.stat().st_size
    if found != size:
        raise DamagedHandoff(f"{path.name} has {found} bytes; {CALL} says {size}.")
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != sha256:
        raise DamagedHandoff(f"The SHA-256 of {path.name} is {digest}; {CALL} says {sha256}.")


def _regular(path: Path) -> int | None:
    """The length of the regular file ``path`` in bytes, None where it is missing or anything else."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None
