"""Archive targets and the work on them, as far as a viewer may see it and ask for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from qa_api import cursors, listing, written
from qa_api.errors import NoSuchTarget, TakesNoCopies
from qa_api.masking import mask_json
from qa_api.plan import TargetPlan
from qa_api.run_findings import findings
from qa_api.schemas.agents import TeamRow
from qa_api.schemas.storage import (
    BacklogInfo,
    CopyAsked,
    PlacementInfo,
    PlanInfo,
    RunAsked,
    RunInfo,
    RunPage,
    RunReport,
    TargetInfo,
    TargetList,
)
from qa_api.services import Services
from qa_api.trail import note
from qa_api.viewer import Viewer
from storage.catalogue import Condition, Run, RunKind, RunState, TargetState
from storage.catalogue.copy_tasks import NewTask, Waiting
from storage.copies.census import last_copied
from storage.copies.holdings import holds, shall_hold
from storage.copies.schedule import CONTINUOUS, Window
from storage.errors import NotInCatalogue, NotNow

_NO_BACKLOG = Waiting()
_KIND = "run"


def targets(services: Services, viewer: Viewer) -> TargetList:
    """Every target of the settings."""
    stated = services.plan.targets
    known = _Known(
        states=services.catalogue.target_states.all(),
        waiting=services.backlogs.of(services.catalogue, services.now()),
        calls=services.held_counts.of(services.catalogue),
        copied=last_copied(services.catalogue, (target.name for target in stated)),
        backups=services.catalogue.runs.latest(RunKind.BACKUP),
        snapshots=services.catalogue.runs.latest(RunKind.SNAPSHOT, RunState.DONE),
    )
    return TargetList(items=tuple(_target(services, viewer, target, known) for target in stated))


def plan(services: Services, viewer: Viewer) -> PlanInfo:
    """The settings of keeping."""
    stated = services.plan
    named = {team for rule in stated.placement for team in rule.calls.teams}
    teams = services.catalogue.teams.all() if named else ()
    known = {text for team in teams for text in (team.id, team.name)}
    return PlanInfo(
        home=stated.home,
        placement=tuple(
            PlacementInfo(
                to=rule.to,
                copies=rule.copies,
                older_than_days=rule.older_than_days,
                calls=written.criteria(rule.calls, viewer),
            )
            for rule in stated.placement
        ),
        teams=tuple(TeamRow(id=team.id, name=team.name) for team in teams if team.id in named),
        missing_teams=tuple(sorted(named - known)),
        master_key=stated.master_key,
        recipients=stated.recipients,
        scrub_days=stated.scrub_days,
        scrub_window=stated.scrub_window,
        snapshot_schedule=stated.snapshot_schedule,
        snapshots_kept=stated.snapshots_kept,
        warn_percent=stated.warn_percent,
        free_percent=stated.free_percent,
        copies_elsewhere=stated.copies_elsewhere,
        zone=services.now().astimezone().isoformat()[-6:],
    )


def runs(
    services: Services, viewer: Viewer, kind: RunKind | None, target: str, cursor: str, limit: int
) -> RunPage:
    """One page of what was done and is being done, latest first."""
    found = services.catalogue.runs.page(
        kind=kind, target=target or None, before=cursors.time_of(cursor), limit=limit + 1
    )
    more = len(found) > limit
    return RunPage(
        items=tuple(_run(one, viewer) for one in found[:limit]),
        next_cursor=cursors.of_time(found[limit - 1].started) if more else None,
    )


def run(services: Services, viewer: Viewer, run_id: str) -> RunReport:
    """One run with its report. Raises ``NotInCatalogue``."""
    found = services.catalogue.runs.get(run_id)
    if found is None:
        raise NotInCatalogue(f"There is no run {run_id}.")
    whole = viewer.sees_numbers or found.kind is RunKind.SNAPSHOT  # its name is a time, not a number
    report = dict(found.report) if whole else mask_json(dict(found.report))
    return RunReport(**_run(found, viewer).model_dump(), report=report)


def begin(services: Services, viewer: Viewer, asked: RunAsked) -> RunInfo:
    """Ask for a run; the part that does such work begins it. Raises ``NoSuchTarget``, ``TakesNoCopies``,
    ``NotNow``."""
    stated, kind = _known(services, asked.target), RunKind(asked.kind)
    if kind is RunKind.BACKUP:
        _need_copies(stated)
    made = services.catalogue.runs.ask(kind, asked.target, viewer.user.username, services.now())
    after = {"kind": asked.kind, "target": asked.target}
    note(services, viewer, "run.ask", on=(_KIND, made.id), after=after)
    return _run(made, viewer)


def stop(services: Services, viewer: Viewer, run_id: str) -> RunInfo:
    """Ask that a run end early; what it did stays done. Raises ``NotNow``, ``NotInCatalogue``."""
    made = services.catalogue.runs.ask_stop(run_id, viewer.user.username, services.now())
    after = {"kind": made.kind.value, "target": made.target}
    note(services, viewer, "run.stop", on=(_KIND, run_id), after=after)
    return _run(made, viewer)


def copy_call(services: Services, viewer: Viewer, call_id: str, target: str) -> CopyAsked:
    """Let the target get the call before others. Raises ``NoSuchCall``, ``NoSuchTarget``, ``TakesNoCopies``,
    ``NotNow``."""
    wanted = _known(services, target)
    found = listing.find(services, viewer, call_id)
    blobs = shall_hold(found, services.plan.home, keyless=wanted.write_once)
    if not blobs:
        raise NotNow("No target holds a whole copy of the call now. Wait until its archive has it.")
    if holds(found, target, blobs):
        return CopyAsked(target=target, waiting=False)
    _need_copies(wanted)
    note(services, viewer, "call.copy", call=call_id, after={"target": target})
    now = services.now()
    task = NewTask(call_id, sum(blob.bytes for blob in blobs), now)
    services.catalogue.copy_tasks.ask(target, [task], now)
    return CopyAsked(target=target, waiting=True)


def _known(services: Services, name: str) -> TargetPlan:
    found = services.plan.target(name)
    if found is None:
        raise NoSuchTarget("The settings name no such archive target.", target=name)
    return found


def _need_copies(stated: TargetPlan) -> None:
    if not stated.takes_copies:
        text = f"Calls come in at {stated.name}, or came in before: none is copied there."
        raise TakesNoCopies(text, target=stated.name)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of all targets, by their names; ``calls`` None where nobody counted yet."""

    states: Mapping[str, TargetState]
    waiting: Mapping[str, Waiting]
    calls: Mapping[str, int] | None
    copied: Mapping[str, datetime]
    backups: Mapping[str, Run]
    snapshots: Mapping[str, Run]


def _target(services: Services, viewer: Viewer, stated: TargetPlan, known: _Known) -> TargetInfo:
    name = stated.name
    state = known.states.get(name)
    backlog = known.waiting.get(name, _NO_BACKLOG)
    last, snapshot = known.backups.get(name), known.snapshots.get(name)
    return TargetInfo(
        name=name,
        kind=stated.kind,
        role=stated.role,
        place=stated.place,
        schedule=stated.schedule,
        window=stated.window,
        bandwidth=stated.bandwidth,
        write_once=stated.write_once,
        state=state.state if state else Condition.UNKNOWN,
        detail=written.text(state.detail, viewer) if state else "",
        since=state.since if state else None,
        seen=state.seen if state else None,
        free=state.free if state else None,
        total=state.total if state else None,
        bytes_per_second=state.bytes_per_second if state else None,
        next_run=next_copies(stated, state.next_run if state else None, services.now()),
        calls=None if known.calls is None else known.calls.get(name, 0),
        backlog=BacklogInfo(
            calls=backlog.calls,
            bytes=backlog.bytes,
            oldest=backlog.oldest,
            failing=backlog.failing,
            later=backlog.later,
        ),
        last_copy=known.copied.get(name),
        last_snapshot=snapshot.started if snapshot else None,
        last_run=_run(last, viewer) if last else None,
    )


def next_copies(stated: TargetPlan, planned: datetime | None, now: datetime) -> datetime | None:
    """When copies begin next by schedule and window together; None as soon as there is something to copy, or
    as long as nothing is planned. In the past where they are due and can begin at any moment."""
    if stated.schedule == CONTINUOUS:
        planned = now
    elif planned is None:
        return None
    earliest = max(planned, now)
    opens = Window.parse(stated.window).opens(earliest)
    if opens > earliest:
        return opens
    return None if stated.schedule == CONTINUOUS else planned


def _run(run: Run, viewer: Viewer) -> RunInfo:
    return RunInfo(
        id=run.id,
        kind=run.kind,
        target=run.target,
        state=run.state,
        started=run.started,
        seen=run.seen,
        ended=run.ended,
        done=run.done,
        total=run.total,
        bytes=run.bytes,
        message=written.text(run.message, viewer),
        findings=findings(run.report),
        asked_by=written.text(run.asked_by, viewer),
        stop_asked_by=written.text(run.stop_asked_by, viewer),
    )
