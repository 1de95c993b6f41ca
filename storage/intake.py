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
from storage.carrying import Hands, helping_hands, own_hands
from storage.catalogue import Catalogue
from storage.clock import utc_now
from storage.encryption.keyring import CatalogueKeyring
from storage.entry import Archived, Entry
from storage.errors import CatalogueError, CatalogueRefused, DiskFull, StorageError, TargetError
from storage.handoff import pending
from storage.lock import DataFolderLock
from storage.model import Call
from storage.outcomes import Deferred, Outcome, Refused, Rejected, Taken
from storage.passage import Passage, never
from storage.reception import Ready, Reception, Seen
from storage.rejection import put_aside
from storage.seals.sealing import Sealer
from storage.spent import sweep
from storage.targets import LocalTarget
from storage.targets.contract import Target

_BATCH = 256
"""Calls that share the waiting for the disk."""
_FAR_BATCH = 32
"""The same where there is a network between: so many are done again after a kill, and wait for each other."""
_MANY = 4 * _BATCH
"""So many calls are worth more processes: each starts as long as it takes to archive some hundred."""


@dataclass(slots=True)
class _Written:
    """What became of a batch; ``done`` are in the catalogue, with whether they are new there."""

    outcomes: list[Outcome] = field(default_factory=list)
    done: list[tuple[Ready, bool]] = field(default_factory=list)


class Intake:
    """Takes calls from ``handoff`` to ``target``, which the catalogue calls ``target_name``.

    One process at a time: hold a ``DataFolderLock``. With ``lock`` this is the one that is held, and where
    many calls wait for a folder of this machine, processes that share it help. Without ``keys``, calls are
    not encrypted. ``lasting``: the medium of the target cannot delete, so that no key of a call goes there.
    """

    def __init__(  # noqa: PLR0913 - what it works with, each of it once
        self,
        handoff: Path,
        target: Target,
        catalogue: Catalogue,
        target_name: str,
        sealer: Sealer,
        keys: CatalogueKeyring | None = None,
        now: Callable[[], datetime] = utc_now,
        lock: DataFolderLock | None = None,
        *,
        lasting: bool = False,
    ) -> None:
        self._lock = lock
        self._handoff = handoff
        self._target = target
        self._now = now
        self._passage = Passage(target, keeps=lasting)
        self._reception = Reception(handoff, self._passage, catalogue, target_name, keys, now)
        self._entry = Entry(self._passage.to_enter, catalogue, target_name, sealer, now, keyless=lasting)
        self.blocked = ""
        """Why the last run was given up, so that the next is not worth its while at once; empty where it was
        not. A call that cannot be taken for itself blocks nothing."""

    def pending(self) -> list[str]:
        """The names of the hand-offs that wait, oldest first."""
        return pending(self._handoff)

    def take(self, call_id: str) -> bool:
        """Take one call; whether it is archived now. Raises ``DiskFull``, the hand-off being untouched."""
        outcomes = self._pass([[call_id]], own_hands(self._passage.to_carry))
        return all(isinstance(outcome, Taken) for outcome in outcomes)

    def run_once(self) -> int:
        """Take what waits; return how many calls came into the catalogue. Raises as ``run``."""
        return sum(isinstance(outcome, Taken) and outcome.new for outcome in self.run())

    def run(self, stop: Callable[[], bool] = never) -> Iterator[Outcome]:
        """Take what waits, and say of each call what became of it.

        ``stop`` is asked between batches, and between blobs on their way to another machine; of what was not
        begun then, nothing is said.
        A call that cannot be taken never stands in the way of another. Where the target does not answer, all
        that is left is deferred without another try. Where a disk is full, ``DiskFull`` is raised, and
        ``CatalogueError`` where the catalogue cannot be read; the hand-offs that are left stay untouched for
        the next run.
        """
        yield from (_unremoved(folder.name, error) for folder, error in sweep(self._handoff))
        names = self.pending()
        size = min(_BATCH, _FAR_BATCH) if self._passage.is_far else _BATCH
        with self._hands(len(names)) as hands:
            yield from self._pass([names[at : at + size] for at in range(0, len(names), size)], hands, stop)

    def _hands(self, calls: int) -> AbstractContextManager[Hands]:
        if self._lock is None or calls < _MANY or not isinstance(self._target, LocalTarget):
            return nullcontext(own_hands(self._passage.to_carry))
        return helping_hands(self._target, self._lock)

    def _pass(
        self, batches: Sequence[Sequence[str]], hands: Hands, stop: Callable[[], bool] = never
    ) -> Iterator[Outcome]:
        self.blocked = ""
        if batches:
            self._passage.open(stop)
        try:
            yield from self._in_turn(deque(batches), hands, stop)
        except DiskFull as error:
            self.blocked = str(error)
            raise
        self.blocked = self._passage.reason

    def _in_turn(
        self, waiting: deque[Sequence[str]], hands: Hands, stop: Callable[[], bool]
    ) -> Iterator[Outcome]:
        """While a batch comes into the catalogue, the next are archived and the last is removed."""
        stopped: StorageError | None = None
        with ThreadPoolExecutor(hands.carriers + 1) as beside:
            seeing: deque[Future[list[Seen]]] = deque()
            removing: deque[Future[list[Outcome]]] = deque()

            def begin(batches: int) -> None:
                for _ in range(batches):
                    if waiting and not stop():
                        seeing.append(beside.submit(self._reception.receive, waiting.popleft(), hands))

            begin(hands.carriers)
            while seeing and stopped is None:
                written = _Written()
                try:
                    seen = seeing.popleft().result()
                    begin(1)
                    self._enter(seen, written)
                except (DiskFull, CatalogueError) as error:
                    stopped = error
                while removing:
                    yield from removing.popleft().result()
                yield from written.outcomes
                removing.append(beside.submit(_finished, written.done, hands))
            while removing:
                yield from removing.popleft().result()
            while seeing:
                # Of those that do not come into the catalogue now, some were put aside.
                with suppress(CatalogueError):
                    yield from (
                        one for one in seeing.popleft().result() if isinstance(one, Rejected | Refused)
                    )
        if stopped is not None:
            raise stopped

    def _enter(self, seen: Sequence[Seen], written: _Written) -> None:
        """Write the rows of these calls in one transaction. Raises ``DiskFull``, the others ``written``."""
        full = [outcome for outcome in seen if isinstance(outcome, DiskFull)]
        written.outcomes += [
            outcome for outcome in seen if isinstance(outcome, Rejected | Refused | Deferred)
        ]
        ready = [outcome for outcome in seen if isinstance(outcome, Ready)]
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

    def _refused(self, item: Ready, error: Exception) -> Outcome:
        if not isinstance(error, CatalogueRefused) or item.archived is None:
            return Deferred(item.call.id, str(error))
        try:
            self._forget(item.archived)
        except TargetError as again:
            return Deferred(item.call.id, f"{error} {again}")
        return put_aside(item.folder, str(error), self._now())

    def _forget(self, archived: Archived) -> None:
        """Remove the blobs of a call that the catalogue refuses: nothing would ever name them."""
        if not archived.known:
            call = archived.call
            for name in (sidecar_name(call), key_name(call), *(kept.name for kept in archived.blobs)):
                self._passage.to_enter.delete(name)


def _finished(done: Sequence[tuple[Ready, bool]], hands: Hands) -> list[Outcome]:
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
