"""``earwitness retention apply``: what the rules and approved erasures let go goes now, with a bar."""

import json
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import typer

from earwitness.cli import people
from earwitness.cli.backup import bars
from earwitness.cli.backup_status import size
from earwitness.cli.counting import counted
from earwitness.cli.faults import FAILED
from earwitness.cli.leftovers import kept_on, left_on
from earwitness.settings import Settings
from earwitness.stop import Stop, on_signals

if TYPE_CHECKING:
    from storage.catalogue import Catalogue
    from storage.retention.removing import Removed
    from storage.retention.restored import Unseen
    from storage.targets import Target


def apply_now(
    settings: Settings, *, yes: bool, clock_is_right: bool, restore_seen: bool = False, as_json: bool
) -> None:
    """Delete what is due, in pieces; interrupted, the same command goes on. Exits 1 where blobs are left.

    Where the clock is doubted it asks whether it is right, and behind a restore whether rules may go on;
    raises ``NotNow`` where it must not ask.
    """
    from earwitness import wiring
    from earwitness.keeping import levelling
    from earwitness.keeping.means import Means
    from storage.retention.age import undated_alarm
    from storage.retention.clock import believe
    from storage.retention.preview import preview
    from storage.retention.restored import let_go_on, unseen

    stop = Stop()
    with people.existing(settings) as catalogue:
        now = datetime.now(UTC)
        doubted = _clock_in_doubt(catalogue, now, ask=not yes, is_right=clock_is_right)
        restore = unseen(catalogue)
        seen = _restore_seen(restore, ask=not yes, seen=restore_seen)
        due = preview(catalogue, now).calls
        if due and not yes:
            typer.confirm(f"Delete {counted(due, 'call', 'calls')} for good?", abort=True)
        on_signals(stop.ask)
        people.note(catalogue, "retention.apply", after={"calls": due} | doubted | seen)
        believe(catalogue, now)
        if restore is not None:
            let_go_on(catalogue, restore)
        calls, freed = _delete(catalogue, due, stop)
        targets = wiring.targets(settings, catalogue)
        failed, kept = _remove(settings, catalogue, targets, stop)
        means = Means.of(settings, catalogue, targets, lambda: stop.asked, lambda: datetime.now(UTC))
        levelling.index(means)
        fine = set(targets).difference(failed)
        unlisted = levelling.records(means, fine) | levelling.lists(means, fine, stop.wait)
        waiting = catalogue.removals.waiting()
        undated = undated_alarm(catalogue)
    if as_json:
        left_calls = {name: left.calls for name, left in waiting.items()}
        tree = {"calls": calls, "bytes": freed, "waiting": left_calls, "kept": kept, "failed": failed}
        typer.echo(json.dumps(tree))
    else:
        typer.echo(f"{counted(calls, 'call', 'calls')} deleted ({size(freed)} with all copies).")
        for name, number in kept.items():
            typer.echo(kept_on(name, number))
        for name, left in waiting.items():
            typer.echo(left_on(name, left.calls, failed.get(name) or left.error, targets))
        for trouble in filter(None, (undated, *unlisted.values())):
            typer.echo(trouble, err=True)
    if waiting.keys() & targets.keys() or unlisted or stop.asked:
        raise typer.Exit(FAILED)


def _clock_in_doubt(catalogue: "Catalogue", now: datetime, *, ask: bool, is_right: bool) -> dict[str, str]:
    """Let nobody go on with a clock that is doubted unless it ``is_right``; what the audit log says of it."""
    from storage.errors import NotNow
    from storage.model import rfc3339
    from storage.retention.clock import doubt_at_start

    doubt = doubt_at_start(catalogue, now)
    if doubt is None or doubt.behind or doubt.idle:
        return {}
    if not is_right and not ask:
        raise NotNow(
            f"{doubt.reason} Nothing is deleted: set the clock right, or, if it is, add --clock-is-right."
        )
    if not is_right:
        typer.confirm(f"{doubt.reason} Is the clock right?", abort=True)
    return {"clock": rfc3339(doubt.now), "believed": rfc3339(doubt.last)}


def _restore_seen(restore: "Unseen | None", *, ask: bool, seen: bool) -> dict[str, str | None]:
    """Let no rule go on behind a restore that nobody has ``seen``; what the audit log says of it."""
    from storage.errors import NotNow
    from storage.model import rfc3339

    if restore is None:
        return {}
    if not seen and not ask:
        raise NotNow(
            f"{restore.what} Nothing is deleted: place again what was held, then add --restore-seen."
        )
    if not seen:
        typer.confirm(f"{restore.what} Rules would delete what was held by them. Go on?", abort=True)
    return {"restored": rfc3339(restore.at), "as_of": rfc3339(restore.as_of) if restore.as_of else None}


def _delete(catalogue: "Catalogue", due: int, stop: Stop) -> tuple[int, int]:
    from storage.catalogue import RunKind, RunState
    from storage.retention.apply import apply_erasures, apply_retention

    now = datetime.now(UTC)
    run = catalogue.runs.begin(RunKind.RETENTION, "", now, due, by=people.actor())
    erased = apply_erasures(catalogue, now=now, stop=lambda: stop.asked)
    gone = [call for each in erased.values() for call in each.deleted]
    calls, freed = len(gone), sum(call.bytes for call in gone)
    with bars() as progress:
        task = progress.add_task("deleting", total=due, completed=calls)
        catalogue.runs.progress(run.id, datetime.now(UTC), calls, freed)
        whole = False
        while not whole and not stop.asked:
            some = apply_retention(catalogue, by=people.actor(), now=now, stop=lambda: stop.asked)
            calls, freed, whole = calls + len(some.deleted), freed + some.bytes, some.whole
            progress.update(task, completed=calls, total=max(due, calls))
            catalogue.runs.progress(run.id, datetime.now(UTC), calls, freed)
    state = RunState.DONE if whole else RunState.STOPPED
    catalogue.runs.end(run.id, state, datetime.now(UTC), report={"calls": calls, "bytes": freed})
    return calls, freed


def _remove(
    settings: Settings, catalogue: "Catalogue", targets: "Mapping[str, Target]", stop: Stop
) -> tuple[dict[str, str], dict[str, int]]:
    """Remove blobs until nothing is due that can be removed; errors by target, and by target how many calls
    stay there without their key."""
    from earwitness import wiring
    from storage.retention.records import recorder
    from storage.retention.removing import remove_pending

    write_once = {target.name for target in settings.targets if target.write_once}
    waiting = catalogue.removals.waiting()
    reached = {name: target for name, target in targets.items() if name in waiting}
    if not reached:
        return {}, {}
    record = recorder(catalogue, wiring.sealer(settings))
    for name in reached:
        catalogue.removals.retry(name, datetime.now(UTC))
    failed: dict[str, str] = {}
    kept: Counter[str] = Counter()
    with bars() as progress:
        task = progress.add_task("removing", total=sum(waiting[name].calls for name in reached))
        whole = False
        while not whole and reached and not stop.asked:
            done: Removed = remove_pending(
                catalogue,
                reached,
                now=datetime.now(UTC),
                write_once=write_once,
                recorder=record,
                stop=lambda: stop.asked,
            )
            progress.advance(task, len(done.calls))
            failed |= done.failed
            kept.update(done.kept)
            reached = {name: target for name, target in reached.items() if name not in failed}
            whole = done.whole
    return failed, kept
