"""The list of calls, one call, and its release to the agent."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from qa_api.routes.replies import problems
from qa_api.schemas.calls import CallDetail, CallPage
from qa_api.schemas.filters import CallFilters

router = APIRouter(tags=["calls"])
CallId = Annotated[str, Path(min_length=1, max_length=64, pattern=r"^[0-9A-Za-z-]+$")]


@router.get("/calls", responses=problems(401, 403, 422))
def list_calls(filters: Annotated[CallFilters, Query()], request: Request) -> CallPage:
    """Calls within the viewer's reach, newest first."""
    raise NotImplementedError


@router.get("/calls/{call_id}", responses=problems(401, 403, 404, 422))
def get_call(call_id: CallId, request: Request) -> CallDetail:
    """Everything known about one call."""
    raise NotImplementedError


@router.post("/calls/{call_id}/release", responses=problems(401, 403, 404, 422))
def release_call(call_id: CallId, request: Request) -> CallDetail:
    """Let the agent see and hear the call. Releasing it again changes nothing."""
    raise NotImplementedError
