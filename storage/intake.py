"""From the hand-off folder into the archive and the catalogue, exactly once.

Order: audio, peaks and kept packets to the target, each read back; then the sealed sidecar, read back; then
the catalogue row with its seal; then the hand-off goes. Each step may be done again, so intake may be killed
anywhere and started again. What is in the catalogue is in the archive, always; what is in the archive alone
still lies in the hand-off folder.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from storage.archive_names import key_name, peaks_name, sidecar_name
from storage.catalogue import Catalogue, CatalogueCall
from storage.encryption.keyring import CallKey, CatalogueKeyring
from storage.entry import Archived, Entry
from storage.errors import (
    BeingRemoved,
    CatalogueError,
    CatalogueRefused,
    DamagedHandoff,
    DiskFull,
    KeyUnusable,
    StorageError,
    TargetError,
)
from storage.handoff import Handoff, is_call_id, open_handoff, pending
from storage.keeper import Blob, Failure, Kept, keep_many
from storage.model import Call
from storage.outcomes import Deferred, Outcome, Rejected, Taken
from storage.rejection import put_aside
from storage.seals.sealing import Sealer
from storage.spent import remove_all, sweep
from storage.targets.contract import Target

_BATCH = 256
"""Calls that share the waiting for the disk."""


@dataclass(frozen=True, slots=True)
class _Opened:
    """As it should be, and not in the archive yet."""

    folder: Path
    call: Call
    document: str
    blobs: tuple[Blob, ...]
    key: CallKey | None
    known: bool


@dataclass(frozen=True, slots=True)
class _Ready:
    """In the archive and read back; ``archived`` is None where all of it was there before."""

    folder: Path
    call: Call
    archived: Archived | None


_Look = _Opened | _Ready | Rejected | Deferred | DiskFull


@dataclass(slots=True)
class _Written:
    """What became of a batch; ``done`` are in the catalogue, with whether they are new there."""

    outcomes: list[Outcome] = field(default_factory=list)
    done: list[tuple[_Ready, bool]] = field(default_factory=list)


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Intake:
    """Takes calls from ``handoff`` to ``target``, which the catalogue calls ``target_name``.

    One process at a time: hold a ``DataFolderLock``. Without ``keys``, calls are not encrypted.
    """

    def __init__(
        self,
        handoff: Path,
        target: Target,
        catalogue: Catalogue,
        target_name: str,
        sealer: Sealer,
        keys: CatalogueKeyring | None = None,
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        self._handoff = handoff
        self._target = target
        self._catalogue = catalogue
        self._target_name = target_name
        self._now = now
        self._keys = keys
        self._entry = Entry(target, catalogue, target_name, sealer, now)

    def pending(self) -> list[str]:
        """The names of the hand-offs that wait, oldest first."""
        return pending(self._handoff)

    def take(self, call_id: str) -> bool:
        """Take one call; whether it is archived now. Raises ``DiskFull``, the hand-off being untouched."""
        return all(isinstance(outcome, Taken) for outcome in self._in_turn([[call_id]]))

    def run_once(self) -> int:
        """Take what waits; return how many calls came into the catalogue. Raises as ``run``."""
        return sum(isinstance(outcome, Taken) and outcome.new for outcome in self.run())

    def run(self) -> Iterator[Outcome]:
        """Take what waits, and say of each call what became of it.

        A call that cannot be taken never stands in the way of another. Where a disk is full, ``DiskFull``
        is raised, and ``CatalogueError`` where the catalogue cannot be read; the hand-offs that are left
        stay untouched for the next run.
        """
        yield from (_unremoved(folder.name, error) for folder, error in sweep(self._handoff))
        names = self.pending()
        yield from self._in_turn([names[at : at + _BATCH] for at in range(0, len(names), _BATCH)])

    def _in_turn(self, batches: Sequence[Sequence[str]]) -> Iterator[Outcome]:
        """While a batch is archived, the next is looked at and the hand-offs of the last are removed."""
        stopped: StorageError | None = None
        with ThreadPoolExecutor(2) as beside:
            looking = deque(beside.submit(self._looked, names) for names in batches[:1])
            removing: deque[Future[list[Outcome]]] = deque()
            for number in range(1, len(batches) + 1):
                written = _Written()
                try:
                    seen = looking.popleft().result()
                    looking.extend(
                        beside.submit(self._looked, names) for names in batches[number : number + 1]
                    )
                    self._archive(seen, written)
                except (DiskFull, CatalogueError) as error:
                    stopped = error
                while removing:
                    yield from removing.popleft().result()
                yield from written.outcomes
                removing.append(beside.submit(_finished, written.done))
                if stopped is not None:
                    break
            while removing:
                yield from removing.popleft().result()
            while looking:
                # Of those that are not archived now, some were put aside.
                with suppress(CatalogueError):
                    yield from (one for one in looking.popleft().result() if isinstance(one, Rejected))
        if stopped is not None:
            raise stopped

    def _looked(self, names: Sequence[str]) -> list[_Look]:
        """What these hand-offs are. Nothing is written for them but of those that are put aside."""
        ids = [name for name in names if is_call_id(name)]
        removing = self._catalogue.removals.pending(ids)
        known = {found.call.id: found for found in self._catalogue.calls.get_many(ids)}
        return [
            Deferred(name, str(BeingRemoved(name)))
            if name in removing
            else self._opened(self._handoff / name, known.get(name))
            for name in names
        ]

    def _archive(self, seen: Sequence[_Look], written: _Written) -> None:
        """Archive the calls together, then write their rows in one transaction.

        Both let the disk sync for many calls at once, which is what intake waits for. Raises ``DiskFull``,
        with the others ``written``.
        """
        archived = iter(self._archived([item for item in seen if isinstance(item, _Opened)]))
        tried = [next(archived) if isinstance(item, _Opened) else item for item in seen]
        full = [outcome for outcome in tried if isinstance(outcome, DiskFull)]
        written.outcomes += [outcome for outcome in tried if isinstance(outcome, Rejected | Deferred)]
        ready = [outcome for outcome in tried if isinstance(outcome, _Ready)]
        entered = self._entry.enter([item.archived for item in ready if item.archived])
        for item in ready:
            result = entered.get(item.call.id, False)
            if isinstance(result, DiskFull):
                full.append(result)
            elif isinstance(result, bool):
                new = result and item.archived is not None and not item.archived.known
                written.done.append((item, new))
            else:
                written.outcomes.append(self._refused(item, result))
        if full:
            raise full[0]

    def _opened(self, folder: Path, known: CatalogueCall | None) -> _Look:
        try:
            handoff = open_handoff(folder)
            call = handoff.call
            if known is not None and known.call != call and not self._was_opened(known, call):
                raise DamagedHandoff("A different recording of this call is in the archive already.")
            if known is not None and self._holds(known):
                return _Ready(folder, call, None)
            key = self._key(call.id, known)
            blobs = tuple(_blobs(handoff, key.data if key else None))
            return _Opened(folder, call, handoff.document, blobs, key, known=known is not None)
        except DamagedHandoff as error:
            return put_aside(folder, str(error), self._now())
        except (TargetError, KeyUnusable, OSError) as error:
            return Deferred(folder.name, str(error))
        except DiskFull as error:
            return error

    def _archived(self, opened: Sequence[_Opened]) -> list[_Ready | Deferred | DiskFull]:
        """Put the blobs of all these calls on the target together."""
        kept = iter(keep_many(self._target, [blob for item in opened for blob in item.blobs]))
        return [_ready(item, list(islice(kept, len(item.blobs)))) for item in opened]

    def _was_opened(self, known: CatalogueCall, call: Call) -> bool:
        """Whether ``known`` was made of the same packets as ``call`` with keys that came later."""
        kept, again = known.call.encrypted, call.encrypted
        return kept is not None and again is not None and kept.sha256 == again.sha256 and self._holds(known)

    def _holds(self, known: CatalogueCall) -> bool:
        here = [copy for copy in known.copies if copy.target == self._target_name]
        found = [self._target.stat(copy.name) for copy in here]
        return bool(here) and [copy.bytes for copy in here] == [blob.bytes if blob else -1 for blob in found]

    def _key(self, call_id: str, known: CatalogueCall | None) -> CallKey | None:
        """A call that is archived stays as it was archived: encrypted with its key, or in clear."""
        if self._keys is None:
            return None
        if known is not None:
            return self._keys.of_call(call_id)
        outdated = self._keys.outdated()
        if outdated:
            raise KeyUnusable(outdated)
        return self._keys.new(call_id)

    def _refused(self, item: _Ready, error: Exception) -> Outcome:
        if isinstance(error, CatalogueRefused) and item.archived is not None:
            self._forget(item.archived)
            return put_aside(item.folder, str(error), self._now())
        return Deferred(item.call.id, str(error))

    def _forget(self, archived: Archived) -> None:
        """Remove the blobs of a call that the catalogue refuses: nothing would ever name them."""
        if not archived.known:
            call = archived.call
            for name in (sidecar_name(call), key_name(call), *(kept.name for kept in archived.blobs)):
                self._target.delete(name)


def _finished(done: Sequence[tuple[_Ready, bool]]) -> list[Outcome]:
    """Remove the hand-offs of calls that are in the catalogue; with each goes whether it is new there."""
    removed = remove_all([item.folder for item, _ in done])
    return [_taken(item.call, new, error) for (item, new), error in zip(done, removed, strict=True)]


def _taken(call: Call, new: bool, error: OSError | None) -> Outcome:
    if error is not None:
        return _unremoved(call.id, error)
    recording = call.recording
    return Taken(call.id, recording.seconds if recording else 0.0, recording.bytes if recording else 0, new)


def _unremoved(name: str, error: OSError) -> Deferred:
    return Deferred(name, f"Archived, but its hand-off cannot be removed: {error}")


def _blobs(handoff: Handoff, key: bytes | None) -> Iterator[Blob]:
    call = handoff.call
    if handoff.audio is not None and call.recording is not None:
        yield Blob(call.recording.path, handoff.audio, key)
    if handoff.peaks is not None:
        yield Blob(peaks_name(call), handoff.peaks, key)
    if handoff.media is not None and call.encrypted is not None:
        yield Blob(call.encrypted.path, handoff.media, key)


def _ready(item: _Opened, results: Sequence[Kept | Failure]) -> _Ready | Deferred | DiskFull:
    promised = {blob.path: blob.sha256 for blob in (item.call.recording, item.call.encrypted) if blob}
    for kept in results:
        if isinstance(kept, DiskFull):
            return kept
        if not isinstance(kept, Kept):
            return Deferred(item.folder.name, str(kept))
        if promised.get(kept.name, kept.plain_sha256) != kept.plain_sha256:
            return Deferred(item.folder.name, f"{kept.name} changed while it was archived.")
    blobs = tuple(kept for kept in results if isinstance(kept, Kept))
    return _Ready(
        item.folder, item.call, Archived(item.call, item.document, blobs, item.key, known=item.known)
    )
