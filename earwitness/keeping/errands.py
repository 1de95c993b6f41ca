"""Runs that people ask for on the page: taken up, carried out, ended with what became of them."""

import time
from collections.abc import Callable, Iterator
from functools import partial

import structlog

from earwitness.keeping.backup import Backups
from earwitness.keeping.chores import Chore
from earwitness.keeping.means import Means
from earwitness.keeping.progress import Progress
from earwitness.keeping.scrubbing import Scrubbing, repair
from earwitness.keeping.snapshots import Snapshots
from earwitness.public_keys import own_keys
from earwitness.verifying import as_json, summary
from storage.catalogue import CatalogueCall, Run, RunKind, RunState
from storage.scrub import report as bad_copies
from storage.scrub.repair import good_again
from storage.seals.beside import verify_beside
from storage.seals.verify import verify_calls, verify_chains

log = structlog.get_logger("jobs")
LOOK_SECONDS = 1.0
TOGETHER_SECONDS = 0.1

Work = Callable[[Means, Run], None]


def chores(means: Means) -> Iterator[Chore]:
    """One for each kind of run at each target, so that none waits for one of another kind, or at a target
    that hangs; and one for those at targets that are no more."""
    asked = Asked(means)
    for name in means.targets:
        for kind, work in WORKS.items():
            act = partial(carry_out, means, name, kind, work)
            wanted = partial(asked.any, name, kind)
            yield Chore(f"asked {kind} on {name}", LOOK_SECONDS, act, wanted, target=name)
    yield Chore("asked in vain", LOOK_SECONDS, partial(refuse, means), asked.any_in_vain)


class Asked:
    """What people asked for, read once for all chores that are looked at together: many at many targets."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._runs: list[Run] = []
        self._read_at = float("-inf")

    def any(self, target: str, kind: RunKind) -> bool:
        """Whether a run of the kind waits at the target."""
        return any((run.target, run.kind) == (target, kind) for run in self._all())

    def any_in_vain(self) -> bool:
        """Whether one waits at a target that the settings do not name."""
        return any(run.kind in WORKS and run.target not in self._means.targets for run in self._all())

    def _all(self) -> list[Run]:
        now = time.monotonic()
        if now - self._read_at > TOGETHER_SECONDS:
            self._runs, self._read_at = list(self._means.catalogue.runs.asked()), now
        return self._runs


def _in_vain(means: Means) -> list[Run]:
    return [run for run in means.catalogue.runs.asked() if run.target not in means.targets]


def refuse(means: Means) -> None:
    """End the runs at targets that the settings do not name."""
    runs = means.catalogue.runs
    for run in _in_vain(means):
        if run.kind in WORKS and runs.take(run.id, means.now()):
            text = f"The settings name no target {run.target}."
            runs.end(run.id, RunState.FAILED, means.now(), text)


def carry_out(means: Means, target: str, kind: RunKind, work: Work) -> None:
    """Do the runs of the kind at the target that wait, one after the other."""
    runs = means.catalogue.runs
    for run in runs.asked(kind):
        if run.target != target or means.stopping() or not runs.take(run.id, means.now()):
            continue
        log.info("run begins", kind=kind, target=run.target, by=run.asked_by)
        try:
            work(means, run)
        except Exception as error:
            runs.end(run.id, RunState.FAILED, means.now(), str(error))
            raise


def _back_up(means: Means, run: Run) -> None:
    progress = Progress(means.catalogue, run, means.stopping, means.now)
    backups = Backups(
        means.catalogue,
        dict(means.targets),
        means.placement,
        means.home,
        progress.wait,
        means.now,
        means.settings,
    )
    backups.make(backups.prepare(run.target, None), None, lambda _: None, run)


def _scrub(means: Means, run: Run) -> None:
    progress = Progress(means.catalogue, run, means.stopping, means.now)
    scrubbing = Scrubbing(means, run.target)
    hindrance, bad = scrubbing.all(progress)
    if bad:
        repair(means, run.target)
    progress.write()
    state = RunState.FAILED if hindrance else RunState.STOPPED if progress.stopping() else RunState.DONE
    # The chore that repairs was there before for most of them, where the target is large.
    report = bad_copies.as_json(bad, [*good_again(means.catalogue, bad), *scrubbing.mended])
    means.catalogue.runs.end(run.id, state, means.now(), hindrance, report)


def _snapshot(means: Means, run: Run) -> None:
    if run.target in means.elsewhere() and not means.lasting(run.target):
        Snapshots(means, run.target).run(run.id)
        return
    text = (
        f"{run.target} gets no snapshots: those lie on targets with the role copy or primary that can delete."
    )
    means.catalogue.runs.end(run.id, RunState.FAILED, means.now(), text)


def _verify(means: Means, run: Run) -> None:
    progress = Progress(means.catalogue, run, means.stopping, means.now)
    total = means.catalogue.copy_checks.calls(run.target)
    means.catalogue.runs.progress(run.id, means.now(), 0, total=total)
    report = verify_calls(
        _held_by(means, progress),
        means.catalogue,
        {run.target: means.targets[run.target]},
        own_keys(means.settings),
        lambda _: progress.add(1, 0),
    )
    progress.write()
    if not progress.stopping():
        name, home = run.target, run.target == means.home
        keys = own_keys(means.settings)
        verify_beside(report, means.catalogue, name, means.targets[name], keys, means.now(), home=home)
    report.chains = verify_chains(means.catalogue)
    state = RunState.STOPPED if progress.stopping() else RunState.DONE
    means.catalogue.runs.end(run.id, state, means.now(), summary(report), as_json(report))


def _held_by(means: Means, progress: Progress) -> Iterator[CatalogueCall]:
    """The calls that the target of the run holds, until the run is to end."""
    for found in means.catalogue.calls.iterate():
        if progress.stopping():
            return
        if any(copy.target == progress.run.target for copy in found.copies):
            yield found


WORKS: dict[RunKind, Work] = {
    RunKind.BACKUP: _back_up,
    RunKind.SCRUB: _scrub,
    RunKind.SNAPSHOT: _snapshot,
    RunKind.VERIFY: _verify,
}
