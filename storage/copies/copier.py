"""Copying in batches: up to 64 calls at once to one target, each a task of the backlog.

Several copiers may work at once, in this process and in others: tasks are claimed, and the same bytes under
the same names do no harm where a claim was lost. A target that is down costs no task its turn.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from storage.catalogue import Catalogue, CatalogueCall, Copy, CopyTask
from storage.catalogue.copy_claims import LEASE
from storage.catalogue.copy_task_rows import BY_HAND, LONGEST_DELAY
from storage.catalogue.copy_tasks import Made
from storage.clock import utc_now
from storage.copies.backlog import Backlog
from storage.copies.gate import Gate
from storage.copies.holdings import in_force, left_over
from storage.copies.placement import Placement
from storage.copies.probe import Look
from storage.copies.source import SourceFailed
from storage.copies.transfer import Moved, Transfer
from storage.copies.worker import is_gone, new_worker
from storage.errors import TargetError
from storage.targets.contract import Target

BATCH = 64
AT_ONCE = 8
_RENEW_SECONDS = LEASE.total_seconds() / 4
_GATHER_SECONDS = 0.1
"""Calls that are through within so long after another share its transaction."""
_FIRST_DELAY = timedelta(seconds=30)


@dataclass(slots=True)
class Batch:
    """What became of the tasks that were taken. ``failed`` has the reason by call id; ``damaged`` the copies
    elsewhere that turned out bad, in the condition in which they were found, by call id; ``trouble`` is how
    the target was where it was given up before the end."""

    taken: int = 0
    copied: list[str] = field(default_factory=list)
    bytes: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    damaged: dict[str, tuple[Copy, ...]] = field(default_factory=dict)
    trouble: Look | None = None


@dataclass(frozen=True, slots=True)
class _Work:
    task: CopyTask
    found: CatalogueCall
    blobs: tuple[Copy, ...]


_Result = tuple[_Work, Moved | Exception | None]


class Copier:
    """Copies what the backlog asks for. ``targets`` are all that there are, without any
    decryption: blobs are copied as they lie. ``home`` is the target where calls come in. Safe to use from
    several threads.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        targets: Mapping[str, Target],
        placement: Placement,
        home: str,
        now: Callable[[], datetime] = utc_now,
        at_once: int = AT_ONCE,
    ) -> None:
        self._catalogue = catalogue
        self._tasks = catalogue.copy_tasks
        self._claims = catalogue.copy_claims
        self._targets = targets
        self._placement = placement
        self._home = home
        self._backlog = Backlog(catalogue, placement, home)
        self._now = now
        self._at_once = at_once

    def batch(
        self,
        target: str,
        stop: Callable[[], bool] = lambda: False,
        limit: int = BATCH,
        *,
        by_hand: bool = False,
        noted: Callable[[Batch], None] = lambda _: None,
    ) -> Batch:
        """Copy at most ``limit`` calls that are due to ``target``; nothing taken means that nothing is due.

        With ``by_hand`` only those are taken that a person asked for. ``stop`` is asked before each call;
        what is not begun is anybody's again. ``noted`` is told how far the batch is. Raises
        ``CatalogueError``.
        """
        worker = new_worker()
        tasks = self._claims.claim(target, worker, self._now(), limit, by_hand=by_hand)
        batch = Batch(taken=len(tasks))
        if tasks:
            gate = Gate(self._targets[target], stop, keeps=target in self._placement.keyless)
            try:
                for results in self._carry_out(target, worker, self._sorted_out(target, tasks), gate):
                    self._note(target, results, gate, batch)
                    noted(batch)
            finally:
                self._claims.release(worker, target, [task.call_id for task in tasks])
            batch.trouble = gate.trouble
        return batch

    def free(self, target: str) -> int:
        """Let go the tasks of processes that are no more, which wait for a minute otherwise; how many.

        Walks the backlog of the target: once, before many batches.
        """
        return self._claims.free(target, is_gone)

    def _sorted_out(self, target: str, tasks: Sequence[CopyTask]) -> list[_Work]:
        """The tasks that are to be carried out; the others go, or wait for their time."""
        now = self._now()
        seen = self._catalogue.changes.position()
        placement = self._backlog.standing(now)
        found = {item.call.id: item for item in self._catalogue.calls.get_many([t.call_id for t in tasks])}
        work: list[_Work] = []
        done: list[CopyTask] = []
        for task in tasks:
            item = found.get(task.call_id)
            due = self._due(placement, task, item, now) if item is not None else None
            if item is None or due is None or self._is_held(target, item):
                done.append(task)
            elif due > now:
                self._tasks.postpone(task, due, now, seen=seen)
            else:
                work.append(_Work(task, item, self._backlog.lacking(target, item)))
        self._tasks.drop(done, seen=seen)
        return work

    def _due(
        self, placement: Placement, task: CopyTask, found: CatalogueCall, now: datetime
    ) -> datetime | None:
        if task.priority <= BY_HAND:
            return task.since
        return self._backlog.due(placement, task.target, found, now)

    def _is_held(self, target: str, found: CatalogueCall) -> bool:
        return bool(in_force(found, self._home)) and not self._backlog.lacking(target, found)

    def _carry_out(
        self, target: str, worker: str, work: Sequence[_Work], gate: Gate
    ) -> Iterator[list[_Result]]:
        """The results, as many at a time as there are: they share one transaction."""
        transfer = Transfer(self._targets, self._home, target, self._catalogue.keys.get)
        with ThreadPoolExecutor(self._at_once) as pool:
            running = {pool.submit(self._one, transfer, item, gate): item for item in work}
            renewed = time.monotonic()
            while running:
                wait(running, timeout=_RENEW_SECONDS, return_when=FIRST_COMPLETED)
                ended, _ = wait(running, timeout=_GATHER_SECONDS)
                yield [(running.pop(future), _outcome(future)) for future in ended]
                if time.monotonic() - renewed > _RENEW_SECONDS:
                    self._claims.renew(worker, self._now())
                    renewed = time.monotonic()

    def _one(self, transfer: Transfer, item: _Work, gate: Gate) -> Moved | None:
        if gate.closed:
            return None
        if not item.blobs:
            raise SourceFailed(
                "No archive target holds all of this call. Check the targets: earwitness scrub."
            )
        try:
            return transfer.move(item.found, item.blobs, self._now())
        except SourceFailed:
            raise
        except Exception as error:
            gate.doubt(error)
            raise

    def _note(self, target: str, results: Sequence[_Result], gate: Gate, batch: Batch) -> None:
        moved = [(item, result) for item, result in results if isinstance(result, Moved)]
        made = [Made(item.found.call.id, item.blobs, result.copies) for item, result in moved]
        agreed = self._tasks.done(target, made, self._now) if made else []
        for (item, result), agrees in zip(moved, agreed, strict=True):
            call_id = item.found.call.id
            if agrees:
                batch.copied.append(call_id)
                batch.bytes += result.sent
            if result.damaged:
                batch.damaged[call_id] = result.damaged
            self._tidy(target, item, agrees=agrees)
        failed = [(item, error) for item, error in results if isinstance(error, Exception)]
        for item, error in failed:
            if gate.trouble is None or isinstance(error, SourceFailed):
                self._failed(item.task, error, batch)
        self._tidy_gone(target, [item for item, _ in failed])

    def _failed(self, task: CopyTask, error: Exception, batch: Batch) -> None:
        reason = str(error) if isinstance(error, TargetError) else f"{type(error).__name__}: {error}"
        now = self._now()
        delay = min(_FIRST_DELAY * 2 ** min(task.attempts, 20), LONGEST_DELAY)
        self._tasks.failed(task, reason, now, now + delay)
        batch.failed[task.call_id] = reason

    def _tidy(self, target: str, item: _Work, *, agrees: bool) -> None:
        """Remove what the target holds of the call for nothing; what stays all the same is an orphan."""
        rest: Iterable[Copy] = left_over(item.found, target, item.blobs)
        if not agrees:
            found = self._catalogue.calls.get(item.found.call.id)
            wanted = set() if found is None else {copy.name for copy in self._known(target, found)}
            rest = [copy for copy in item.blobs if copy.name not in wanted]
        if target not in self._placement.keyless:
            with suppress(TargetError):
                for copy in rest:
                    self._targets[target].delete(copy.name)

    def _tidy_gone(self, target: str, items: Sequence[_Work]) -> None:
        """Calls that were deleted while they were copied may be gone from their targets by now."""
        ids = [item.found.call.id for item in items]
        there = {found.call.id for found in self._catalogue.calls.get_many(ids)}
        for item in items:
            if item.found.call.id not in there:
                self._tidy(target, item, agrees=False)

    def _known(self, target: str, found: CatalogueCall) -> Iterator[Copy]:
        """What the target holds of the call, and what it shall hold."""
        yield from (copy for copy in found.copies if copy.target == target)
        yield from in_force(found, self._home)


def _outcome(future: Future[Moved | None]) -> Moved | Exception | None:
    error = future.exception()
    if error is None:
        return future.result()
    if isinstance(error, Exception):
        return error
    raise error
