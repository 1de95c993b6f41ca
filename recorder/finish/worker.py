"""The finishing worker: follows the spool, encodes calls while they run, hands them off when they end."""

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path

from recorder.finish import kept
from recorder.finish.clocktime import on_clock
from recorder.finish.complete import complete
from recorder.finish.deaths import AT_WORK, COUNTS, Deaths
from recorder.finish.finisher import Finished
from recorder.finish.handoff import publish
from recorder.finish.job import Job
from recorder.finish.policy import ArchivePolicy
from recorder.spool.callfile import CallFile, Journal
from recorder.spool.openfiles import allowed
from storage.model import Call, Encrypted

ENOUGH = 384 << 10
"""Spooled bytes, about sixteen seconds of a call, that make it worth while to go on encoding it.

Each go has a price of its own; what is left at the end of a call takes less than a tenth of a second.
"""
REST = 40
"""Polls for which a call is left alone after the disk refused it."""
LONGEST_REST = 10
"""A call at which the worker died again rests twice as long each time, up to two to the power of this."""


@dataclass(frozen=True, slots=True)
class WorkerOptions:
    """``share`` is (index, workers): a call stays with one worker, whichever its id falls to.
    ``keep_encrypted`` says whether packets that could not be opened are handed off (see ``kept.py``)."""

    policy: ArchivePolicy = field(default_factory=ArchivePolicy)
    share: tuple[int, int] = (0, 1)
    keep_encrypted: bool = True


@dataclass(slots=True)
class FinishWorker:
    """Works on the calls of one spool that are its share. ``poll`` does what there is to do, and returns.

    ``done`` is told each call that was handed off; ``failed`` each that cannot be made, and why, whose files
    stay in the spool's ``damaged`` folder; ``troubled`` each that has to wait, and for what.
    """

    spool: Path
    handoff: Path
    options: WorkerOptions = field(default_factory=WorkerOptions)
    done: Callable[[Call], None] = lambda _: None
    failed: Callable[[str, str], None] = lambda _call, _why: None
    troubled: Callable[[str, str], None] = lambda _call, _why: None
    _jobs: dict[str, Job] = field(default_factory=dict)
    _resting: dict[str, int] = field(default_factory=dict)
    _trouble: dict[str, str] = field(default_factory=dict)
    _journal: Journal = field(init=False)
    _folder: Path = field(init=False)
    _deaths: Deaths = field(init=False)

    def __post_init__(self) -> None:
        self._journal = Journal(self.spool)
        index, _ = self.options.share
        self._folder = self.spool / f"finishing-{index}"
        self._folder.mkdir(parents=True, exist_ok=True)
        for litter in self._folder.iterdir():
            if litter.name not in (AT_WORK, COUNTS):
                litter.unlink()
        calls = self._journal.stamps()
        self._deaths = Deaths(self._folder, calls)
        for call in calls:
            # Once may have had another reason.
            if (count := self._deaths.at(call)) > 1:
                why = f"the finishing worker died {count} times while it was at call {call}"
                self._let_rest(call, REST << min(count, LONGEST_REST), why)

    @property
    def waiting(self) -> Mapping[str, str]:
        """Calls that could be finished and have to wait, and why."""
        return self._trouble

    def poll(self, is_asked: Callable[[], bool] = lambda: False) -> int:
        """Encode what running calls have gathered, hand off those that ended; answer how many.

        ``is_asked`` tells before each call whether to leave the rest for the next time.
        """
        stamps = {call: stamp for call, stamp in self._journal.stamps().items() if self._mine(call)}
        for gone in self._jobs.keys() - stamps.keys():
            self._jobs.pop(gone).abort()
        for gone in self._trouble.keys() - stamps.keys():
            del self._trouble[gone]
        calls = takewhile(lambda _: not is_asked(), sorted(stamps, key=self._deaths.at))
        return sum(self._attend(call, stamps[call]) for call in calls)

    def close(self) -> None:
        """Stop; running calls are begun again by the next worker."""
        for job in self._jobs.values():
            job.abort()
        self._jobs.clear()

    def _mine(self, call: str) -> bool:
        index, workers = self.options.share
        return workers == 1 or zlib.crc32(call.encode()) % workers == index

    def _attend(self, call: str, stamp: tuple[int, int]) -> bool:
        if self._resting.get(call, 0) > 0:
            self._resting[call] -= 1
            return False
        try:
            job = self._job(call, stamp)
            if job is None:
                return False
            if job.file.ended:
                with self._deaths.noted(call):
                    return self._hand_off(job)
            if job.waiting() > ENOUGH and self._is_room(job):
                with self._deaths.noted(call):
                    job.advance()
        except OSError as error:
            self._try_later(call, f"{error}; free some space or mend the disk, the call is kept in the spool")
        except Exception as error:  # noqa: BLE001 - one call that cannot be made must not stop the others
            self._give_up(call, f"{type(error).__name__}: {error}")
        return False

    def _is_room(self, job: Job) -> bool:
        """Whether one more recording may be open while its call runs; others are made when they end."""
        return job.is_begun or sum(one.is_begun for one in self._jobs.values()) < allowed()

    def _job(self, call: str, stamp: tuple[int, int]) -> Job | None:
        job = self._jobs.get(call)
        if job is not None and job.stamp == stamp:
            return job
        # The file may have changed since all were looked at.
        stamp = self._journal.stamp(call) or stamp
        file = self._journal.read(call)
        if file is None:
            return None
        if job is None:
            job = Job(self._journal, self._folder, self.options.policy, file, stamp)
            self._jobs[call] = job
        job.update(file, stamp)
        return job

    def _hand_off(self, job: Job) -> bool:
        finished = job.close()
        if self._journal.stamp(job.file.id) != job.stamp:
            # Its packets may have gone meanwhile as well: a capture file that is read again begins anew.
            self._abort(job.file.id)
            return False
        call = complete(job.file.call, job.file.plan, finished)
        media = self._keep(job, finished)
        if media is not None:
            call = call.model_copy(update={"encrypted": media[1]})
        publish(
            self.handoff,
            call := on_clock(call, job.file.shift),
            finished.path if finished else None,
            finished.peaks if finished and finished.path else None,
            media[0] if media else None,
        )
        self._forget(job.file)
        self.done(call)
        return True

    def _keep(self, job: Job, finished: Finished | None) -> tuple[Path, Encrypted] | None:
        """The packets of a call of which something stayed closed, in a file, and what is said of them."""
        sides = kept.closed_sides(finished)
        if not sides or not self.options.keep_encrypted:
            return None
        path = self._folder / f"{job.file.id}.{kept.FILE}"
        legs = [self._journal.leg_path(leg) for leg in job.file.files]
        return path, kept.keep(job.file, legs, sides, path)

    def _forget(self, file: CallFile) -> None:
        self._jobs.pop(file.id, None)
        self._resting.pop(file.id, None)
        self._trouble.pop(file.id, None)
        self._journal.remove(file.id, (*file.files, *(leg.id for leg in file.legs)))
        for left in (self.options.policy.suffix, kept.FILE):
            (self._folder / f"{file.id}.{left}").unlink(missing_ok=True)

    def _try_later(self, call: str, why: str) -> None:
        self._abort(call)
        self._let_rest(call, REST, why)

    def _let_rest(self, call: str, polls: int, why: str) -> None:
        self._resting[call] = polls
        self._trouble[call] = why
        self.troubled(call, why)

    def _abort(self, call: str) -> Job | None:
        job = self._jobs.pop(call, None)
        if job is not None:
            job.abort()
        return job

    def _give_up(self, call: str, why: str) -> None:
        job = self._abort(call)
        self._trouble.pop(call, None)
        self._journal.set_aside(call, job.file.files if job else ())
        self.failed(call, why)
