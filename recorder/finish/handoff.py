"""The door to storage: a finished call becomes visible in the hand-off folder by one rename."""

import os
import shutil
from pathlib import Path

from storage.model import Call


def publish(
    handoff: Path, call: Call, audio: Path | None, peaks: bytes | None, media: Path | None = None
) -> bool:
    """Put a call with its audio, peaks and kept packets into the hand-off folder; False where it is there.

    The files are moved, once the rest is done; the suffix of the audio gives its format. The call's
    ``recording.path`` must be the name that it gets in the folder: ``audio`` and that suffix, and
    ``encrypted.path`` that of the packets. Everything is
    on the disk before the folder gets its name, so that whoever sees it sees all of it. A half-made
    folder of an earlier try is replaced.
    """
    target = handoff / call.id
    if target.exists():
        return False
    work = handoff / f".{call.id}.tmp"
    if work.exists():
        shutil.rmtree(work)
    work.mkdir(parents=True)
    if audio is not None:
        _link(audio, work / f"audio{audio.suffix}")
    if peaks is not None:
        (work / "peaks.dat").write_bytes(peaks)
    if media is not None and call.encrypted is not None:
        _link(media, work / call.encrypted.path)
    (work / "call.json").write_text(call.model_dump_json(indent=1), encoding="utf-8")
    for file in work.iterdir():
        _sync(file)
    _sync(work)
    work.rename(target)
    _sync(handoff)
    for moved in (audio, media):
        if moved is not None:
            moved.unlink()
    return True


def _link(source: Path, target: Path) -> None:
    """The same file under another name, or a copy where the file system cannot do that."""
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copyfile(source, target)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
