"""Snapshots read back: the newest one once a day, all of them in each period of ``[scrub]``.

Calls have rows that say what their copies hash to; what people decided comes back from nothing but these.
Where one is bad another one is taken at once, and the bad one goes as soon as a whole one lies there.
"""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from earwitness import encrypting
from earwitness.keeping.chores import Chore
from earwitness.keeping.means import Means
from earwitness.keeping.snapshots import Snapshots
from storage.catalogue import RunKind, RunState
from storage.catalogue.copy_checks import Condition
from storage.copies.schedule import Window
from storage.copies.snapshot import stem_of
from storage.copies.snapshot_check import SnapshotsRead, read_snapshots, remove_bad
from storage.encryption.keyring import KeyOpener
from storage.errors import KeyUnusable, TargetError
from storage.restore.snapshot import whole_snapshot
from storage.scrub.report import as_json
from storage.scrub.scrub import Bad
from storage.targets import Target

log = structlog.get_logger("jobs")
LOOK_SECONDS = 3600.0
DAY = timedelta(days=1)
Stop = Callable[[], bool]


@dataclass(slots=True)
class Checked:
    """What was found on one target: the ``bad`` blobs, and those of them in whose place there is a whole
    snapshot now. ``trouble`` says what stood in the way, for people; empty where nothing did."""

    blobs: int = 0
    bytes: int = 0
    bad: list[Bad] = field(default_factory=list)
    mended: list[Bad] = field(default_factory=list)
    trouble: str = ""


def chores(means: Means, reading: Callable[[str], Target]) -> Iterator[Chore]:
    """One for each target that gets snapshots; ``reading`` gives the target at the pace of scrubbing."""
    for name in means.elsewhere():
        check = SnapshotCheck(means, name, reading(name))
        yield Chore(f"read snapshots on {name}", LOOK_SECONDS, check.run, check.wanted, target=name)


class SnapshotCheck:
    """Reads the snapshots of one target back, from ``reading`` where that is given."""

    def __init__(self, means: Means, name: str, reading: Target | None = None) -> None:
        self._means = means
        self._name = name
        self._target = means.targets[name]
        self._reading = reading if reading is not None else self._target
        self._window = Window.parse(means.settings.scrub.window)
        self._snapshots = Snapshots(means, name)
        self._told: set[str] = set()
        self._lock = threading.Lock()
        self._whole, self._newest = f"snapshots read back on {name}", f"newest snapshot read back on {name}"

    def wanted(self) -> bool:
        """Whether it is time, the window of scrubbing open and the target there."""
        return (
            self._window.is_open(self._means.now())
            and self._snapshots.possible()
            and (self._is_due(self._whole, self._period) or self._is_due(self._newest, DAY))
        )

    def run(self) -> None:
        """Read back what is due; what was bad is a run on its own."""
        began, everything = self._means.now(), self._is_due(self._whole, self._period)
        done = self.check(everything=everything)
        if done.bad and {each.name for each in done.bad} != self._told:
            self._told = {each.name for each in done.bad}
            runs = self._means.catalogue.runs
            run = runs.begin(RunKind.SCRUB, self._name, began, done.blobs)
            runs.progress(run.id, self._means.now(), done.blobs, done.bytes)
            runs.end(run.id, RunState.DONE, self._means.now(), done.trouble, as_json(done.bad, done.mended))
        if not done.trouble and not self._means.stopping():
            self._told = set()
            for moment in [self._newest, self._whole] if everything else [self._newest]:
                self._means.catalogue.moments.note(moment, began)

    def check(self, *, everything: bool, mend: bool = True, stop: Stop | None = None) -> Checked:
        """Read back all of them or the newest, and ``mend`` what is bad. Never raises for the target."""
        if self._name not in self._means.elsewhere() or not self._snapshots.possible():
            return Checked()
        with self._lock:
            done = self._checked(everything=everything, mend=mend, stop=stop or self._means.stopping)
        text = f"{self._name} cannot be read back: {done.trouble}" if done.trouble else ""
        self._means.worries.say("snapshots", text, self._name)
        return done

    def _checked(self, *, everything: bool, mend: bool, stop: Stop) -> Checked:
        try:
            opener = KeyOpener(encrypting.masters(self._means.settings))
            found = read_snapshots(self._reading, opener, newest_only=not everything, stop=stop)
        except (TargetError, KeyUnusable) as error:
            return Checked(trouble=str(error))
        done = Checked(found.blobs, found.bytes, [self._bad(name) for name in found.bad])
        try:
            if found.bad and mend:
                done.trouble = self._mend(found, opener)
        except (TargetError, KeyUnusable) as error:
            done.trouble = str(error)
        done.mended = done.bad if mend and not done.trouble else []
        if found.closed and not done.trouble:
            done.trouble = (
                f"nothing here opens {found.closed[0]}. Name the master key of then under "
                "encryption.previous, or take this snapshot away."
            )
        return done

    def _mend(self, found: SnapshotsRead, opener: KeyOpener) -> str:
        """Take one in place of what is bad, and remove that; why it stays, empty where it is gone."""
        for name in found.bad:
            log.error("snapshot is damaged", target=self._name, name=name, alarm=True)
        if trouble := self._snapshots.run(by_hand=True):
            return trouble
        whole, _ = whole_snapshot(self._target, opener)
        if whole is None or whole.name in found.bad:
            return f"No whole snapshot lies on {self._name}. The damaged ones stay."
        remove_bad(self._target, found.bad)
        log.warning("damaged snapshot replaced", target=self._name, by=whole.name)
        return ""

    def _bad(self, name: str) -> Bad:
        return Bad(stem_of(name), self._name, name, Condition.DAMAGED)

    @property
    def _period(self) -> timedelta:
        return timedelta(days=self._means.settings.scrub.days)

    def _is_due(self, moment: str, period: timedelta) -> bool:
        at, now = self._means.catalogue.moments.get(moment), self._means.now()
        return at is None or not at <= now < at + period
