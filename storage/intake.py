"""From the hand-off folder into the archive and the catalogue, exactly once.

Order: audio, peaks and kept packets to the target, each read back; then the sealed sidecar, read back; then
the catalogue row with its seal; then the hand-off goes. Each step may be done again, so intake may be killed
anywhere and started again. What is in the catalogue is in the archive, always; what is in the archive alone
still lies in the hand-off folder.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from storage.archive_names import key_name, sidecar_name
from storage.carrying import Carried, Damaged, Hands, Parcel, Result, helping_hands, own_hands
from storage.catalogue import Catalogue, CatalogueCall
from storage.clock import utc_now
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
from storage.handoff import is_call_id, open_handoff, parsed, pending
from storage.lock import DataFolderLock
from storage.model import Call
from storage.outcomes import Deferred, Outcome, Rejected, Taken
from storage.rejection import put_aside
from storage.seals.sealing import Sealer
from storage.spent import sweep
from storage.targets import LocalTarget
from storage.targets.contract import Target

_BATCH = 256
"""Calls that share the waiting for the disk."""
_MANY = 4 * _BATCH
"""So many calls are worth more processes: each starts as long as it takes to archive some hundred."""


@dataclass(frozen=True, slots=True)
class _Due:
    """To be put into the archive, encrypted where there is a key. ``known`` is as in ``Archived``."""

    folder: Path
    key: CallKey | None
    known: bool


@dataclass(frozen=True, slots=True)
class _Ready:
    """In the archive and read back; ``archived`` is None where all of it was there before."""

    folder: Path
    call: Call
    archived: Archived | None


_Seen = _Ready | Rejected | Deferred | DiskFull


@dataclass(slots=True)
class _Written:
    """What became of a batch; ``done`` are in the catalogue, with whether they are new there."""

    outcomes: list[Outcome] = field(default_factory=list)
    done: list[tuple[_Ready, bool]] = field(default_factory=list)


class Intake:
    """Takes calls from ``handoff`` to ``target``, which the catalogue calls ``target_name``.

    One process at a time: hold a ``DataFolderLock``. With ``lock`` this is the one that is held, and where
    many calls wait for a folder of this machine, processes that share it help. Without ``keys``, calls are
    not encrypted.
    """

    def __init__(
        self,
        handoff: Path,
        target: Target,
        catalogue: Catalogue,
        target_name: str,
        sealer: Sealer,
        keys: CatalogueKeyring | None = None,
        now: Callable[[], datetime] = utc_now,
        lock: DataFolderLock | None = None,
    ) -> None:
        self._lock = lock
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
        outcomes = self._in_turn([[call_id]], own_hands(self._target))
        return all(isinstance(outcome, Taken) for outcome in outcomes)

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
        with self._hands(len(names)) as hands:
            yield from self._in_turn([names[at : at + _BATCH] for at in range(0, len(names), _BATCH)], hands)

    def _hands(self, calls: int) -> AbstractContextManager[Hands]:
        if self._lock is None or calls < _MANY or not isinstance(self._target, LocalTarget):
            return nullcontext(own_hands(self._target))
        return helping_hands(self._target, self._lock)

    def _in_turn(self, batches: Sequence[Sequence[str]], hands: Hands) -> Iterator[Outcome]:
        """While a batch comes into the catalogue, the next are archived and the last is removed."""
        stopped: StorageError | None = None
        ahead = hands.carriers
        with ThreadPoolExecutor(ahead + 1) as beside:
            seeing = deque(beside.submit(self._archive, names, hands) for names in batches[:ahead])
            removing: deque[Future[list[Outcome]]] = deque()
            for number in range(ahead, len(batches) + ahead):
                written = _Written()
                try:
                    seen = seeing.popleft().result()
                    seeing.extend(
                        beside.submit(self._archive, names, hands) for names in batches[number : number + 1]
                    )
                    self._enter(seen, written)
                except (DiskFull, CatalogueError) as error:
                    stopped = error
                while removing:
                    yield from removing.popleft().result()
                yield from written.outcomes
                removing.append(beside.submit(_finished, written.done, hands))
                if stopped is not None:
                    break
            while removing:
                yield from removing.popleft().result()
            while seeing:
                # Of those that do not come into the catalogue now, some were put aside.
                with suppress(CatalogueError):
                    yield from (one for one in seeing.popleft().result() if isinstance(one, Rejected))
        if stopped is not None:
            raise stopped

    def _archive(self, names: Sequence[str], hands: Hands) -> list[_Seen]:
        """Put these hand-offs on the target, or aside: together, so that the disk syncs for many at once."""
        ids = [name for name in names if is_call_id(name)]
        removing = self._catalogue.removals.pending(ids)
        known = {found.call.id: found for found in self._catalogue.calls.get_many(ids)}
        planned = [
            Deferred(name, str(BeingRemoved(name)))
            if name in removing
            else self._planned(self._handoff / name, known.get(name))
            for name in names
        ]
        due = [item for item in planned if isinstance(item, _Due)]
        carried = iter(
            hands.carry([Parcel(item.folder, item.key.data if item.key else None) for item in due])
        )
        return [self._seen(item, next(carried)) if isinstance(item, _Due) else item for item in planned]

    def _planned(self, folder: Path, known: CatalogueCall | None) -> _Due | _Seen:
        try:
            if known is not None:
                call = open_handoff(folder).call
                if known.call != call and not self._was_opened(known, call):
                    raise DamagedHandoff("A different recording of this call is in the archive already.")
                if self._holds(known):
                    return _Ready(folder, call, None)
            return _Due(folder, self._key(folder.name, known), known=known is not None)
        except DamagedHandoff as error:
            return put_aside(folder, str(error), self._now())
        except (TargetError, KeyUnusable, OSError) as error:
            return Deferred(folder.name, str(error))
        except DiskFull as error:
            return error

    def _seen(self, item: _Due, result: Result) -> _Seen:
        if isinstance(result, Damaged):
            return put_aside(item.folder, result.reason, self._now())
        if not isinstance(result, Carried):
            return result
        call = parsed(result.document)
        return _Ready(
            item.folder, call, Archived(call, result.document, result.blobs, item.key, known=item.known)
        )

    def _enter(self, seen: Sequence[_Seen], written: _Written) -> None:
        """Write the rows of these calls in one transaction. Raises ``DiskFull``, the others ``written``."""
        full = [outcome for outcome in seen if isinstance(outcome, DiskFull)]
        written.outcomes += [outcome for outcome in seen if isinstance(outcome, Rejected | Deferred)]
        ready = [outcome for outcome in seen if isinstance(outcome, _Ready)]
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


def _finished(done: Sequence[tuple[_Ready, bool]], hands: Hands) -> list[Outcome]:
    """Remove the hand-offs of calls that are in the catalogue; with each goes whether it is new there."""
    removed = hands.remove([item.folder for item, _ in done])
    return [_taken(item.call, new, error) for (item, new), error in zip(done, removed, strict=True)]


def _taken(call: Call, new: bool, error: OSError | None) -> Outcome:
    if error is not None:
        return _unremoved(call.id, error)
    recording = call.recording
    return Taken(call.id, recording.seconds if recording else 0.0, recording.bytes if recording else 0, new)


def _unremoved(name: str, error: OSError) -> Deferred:
    return Deferred(name, f"Archived, but its hand-off cannot be removed: {error}")
