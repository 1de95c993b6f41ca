"""Legal holds: one person places one, two release it."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from qa_api import holds
from qa_api.guard import Given, SignedIn
from qa_api.routes.replies import problems
from qa_api.schemas.filters import Cursor, Limit
from qa_api.schemas.holds import HeldCalls, HoldGiven, HoldInfo, HoldList, NamedCalls, ReleaseAsked

router = APIRouter(prefix="/holds", tags=["holds"])
HoldId = Annotated[str, Path(pattern=r"^[0-9A-Za-z-]{1,64}$")]
_CHANGED = problems(400, 401, 403, 404, 409, 422)


@router.get("", responses=problems(401, 403))
def list_holds(services: Given, viewer: SignedIn) -> HoldList:
    """Every hold that ever was, latest first."""
    return holds.every(services, viewer)


@router.post("", status_code=201, responses=problems(400, 401, 403, 404, 422))
def place_hold(given: HoldGiven, services: Given, viewer: SignedIn) -> HoldInfo:
    """Hold calls: whatever rules and erasures say, they stay."""
    return holds.place(services, viewer, given)


@router.get("/{hold_id}/calls", responses=problems(401, 403, 404, 422))
def list_held_calls(
    hold_id: HoldId,
    services: Given,
    _viewer: SignedIn,
    cursor: Annotated[Cursor, Query()] = "",
    limit: Annotated[Limit, Query()] = 50,
) -> HeldCalls:
    """Ids of the calls that the hold names, besides those that meet its criteria."""
    return holds.named(services, hold_id, cursor, limit)


@router.post("/{hold_id}/calls", responses=_CHANGED)
def name_held_calls(hold_id: HoldId, given: NamedCalls, services: Given, viewer: SignedIn) -> HoldInfo:
    """Hold more calls."""
    return holds.name_calls(services, viewer, hold_id, given.calls)


@router.post("/{hold_id}/ask-release", responses=_CHANGED)
def ask_release(hold_id: HoldId, given: ReleaseAsked, services: Given, viewer: SignedIn) -> HoldInfo:
    """Ask that a hold be released; it holds until another person releases it."""
    return holds.take(services, viewer, hold_id, "ask-release", given.reason)


@router.post("/{hold_id}/release", responses=_CHANGED)
def release_hold(hold_id: HoldId, services: Given, viewer: SignedIn) -> HoldInfo:
    """Release a hold, as another person than who asked for it."""
    return holds.take(services, viewer, hold_id, "release")


@router.post("/{hold_id}/keep", responses=_CHANGED)
def keep_hold(hold_id: HoldId, services: Given, viewer: SignedIn) -> HoldInfo:
    """Let a hold stand that was to be released."""
    return holds.take(services, viewer, hold_id, "keep")
