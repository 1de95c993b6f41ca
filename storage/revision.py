"""A new recording for a call that is archived, in place of the one that it has or instead of none.

Order: new files to the target under names that nothing else bears, each read back; sidecar; catalogue; then
the files that nothing names any more go. Killed anywhere, doing it again completes it; until the catalogue
knows the new recording, the old one is whole and the one that people hear.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from storage.archive_names import (
    audio_name,
    peaks_name,
    replaceable,
    revised_name,
    sidecar_name,
    stem,
)
from storage.catalogue import Catalogue, CatalogueCall, Copy
from storage.errors import Mismatch, NotInCatalogue, NotStored
from storage.model import Call, Recording
from storage.sidecar import Sidecar, SidecarFile
from storage.targets.contract import Stored, Target, verify


@dataclass(frozen=True, slots=True)
class NewRecording:
    """The files of ``Call.recording``; None where there is none."""

    audio: Path | None
    peaks: bytes | None


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Revision:
    """Changes archived calls on ``target``, which the catalogue calls ``target_name``.

    One process at a time: hold a ``DataFolderLock``.
    """

    def __init__(
        self,
        target: Target,
        catalogue: Catalogue,
        target_name: str,
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        self._target = target
        self._catalogue = catalogue
        self._target_name = target_name
        self._now = now

    def fetch_media(self, call_id: str, path: Path) -> CatalogueCall | None:
        """Write the kept packets of the call to ``path``; None where the call has none.

        Raises ``NotInCatalogue``, ``NotStored``, or ``Mismatch`` where they are not as they were kept.
        """
        found = self._catalogue.calls.get(call_id)
        if found is None:
            raise NotInCatalogue(f"The catalogue has no call {call_id}.")
        kept = found.call.encrypted
        if kept is None:
            return None
        verify(self._target, Stored(kept.path, kept.bytes, kept.sha256))
        with path.open("wb") as file:
            file.writelines(self._target.get(kept.path))
        return found

    def put(self, call: Call, files: NewRecording) -> bool:
        """Archive ``call``, whose recording is in ``files``; whether that changed anything.

        ``call.encrypted`` must be as it is archived, with other sides perhaps; None removes the packets.
        """
        known = self._catalogue.calls.get(call.id)
        if known is None:
            raise NotInCatalogue(f"The catalogue has no call {call.id}.")
        call = _named(known.call, call, files)
        copies = tuple(self._copies(known, call, files))
        changed = self._catalogue.calls.revise(call, self._target_name, copies)
        self._tidy(call, {copy.name for copy in copies})
        return changed

    def tidy(self, call_id: str) -> None:
        """Remove the files of the call that the catalogue does not name: what a kill left."""
        known = self._catalogue.calls.get(call_id)
        if known is not None:
            self._tidy(known.call, {copy.name for copy in known.copies})

    def _tidy(self, call: Call, named: set[str]) -> None:
        for blob in list(self._target.list(stem(call))):
            if replaceable(call, blob.name) and blob.name not in named:
                self._target.delete(blob.name)

    def _copies(self, known: CatalogueCall, call: Call, files: NewRecording) -> Iterator[Copy]:
        blobs: list[Stored] = []
        if files.audio is not None and call.recording is not None:
            blobs.append(self._keep(call.recording.path, files.audio))
            if blobs[0].sha256 != call.recording.sha256:
                raise Mismatch(f"{files.audio} changed while it was archived.")
        if files.peaks is not None:
            blobs.append(self._keep(peaks_name(call), files.peaks))
        if call.encrypted is not None:
            blobs.append(self._kept(known, call.encrypted.path))
        described = tuple(SidecarFile(name=blob.name, bytes=blob.bytes, sha256=blob.sha256) for blob in blobs)
        blobs.append(self._keep(sidecar_name(call), Sidecar(call=call, files=described).encode()))
        at = self._now()
        for blob in blobs:
            yield Copy(self._target_name, blob.name, blob.bytes, blob.sha256, at)

    def _kept(self, known: CatalogueCall, name: str) -> Stored:
        for copy in known.copies:
            if (copy.target, copy.name) == (self._target_name, name):
                return Stored(copy.name, copy.bytes, copy.sha256)
        raise NotStored(name)

    def _keep(self, name: str, source: bytes | Path) -> Stored:
        kept = self._target.put(name, source)
        verify(self._target, kept)
        return kept


def _named(known: Call, call: Call, files: NewRecording) -> Call:
    """The call with its recording under the name that it gets in the archive."""
    recording, old = call.recording, known.recording
    if recording is None or files.audio is None:
        return call.model_copy(update={"recording": None})
    suffix = files.audio.suffix.removeprefix(".")
    if old is None:
        path = audio_name(call, suffix)
    elif old.sha256 == recording.sha256:
        path = old.path
    else:
        path = revised_name(call, suffix, recording.sha256)
    changed: Recording = recording.model_copy(update={"path": path})
    return call.model_copy(update={"recording": changed})
