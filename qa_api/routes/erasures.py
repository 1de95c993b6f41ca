"""Erasures: who asks for one is not who approves it."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from qa_api import erasures
from qa_api.guard import Given, SignedIn
from qa_api.routes.replies import problems
from qa_api.schemas.erasures import Decision, ErasureGiven, ErasureInfo, ErasurePage
from qa_api.schemas.filters import Cursor, Limit

router = APIRouter(prefix="/erasures", tags=["erasures"])
ErasureId = Annotated[str, Path(pattern=r"^[0-9A-Za-z-]{1,64}$")]


@router.get("", responses=problems(401, 403, 422))
def list_erasures(
    services: Given,
    viewer: SignedIn,
    cursor: Annotated[Cursor, Query()] = "",
    limit: Annotated[Limit, Query()] = 50,
) -> ErasurePage:
    """Erasures, latest first."""
    return erasures.page(services, viewer, cursor, limit)


@router.post("", status_code=201, responses=problems(400, 401, 403, 404, 409, 422))
def request_erasure(given: ErasureGiven, services: Given, viewer: SignedIn) -> ErasureInfo:
    """Ask that calls be erased before their time; they go once another person approves."""
    return erasures.request(services, viewer, given)


@router.post("/{erasure_id}/decide", responses=problems(400, 401, 403, 404, 409, 422))
def decide_erasure(
    erasure_id: ErasureId, decision: Decision, services: Given, viewer: SignedIn
) -> ErasureInfo:
    """Approve, as another person than who asked, or refuse."""
    return erasures.decide(services, viewer, erasure_id, approve=decision.approve)
