"""Archive targets, the work on them, and copies of chosen calls."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from qa_api import archive_work
from qa_api.guard import Given, SignedIn
from qa_api.routes.calls import CallId
from qa_api.routes.replies import problems
from qa_api.schemas.filters import Cursor, Limit, Word
from qa_api.schemas.storage import (
    CopyAsked,
    CopyWanted,
    PlanInfo,
    RunAsked,
    RunInfo,
    RunPage,
    RunReport,
    TargetList,
)
from storage.catalogue import RunKind

router = APIRouter(tags=["storage"])
RunId = Annotated[str, Path(pattern=r"^[0-9A-Za-z-]{1,64}$")]


@router.get("/storage/targets", responses=problems(401, 403))
def list_targets(services: Given, viewer: SignedIn) -> TargetList:
    """The archive targets: state, room, backlog, speed, next run."""
    return archive_work.targets(services, viewer)


@router.get("/storage/plan", responses=problems(401, 403))
def get_plan(services: Given, viewer: SignedIn) -> PlanInfo:
    """What the settings say of placement, encryption, checks, snapshots and room."""
    return archive_work.plan(services, viewer)


@router.get("/storage/runs", responses=problems(401, 403, 422))
def list_runs(
    services: Given,
    viewer: SignedIn,
    kind: Annotated[RunKind | None, Query()] = None,
    target: Annotated[Word, Query()] = "",
    cursor: Annotated[Cursor, Query()] = "",
    limit: Annotated[Limit, Query()] = 50,
) -> RunPage:
    """Backups, scrubs and other long work, latest first."""
    return archive_work.runs(services, viewer, kind, target, cursor, limit)


@router.get("/storage/runs/{run_id}", responses=problems(401, 403, 404, 422))
def get_run(run_id: RunId, services: Given, viewer: SignedIn) -> RunReport:
    """One run with its report."""
    return archive_work.run(services, viewer, run_id)


@router.post("/storage/runs", status_code=201, responses=problems(400, 401, 403, 404, 409, 422))
def ask_run(asked: RunAsked, services: Given, viewer: SignedIn) -> RunInfo:
    """Ask for a run; it begins within seconds where the part that does such work is well."""
    return archive_work.begin(services, viewer, asked)


@router.post("/storage/runs/{run_id}/stop", responses=problems(401, 403, 404, 409, 422))
def stop_run(run_id: RunId, services: Given, viewer: SignedIn) -> RunInfo:
    """Ask a run to end early."""
    return archive_work.stop(services, viewer, run_id)


@router.post("/calls/{call_id}/copies", status_code=202, responses=problems(400, 401, 403, 404, 409, 422))
def copy_call(call_id: CallId, wanted: CopyWanted, services: Given, viewer: SignedIn) -> CopyAsked:
    """Copy this call to a target before others."""
    return archive_work.copy_call(services, viewer, call_id, wanted.target)
