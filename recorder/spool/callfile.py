"""What the spool knows of a call, in one JSON file: enough to finish it, and to go on after a crash."""

import contextlib
import errno
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from recorder.assembly.leg import Leg
from recorder.errors import SpoolDamaged, SpoolError, SpoolFull
from recorder.media import RecordingPlan
from storage.model import Call


@dataclass(slots=True)
class CallFile:
    """A running or ended call.

    ``call`` is the description so far, without a recording; ``plan`` is None where nothing was heard;
    ``files`` are the legs whose spool files hold its packets; ``legs`` is what capture needs to go on.
    ``shift`` (ns) is what the clock showed more than the times in all of it (see ``taps/steadytime.py``).
    """

    call: Call
    plan: RecordingPlan | None
    files: tuple[str, ...]
    ended: bool = False
    end: int = 0
    legs: list[Leg] = field(default_factory=list)
    shift: int = 0

    @property
    def id(self) -> str:
        """The call's id."""
        return self.call.id


_ADAPTER = TypeAdapter(CallFile)


def _private(path: str, flags: int) -> int:
    """Opens for this user alone: the keys of encrypted calls are in the file."""
    return os.open(path, flags, 0o600)


class Journal:
    """The folder of call files; each is replaced whole, so that a reader sees the old one or the new one."""

    def __init__(self, spool: Path) -> None:
        self.folder = spool / "calls"
        self.legs = spool / "legs"
        for folder in (self.folder, self.legs):
            folder.mkdir(parents=True, exist_ok=True)

    def write(self, file: CallFile) -> None:
        """Replace the file of this call, or raise ``SpoolFull`` or ``SpoolError`` and leave the old one."""
        path = self.folder / f"{file.id}.json"
        fresh = path.with_suffix(".tmp")
        try:
            with open(fresh, "wb", opener=_private) as out:
                out.write(_ADAPTER.dump_json(file, by_alias=True))
            fresh.replace(path)
        except OSError as error:
            with contextlib.suppress(OSError):
                fresh.unlink(missing_ok=True)
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise SpoolFull(f"the spool's disk is full: {self.folder}; free some space") from error
            raise SpoolError(f"cannot write {path}: {error.strerror}") from error

    def read(self, call_id: str) -> CallFile | None:
        """The call's file, None where there is none (any more). Raises ``SpoolDamaged``."""
        path = self.folder / f"{call_id}.json"
        try:
            return _ADAPTER.validate_json(path.read_bytes())
        except FileNotFoundError:
            return None
        except ValidationError as error:
            raise SpoolDamaged(f"{path} is not a call file: {error.error_count()} errors in it") from error

    def stamps(self) -> Mapping[str, tuple[int, int]]:
        """Every call in the journal, with a stamp that changes when its file does."""
        found = {}
        with os.scandir(self.folder) as entries:
            for entry in entries:
                if entry.name.endswith(".json"):
                    with contextlib.suppress(FileNotFoundError):
                        status = entry.stat()
                        found[entry.name.removesuffix(".json")] = (status.st_mtime_ns, status.st_ino)
        return found

    def stamp(self, call_id: str) -> tuple[int, int] | None:
        """The stamp of one call's file, None where there is none."""
        try:
            status = (self.folder / f"{call_id}.json").stat()
        except FileNotFoundError:
            return None
        return status.st_mtime_ns, status.st_ino

    def leg_path(self, leg: str) -> Path:
        """The spool file of a leg."""
        return self.legs / f"{leg}.leg"

    def remove(self, call_id: str, files: tuple[str, ...] = ()) -> None:
        """Forget a call, then the leg files named: in this order, as a leg file alone is only litter."""
        (self.folder / f"{call_id}.json").unlink(missing_ok=True)
        for leg in files:
            self.leg_path(leg).unlink(missing_ok=True)

    def set_aside(self, call_id: str, files: Iterable[str] = ()) -> Path:
        """Move a call that cannot be made, with its leg files, to where the operator finds them."""
        aside = self._aside
        aside.mkdir(exist_ok=True)
        for leg in files:
            with contextlib.suppress(FileNotFoundError):
                self.leg_path(leg).rename(aside / f"{leg}.leg")
        return (self.folder / f"{call_id}.json").replace(aside / f"{call_id}.json")

    def clear_away(self, leg: str) -> None:
        """Remove a leg file that no call names; where a call file was set aside that may have, beside it."""
        if any(self._aside.glob("*.json")):
            self.leg_path(leg).replace(self._aside / f"{leg}.leg")
        else:
            self.leg_path(leg).unlink(missing_ok=True)

    @property
    def _aside(self) -> Path:
        return self.folder.parent / "damaged"

    def orphans(self, files: Iterable[str]) -> list[str]:
        """Leg files that belong to none of the calls whose files are given."""
        known = set(files)
        return [path.stem for path in self.legs.glob("*.leg") if path.stem not in known]
