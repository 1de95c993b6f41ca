"""From the hand-off folder into the archive and the catalogue, exactly once.

Order: audio, peaks, kept packets and sidecar to the target, each read back; then the catalogue row; then the
hand-off goes. Each step done again leaves the same, so intake may be killed anywhere and started again. What
is in the catalogue is in the archive, always; what is in the archive alone still lies in the hand-off folder.
"""

import itertools
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from storage import durable
from storage.archive_names import audio_name, media_name, peaks_name, sidecar_name
from storage.catalogue import Catalogue, CatalogueCall, Copy
from storage.errors import CatalogueError, CatalogueRefused, DamagedHandoff, DiskFull, Mismatch, TargetError
from storage.handoff import Handoff, is_call_id, open_handoff, pending
from storage.model import Call, Encrypted, Recording, rfc3339
from storage.outcomes import Deferred, Outcome, Rejected, Taken
from storage.sidecar import Sidecar, SidecarFile
from storage.targets.contract import Stored, Target, verify

REJECTED = ".rejected"
REASON = "rejected.json"
_DONE = ".done-"
_BATCH = 64
_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class _Ready:
    """In the archive and read back."""

    folder: Path
    call: Call
    copies: tuple[Copy, ...]


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Intake:
    """Takes calls from ``handoff`` to ``target``, which the catalogue calls ``target_name``.

    One process at a time: hold a ``DataFolderLock``.
    """

    def __init__(
        self,
        handoff: Path,
        target: Target,
        catalogue: Catalogue,
        target_name: str,
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        self._handoff = handoff
        self._target = target
        self._catalogue = catalogue
        self._target_name = target_name
        self._now = now

    def pending(self) -> list[str]:
        """The names of the hand-offs that wait, oldest first."""
        return pending(self._handoff)

    def take(self, call_id: str) -> bool:
        """Take one call; whether it is archived now. Raises ``DiskFull``, the hand-off being untouched."""
        return all(isinstance(outcome, Taken) for outcome in self._take([call_id]))

    def run_once(self) -> int:
        """Take what waits; return how many calls came into the catalogue. Raises as ``run``."""
        return sum(isinstance(outcome, Taken) and outcome.new for outcome in self.run())

    def run(self) -> Iterator[Outcome]:
        """Take what waits, and say of each call what became of it.

        A call that cannot be taken never stands in the way of another. Where a disk is full, ``DiskFull``
        is raised, and ``CatalogueError`` where the catalogue cannot be read; the hand-offs that are left
        stay untouched for the next run.
        """
        yield from self._sweep()
        names = self.pending()
        for at in range(0, len(names), _BATCH):
            yield from self._take(names[at : at + _BATCH])

    def _take(self, names: Sequence[str]) -> Iterator[Outcome]:
        """Archive the calls side by side, then write their rows in one transaction.

        Both let the disk sync for many calls at once, which is what intake waits for.
        """
        ids = [name for name in names if is_call_id(name)]
        known = {found.call.id: found for found in self._catalogue.calls.get_many(ids)}
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            tried = list(pool.map(lambda name: self._archive(self._handoff / name, known.get(name)), names))
        yield from (outcome for outcome in tried if isinstance(outcome, Rejected | Deferred))
        yield from self._enter([outcome for outcome in tried if isinstance(outcome, _Ready)])
        for outcome in tried:
            if isinstance(outcome, DiskFull):
                raise outcome

    def _archive(self, folder: Path, known: CatalogueCall | None) -> _Ready | Rejected | Deferred | DiskFull:
        try:
            handoff = open_handoff(folder)
            call = _archived(handoff)
            if known is not None and known.call != call and not self._was_opened(known, call):
                raise DamagedHandoff("A different recording of this call is in the archive already.")
            copies = known.copies if known is not None and self._holds(known) else self._copies(handoff, call)
            return _Ready(folder, call, tuple(copies))
        except DamagedHandoff as error:
            return self._reject(folder, str(error))
        except (TargetError, OSError) as error:
            return Deferred(folder.name, str(error))
        except DiskFull as error:
            return error

    def _was_opened(self, known: CatalogueCall, call: Call) -> bool:
        """Whether ``known`` was made of the same packets as ``call`` with keys that came later."""
        kept, again = known.call.encrypted, call.encrypted
        return kept is not None and again is not None and kept.sha256 == again.sha256 and self._holds(known)

    def _holds(self, known: CatalogueCall) -> bool:
        here = [copy for copy in known.copies if copy.target == self._target_name]
        found = [self._target.stat(copy.name) for copy in here]
        return bool(here) and [copy.bytes for copy in here] == [blob.bytes if blob else -1 for blob in found]

    def _copies(self, handoff: Handoff, call: Call) -> list[Copy]:
        blobs: list[Stored] = []
        if handoff.audio is not None and call.recording is not None:
            blobs.append(self._promised(call.recording, handoff.audio))
        if handoff.peaks is not None:
            blobs.append(self._keep(peaks_name(call), handoff.peaks))
        if handoff.media is not None and call.encrypted is not None:
            blobs.append(self._promised(call.encrypted, handoff.media))
        files = tuple(SidecarFile(name=blob.name, bytes=blob.bytes, sha256=blob.sha256) for blob in blobs)
        blobs.append(self._keep(sidecar_name(call), Sidecar(call=call, files=files).encode()))
        at = self._now()
        return [Copy(self._target_name, blob.name, blob.bytes, blob.sha256, at) for blob in blobs]

    def _promised(self, blob: Recording | Encrypted, source: Path) -> Stored:
        kept = self._keep(blob.path, source)
        if kept.sha256 != blob.sha256:
            raise Mismatch(f"{source} changed while it was archived.")
        return kept

    def _keep(self, name: str, source: bytes | Path) -> Stored:
        kept = self._target.put(name, source)
        verify(self._target, kept)
        return kept

    def _enter(self, ready: Sequence[_Ready]) -> list[Outcome]:
        """Write the rows. A call whose values the database refuses must not hold up the others."""
        if not ready:
            return []
        try:
            added = self._catalogue.calls.add_many([(item.call, item.copies) for item in ready])
        except CatalogueRefused as error:
            if len(ready) == 1:
                return [self._reject(ready[0].folder, str(error))]
            return [outcome for item in ready for outcome in self._enter([item])]
        except CatalogueError as error:
            return [Deferred(item.call.id, str(error)) for item in ready]
        return [self._finish(item, new=new) for item, new in zip(ready, added, strict=True)]

    def _finish(self, item: _Ready, *, new: bool) -> Outcome:
        # Renamed first: a folder that is half removed would look damaged after a kill.
        done = item.folder.with_name(f"{_DONE}{item.folder.name}")
        try:
            item.folder.rename(done)
            shutil.rmtree(done)
        except OSError as error:
            return Deferred(item.call.id, f"Archived, but its hand-off cannot be removed: {error}")
        recording = item.call.recording
        return Taken(
            item.call.id, recording.seconds if recording else 0.0, recording.bytes if recording else 0, new
        )

    def _reject(self, folder: Path, reason: str) -> Rejected | Deferred:
        rejected = self._handoff / REJECTED
        note = json.dumps({"at": rfc3339(self._now()), "reason": reason}, indent=1)
        try:
            durable.write_bytes(folder / REASON, note.encode())
            durable.make_folder(rejected)
            place = next(path for path in _places(rejected, folder.name) if not path.exists())
            folder.rename(place)
            durable.sync_folder(rejected)
        except (DiskFull, OSError) as error:
            return Deferred(folder.name, f"{reason} It cannot be put aside: {error}")
        return Rejected(folder.name, reason, place)

    def _sweep(self) -> Iterator[Deferred]:
        """Remove what a kill in ``_finish`` left."""
        for left_over in self._handoff.glob(f"{_DONE}*"):
            try:
                shutil.rmtree(left_over)
            except OSError as error:
                yield Deferred(left_over.name, f"Archived, but its hand-off cannot be removed: {error}")


def _archived(handoff: Handoff) -> Call:
    """The call as the archive knows it: its files under the names that they will have there."""
    call = handoff.call
    changes: dict[str, Recording | Encrypted] = {}
    if call.recording is not None:
        path = audio_name(call, handoff.suffix)
        changes["recording"] = call.recording.model_copy(update={"path": path})
    if call.encrypted is not None:
        changes["encrypted"] = call.encrypted.model_copy(update={"path": media_name(call)})
    return call.model_copy(update=changes)


def _places(rejected: Path, name: str) -> Iterator[Path]:
    """Names for a rejected folder, in order. The length leaves room for the number."""
    stem = name.encode(errors="surrogateescape")[:200].decode(errors="surrogateescape")
    return (rejected / f"{stem}-{number}" for number in itertools.count(1))
