"""A new recording for a call that is archived, in place of the one that it has or instead of none.

Order: new files to the target under names that nothing else bears, each read back; a sidecar with a new seal
that supersedes the old one; catalogue; then the files that nothing names any more go. Killed anywhere, doing
it again completes it; until the catalogue knows the new recording, the old one is whole and the one that
people hear.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from storage.archive_names import audio_name, peaks_name, replaceable, revised_name, stem
from storage.catalogue import Catalogue, CatalogueCall
from storage.catalogue.calls import calls_in
from storage.catalogue.cover import refuse_loss
from storage.clock import utc_now
from storage.encryption.keyring import CatalogueKeyring
from storage.encryption.target import EncryptedTarget
from storage.entry import Archived, Entry
from storage.errors import Mismatch, NotInCatalogue, NotStored, PacketsHeld
from storage.keeper import Kept, keep
from storage.model import Call, Encrypted, Recording
from storage.seals.sealing import Sealer
from storage.seals.segments import segmented
from storage.targets.contract import Stored, Target, require_same, verify


@dataclass(frozen=True, slots=True)
class NewRecording:
    """The files of ``Call.recording``; None where there is none."""

    audio: Path | None
    peaks: bytes | None


class Revision:
    """Changes archived calls on ``target``, which the catalogue calls ``target_name``.

    One process at a time: hold a ``DataFolderLock``.
    """

    def __init__(
        self,
        target: Target,
        catalogue: Catalogue,
        target_name: str,
        sealer: Sealer,
        keys: CatalogueKeyring | None = None,
        now: Callable[[], datetime] = utc_now,
        *,
        keyless: bool = False,
    ) -> None:
        self._target = target
        self._catalogue = catalogue
        self._target_name = target_name
        self._keys = keys
        self._plain = target if keys is None else EncryptedTarget(target, keys)
        self._entry = Entry(target, catalogue, target_name, sealer, now, keyless=keyless)

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
        verify(self._plain, Stored(kept.path, kept.bytes, kept.sha256))
        with path.open("wb") as file:
            file.writelines(self._plain.get(kept.path))
        return found

    def put(self, call: Call, files: NewRecording) -> bool:
        """Archive ``call``, whose recording is in ``files``; whether that changed anything.

        ``call.encrypted`` must be as it is archived, with other sides perhaps; None removes the packets.
        Raises ``PacketsHeld`` where a legal hold covers a call that would lose them, maybe since a moment
        ago: the recording is archived all the same then, and the packets stay.
        """
        try:
            return self._put(call, files)
        except PacketsHeld:
            self._put(self._with_packets(call), files)
            raise

    def _with_packets(self, call: Call) -> Call:
        known = self._catalogue.calls.get(call.id)
        kept = known.call.encrypted if known else None
        return call.model_copy(update={"encrypted": kept and kept.model_copy(update={"sides": ()})})

    def _put(self, call: Call, files: NewRecording) -> bool:
        known = self._catalogue.calls.get(call.id)
        if known is None:
            raise NotInCatalogue(f"The catalogue has no call {call.id}.")
        call = _named(known.call, call, files)
        if call == known.call:
            self.tidy(call.id)
            return False
        key = self._keys.of_call(call.id) if self._keys else None
        blobs = tuple(self._blobs(known, call, files, key.data if key else None))
        archived = Archived(call, call.model_dump_json(), blobs, key, known=True)
        result = self._entry.enter([archived])[call.id]
        if not isinstance(result, bool):
            raise result
        self.tidy(call.id)
        return result

    def tidy(self, call_id: str) -> None:
        """Remove the files of the call that the catalogue does not name: what a kill left."""
        known = self._catalogue.calls.get(call_id)
        if known is None:
            return
        named = {copy.name for copy in known.copies if copy.target == self._target_name}
        for blob in list(self._target.list(stem(known.call))):
            if replaceable(known.call, blob.name) and blob.name not in named:
                self._target.delete(blob.name)

    def _blobs(
        self, known: CatalogueCall, call: Call, files: NewRecording, key: bytes | None
    ) -> Iterator[Kept]:
        if files.audio is not None and call.recording is not None:
            audio = keep(self._target, call.recording.path, files.audio, key)
            if audio.plain_sha256 != call.recording.sha256:
                raise Mismatch(f"{files.audio} changed while it was archived.")
            yield audio
        if files.peaks is not None:
            yield keep(self._target, peaks_name(call), files.peaks, key)
        if call.encrypted is not None:
            yield self._kept(known, call.encrypted)

    def _kept(self, known: CatalogueCall, blob: Encrypted) -> Kept:
        """A blob that stays as it is."""
        for copy in known.copies:
            if (copy.target, copy.name) == (self._target_name, blob.path):
                found = segmented(self._target.get(blob.path))
                stored = Stored(blob.path, copy.bytes, copy.sha256)
                require_same(stored, Stored(blob.path, found.bytes, found.sha256))
                return Kept(blob.path, found, blob.sha256)
        raise NotStored(blob.path)


def refuse_held(catalogue: Catalogue, call_id: str) -> None:
    """Raise ``PacketsHeld`` where a legal hold covers the call and packets of it are kept."""
    with catalogue.database.read() as connection:
        for found in calls_in(connection, [call_id]):
            refuse_loss(connection, found, found.call.model_copy(update={"encrypted": None}))


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
