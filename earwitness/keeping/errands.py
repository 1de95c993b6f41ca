"""Runs that people ask for on the page: taken up, carried out, ended with what became of them."""

from collections.abc import Callable, Iterator
from functools import partial

import structlog

from earwitness.keeping.backup import Backups
from earwitness.keeping.chores import Chore
from earwitness.keeping.means import Means
from earwitness.keeping.progress import Progress
from earwitness.keeping.scrubbing import Scrubbing, repair
from earwitness.keeping.snapshots import Snapshots
from storage.catalogue import Run, RunKind, RunState

log = structlog.get_logger("jobs")
LOOK_SECONDS = 1.0

Work = Callable[[Means, Run], None]


def chores(means: Means) -> Iterator[Chore]:
    """One for each kind of run, so that none waits for one of another kind."""
    for kind, work in WORKS.items():
        yield Chore(
            f"asked {kind}", LOOK_SECONDS, partial(carry_out, means, kind, work), partial(_any, means, kind)
        )


def _any(means: Means, kind: RunKind) -> bool:
    return bool(means.catalogue.runs.asked(kind))


def carry_out(means: Means, kind: RunKind, work: Work) -> None:
    """Do the runs of the kind that wait, one after the other."""
    runs = means.catalogue.runs
    for run in runs.asked(kind):
        if means.stopping() or not runs.take(run.id, means.now()):
            continue
        log.info("run begins", kind=kind, target=run.target, by=run.asked_by)
        try:
            if run.target not in means.targets:
                raise LookupError(f"The settings name no target {run.target!r}.")
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
    )
    backups.make(backups.prepare(run.target, None), None, lambda _: None, run)


def _scrub(means: Means, run: Run) -> None:
    progress = Progress(means.catalogue, run, means.stopping, means.now)
    hindrance, bad = Scrubbing(means, run.target).all(progress)
    if bad:
        repair(means)
    state = RunState.FAILED if hindrance else RunState.STOPPED if progress.stopping() else RunState.DONE
    means.catalogue.runs.end(run.id, state, means.now(), hindrance, {"bad": bad})


def _snapshot(means: Means, run: Run) -> None:
    Snapshots(means, run.target).run(run.id)


WORKS: dict[RunKind, Work] = {
    RunKind.BACKUP: _back_up,
    RunKind.SCRUB: _scrub,
    RunKind.SNAPSHOT: _snapshot,
}
