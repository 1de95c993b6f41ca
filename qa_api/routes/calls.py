"""The list of calls, one call, its seal, and its release to the agent."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from qa_api import listing, verification
from qa_api.guard import Given, SignedIn
from qa_api.routes.replies import problems
from qa_api.schemas.calls import CallDetail, CallPage
from qa_api.schemas.filters import CallFilters
from qa_api.schemas.verification import CallVerification

router = APIRouter(tags=["calls"])
CallId = Annotated[str, Path(min_length=1, max_length=64, pattern=r"^[0-9A-Za-z-]+$")]


@router.get("/calls", responses=problems(401, 403, 422, 429, 503))
def list_calls(filters: Annotated[CallFilters, Query()], services: Given, viewer: SignedIn) -> CallPage:
    """Calls within the viewer's reach, newest first."""
    return listing.page(services, viewer, filters)


@router.get("/calls/{call_id}", responses=problems(401, 403, 404, 422))
def get_call(call_id: CallId, services: Given, viewer: SignedIn) -> CallDetail:
    """Everything known about one call."""
    return listing.detail(services, viewer, call_id)


@router.post("/calls/{call_id}/verify", responses=problems(401, 403, 404, 422))
def verify_call(call_id: CallId, services: Given, viewer: SignedIn) -> CallVerification:
    """Read the call on every target that holds it, and compare it with its seal."""
    return verification.verify(services, viewer, call_id)


@router.post("/calls/{call_id}/release", responses=problems(401, 403, 404, 422))
def release_call(call_id: CallId, services: Given, viewer: SignedIn) -> CallDetail:
    """Let the agent see and hear the call. Releasing it again changes nothing."""
    return listing.release(services, viewer, call_id)
