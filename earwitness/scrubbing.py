"""Scrubbing by hand: one target after the other, as runs that others can watch, then repair."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from earwitness.keeping import places
from earwitness.keeping.means import Means
from earwitness.keeping.snapshot_checks import SnapshotCheck
from earwitness.public_keys import own_keys
from earwitness.settings import Settings
from storage.catalogue import Catalogue, RunKind, RunState
from storage.clock import utc_now
from storage.errors import KeyUnusable, TargetError
from storage.scrub.reconcile import Reconciled, reconcile
from storage.scrub.repair import good_again, repair_some
from storage.scrub.report import as_json
from storage.scrub.scrub import Bad, Scrubbed, scrub_before
from storage.targets import Target

_PIECE = 500
Told = Callable[[str, int, int], None]
"""Told again and again: the target, copies read back, copies in all."""


@dataclass(slots=True)
class Outcome:
    """What was done. ``unreachable`` says by target what stood in the way."""

    copies: int = 0
    bytes: int = 0
    bad: list[Bad] = field(default_factory=list)
    repaired: list[Bad] = field(default_factory=list)
    hopeless: list[Bad] = field(default_factory=list)
    unreachable: dict[str, str] = field(default_factory=dict)
    compared: dict[str, Reconciled] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Found:
    """Bad copies that a run found; ``about`` is what its report says beside them."""

    run_id: str
    about: dict[str, Any]
    bad: list[Bad]


@dataclass(frozen=True, slots=True)
class Scrubbing:
    """``targets`` are all, raw. ``stop`` is asked again and again, and ``by`` is who works here."""

    settings: Settings
    catalogue: Catalogue
    targets: Mapping[str, Target]
    stop: Callable[[], bool]
    told: Told = lambda *_: None
    by: str = ""
    now: Callable[[], datetime] = utc_now
    outcome: Outcome = field(default_factory=Outcome)
    found: list[_Found] = field(default_factory=list)

    def compare(self, name: str) -> None:
        """Compare what the target holds with the catalogue, both ways."""
        target = self.targets[name]
        lasting = name in places.placement(self.settings).keyless or not target.capabilities.deletes
        try:
            self.outcome.compared[name] = reconcile(
                self.catalogue,
                name,
                target,
                now=self.now(),
                stop=self.stop,
                lasting=lasting,
                keys=own_keys(self.settings) if lasting else {},
            )
        except (TargetError, KeyUnusable) as error:
            self.outcome.unreachable[name] = str(error)

    def read(self, name: str, *, everything: bool, believe_empty: bool = False) -> None:
        """Read back what is due on the target, or everything; what was stopped before goes on."""
        runs, before = self.catalogue.runs, self._before(name, everything=everything)
        total, _ = self.catalogue.copy_checks.count(name, before)
        run = runs.begin(RunKind.SCRUB, name, self.now(), total, by=self.by)
        done = size = 0
        bad: list[Bad] = []
        some = Scrubbed(whole=False)
        while not (some.whole or some.unreachable or self.stop()):
            self.told(name, done, total)
            some = self._piece(name, before, believe_empty=believe_empty)
            done, size = done + some.copies, size + some.bytes
            bad.extend(some.bad)
            runs.progress(run.id, self.now(), done, size)
        self.told(name, done, total)
        state = RunState.FAILED if some.unreachable else RunState.DONE if some.whole else RunState.STOPPED
        self.outcome.bad.extend(bad)
        about = {"all": everything, "before": before.isoformat()}
        runs.end(run.id, state, self.now(), some.unreachable, about | as_json(bad))
        if bad:
            self.found.append(_Found(run.id, about, bad))
        self.outcome.copies += done
        self.outcome.bytes += size
        if some.unreachable:
            self.outcome.unreachable[name] = some.unreachable

    def snapshots(self, name: str, *, everything: bool, mend: bool) -> None:
        """Read the newest snapshot on the target back, or all of them there, and ``mend`` what is bad."""
        means = Means.of(self.settings, self.catalogue, self.targets, self.stop, self.now)
        began = self.now()
        found = SnapshotCheck(means, name).check(everything=everything, mend=mend)
        self.outcome.bad.extend(found.bad)
        self.outcome.repaired.extend(found.mended)
        trouble = found.trouble or (
            f"{found.bad[0].name} is damaged and stays." if not mend and found.bad else ""
        )
        if trouble:
            self.outcome.unreachable.setdefault(name, trouble)
        if found.bad:
            runs = self.catalogue.runs
            run = runs.begin(RunKind.SCRUB, name, began, found.blobs, by=self.by)
            runs.progress(run.id, self.now(), found.blobs, found.bytes)
            runs.end(run.id, RunState.DONE, self.now(), trouble, as_json(found.bad, found.mended))

    def repair(self) -> None:
        """Put bad copies anew, on all targets, out of all targets; the runs that found them say so then."""
        whole = False
        while not whole and not self.stop():
            done = repair_some(
                self.catalogue,
                self.targets,
                home=places.home(self.settings),
                now=self.now(),
                stop=self.stop,
            )
            self.outcome.repaired.extend(done.repaired)
            self.outcome.hopeless[:] = done.hopeless
            self.outcome.unreachable.update(done.failed)
            whole = done.whole or not done.repaired
        for found in self.found:
            became = as_json(found.bad, good_again(self.catalogue, found.bad))
            self.catalogue.runs.report(found.run_id, found.about | became)

    def _piece(self, name: str, before: datetime, *, believe_empty: bool) -> Scrubbed:
        return scrub_before(
            self.catalogue,
            name,
            self.targets[name],
            before=before,
            now=self.now(),
            limit=_PIECE,
            stop=self.stop,
            believe_empty=believe_empty,
        )

    def _before(self, name: str, *, everything: bool) -> datetime:
        """Copies that were read back since then are not again."""
        now = self.now()
        if not everything:
            return now - timedelta(days=self.settings.scrub.days)
        # What the installation found by itself stands among them.
        runs = self.catalogue.runs.page(kind=RunKind.SCRUB, target=name)
        last = next((run for run in runs if "all" in run.report), None)
        if last is not None and last.state is RunState.STOPPED and last.report["all"]:
            return datetime.fromisoformat(last.report["before"])
        return now
