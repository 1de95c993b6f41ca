"""Everything that happens to a call, in one process: tap → engine → spool → finish → archive → index.

For capture files, which come as fast as they are read, and for the history of the demo. ``serve`` does the
same in several processes.
"""

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path

from earwitness import cataloguing, recording
from earwitness.archiving import ROLE, Archiving
from earwitness.settings import Settings
from recorder.batch import Batch
from recorder.capture import Capture
from recorder.errors import SpoolError
from recorder.finish.worker import FinishWorker
from storage import outcomes
from storage.lock import DataFolderLock
from storage.model import Call
from storage.outcomes import Deferred, Rejected, Taken
from storage.retention.erased import gone_among

FLUSH = 5 * recording.SECOND
"""Nothing is lost with a killed replay that its file does not still hold, so flushes may be rare."""
AT_ONCE = 16
"""Ended calls that are worth a round of finishing."""
SPOOL = ".replay-"


@dataclass(frozen=True, slots=True)
class Refused:
    """A call that was not recorded or not archived, and why."""

    call_id: str
    reason: str


class Replay:
    """Records what batches hold. Without ``archiving``, calls stay in the hand-off folder.

    One replay at a time on a data folder: hold the lock that ``Archiving`` holds. ``capture.counters`` tells
    what was seen.
    """

    def __init__(self, settings: Settings, archiving: Archiving | None) -> None:
        for left in settings.folders.spool.glob(f"{SPOOL}*"):
            shutil.rmtree(left)
        self._spool = Path(tempfile.mkdtemp(prefix=SPOOL, dir=settings.folders.spool))
        self._archiving = archiving
        self._archive = settings.archive_folder
        self._ended = 0
        self._done: list[Call] = []
        self._failed: list[Refused] = []
        self.capture = Capture(
            self._spool,
            replace(recording.capture_options(settings), flush=FLUSH),
            alarm=_raise,
            on_end=self._count,
        )
        self._worker = FinishWorker(
            self._spool,
            settings.folders.handoff,
            replace(recording.worker_options(settings), share=(0, 1)),
            done=self._done.append,
            failed=lambda call_id, why: self._failed.append(Refused(call_id, why)),
            troubled=lambda _, why: _raise(why),
        )

    def run(self, batches: Iterable[Batch]) -> Iterator[Call | Refused]:
        """Every call as soon as it is archived. Raises ``SpoolError`` or ``DiskFull`` for want of room."""
        for batch in batches:
            self.capture.feed(batch)
            if self._ended >= AT_ONCE:
                yield from self._finish()
        self.capture.finish()
        yield from self._finish()

    def close(self) -> None:
        """Remove the spool: what it holds is in the file that was replayed."""
        self._worker.close()
        shutil.rmtree(self._spool)

    def _count(self, _call_id: str) -> None:
        self._ended += 1

    def _finish(self) -> Iterator[Call | Refused]:
        self._ended = 0
        self._worker.poll()
        done = {call.id: call for call in self._done}
        yield from self._failed
        self._done.clear()
        self._failed.clear()
        if self._archiving is None:
            yield from done.values()
            return
        for outcome in self._archiving.take():
            if not isinstance(outcome, Taken):
                yield Refused(outcome.call_id, self._why(self._archiving, outcome))
            elif outcome.call_id in done:
                found = self._archiving.catalogue.calls.get(outcome.call_id)
                yield found.call if found else done[outcome.call_id]
        self._archiving.index()

    def _why(self, archiving: Archiving, outcome: Rejected | Deferred | outcomes.Refused) -> str:
        """What stood in the way, where both recordings lie, and what to do."""
        if not isinstance(outcome, Rejected):
            return outcome.reason
        known = archiving.catalogue.calls.get(outcome.call_id)
        if known is None:
            return f"{outcome.reason} What was recorded lies in {outcome.folder}."
        recording = known.call.recording
        kept = self._archive / (recording.path if recording else known.copies[0].name)
        return (
            f"{outcome.reason} It stays: {kept}. That of this replay lies in {outcome.folder}: remove the "
            "folder if it is not needed, or replay with another --data to archive it too."
        )


def replay(
    settings: Settings,
    batches: Iterable[Batch],
    archive: bool = True,
    rejected: Counter[str] | None = None,
) -> Iterator[Call | Refused]:
    """Record what the batches hold on the data folder of the settings, and archive it unless told not to.

    At the end ``rejected`` holds what was left out, by reason.
    """
    settings.folders.make()
    with ExitStack() as stack:
        archiving = None
        if archive:
            archiving = stack.enter_context(Archiving(settings))
        else:
            stack.enter_context(DataFolderLock(settings.data, ROLE))
        run = stack.enter_context(closing(Replay(settings, archiving)))
        yield from run.run(batches)
        if rejected is not None:
            rejected.update(run.capture.counters.rejected)


def deleted_by_rules(settings: Settings, call_ids: Sequence[str]) -> int:
    """How many of these calls, which are archived, a rule had deleted before."""
    with closing(cataloguing.catalogue(settings)) as catalogue:
        return sum(not gone.erased for gone in gone_among(catalogue, call_ids).values())


def _raise(trouble: str) -> None:
    if trouble:
        raise SpoolError(trouble)
