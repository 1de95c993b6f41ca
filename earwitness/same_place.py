"""Targets that lie in one place, or one within another: what one deletes there, the other one loses."""

import posixpath
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from earwitness.keeping_settings import (
    FtpTargetSettings,
    LocalTargetSettings,
    MinioTargetSettings,
    S3TargetSettings,
    SftpTargetSettings,
    TargetSettings,
    UsbTargetSettings,
)
from storage.answering import Answering, NoAnswer

_SECONDS = 2.0
"""For so long a folder is asked where it is: every part and every command waits for that when it starts."""


@dataclass(frozen=True, slots=True)
class _Place:
    """``within`` is the disk or server, ``parts`` the way to the place there."""

    name: str
    within: tuple[object, ...]
    parts: tuple[str, ...]
    folder: Path | None = None


def overlapping(local: str, archive: Path, targets: Iterable[TargetSettings]) -> tuple[str, str] | None:
    """The names of two that are not apart, the archive folder being ``local``; None where all are.

    A folder that does not answer, as on a mount whose server is gone, is judged by its path alone.
    """
    there = list(targets)
    answering = Answering(1 + len(there))
    places = [_folder(local, archive, answering), *(_place(target, answering) for target in there)]
    return next(
        ((one.name, other.name) for one, other in combinations(places, 2) if _overlap(one, other)), None
    )


def _overlap(one: _Place, other: _Place) -> bool:
    if one.folder is not None and other.folder is not None and _is_same(one.folder, other.folder):
        return True
    length = min(len(one.parts), len(other.parts))
    return one.within == other.within and one.parts[:length] == other.parts[:length]


def _is_same(one: Path, other: Path) -> bool:
    """Whether both are one folder by different ways, as by a mount."""
    try:
        return one.samefile(other)
    except OSError:
        return False


def _place(target: TargetSettings, answering: Answering) -> _Place:
    match target:
        case LocalTargetSettings():
            return _folder(target.name, target.folder, answering)
        case UsbTargetSettings():
            return _Place(target.name, ("usb", target.volume), ())
        case FtpTargetSettings() | SftpTargetSettings():
            server = (target.kind, target.host.lower(), target.port)
            return _Place(target.name, server, _parts(target.folder))
        case S3TargetSettings() | MinioTargetSettings():
            host = target.endpoint.lower().partition("://")[2] or target.endpoint.lower()
            return _Place(target.name, ("bucket", host.rstrip("/"), target.bucket), _parts(target.prefix))


def _folder(name: str, folder: Path, answering: Answering) -> _Place:
    try:
        return _Place(name, ("folder",), answering.within(_SECONDS, folder.resolve).parts, folder)
    except NoAnswer:
        return _Place(name, ("folder",), Path(posixpath.normpath(folder.absolute())).parts)


def _parts(path: str) -> tuple[str, ...]:
    return tuple(part for part in posixpath.normpath(f"/{path}").split("/") if part)
