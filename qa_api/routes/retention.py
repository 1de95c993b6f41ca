"""Retention rules: who proposes one is not who approves it; and what they would let go."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from qa_api import retention
from qa_api.guard import Given, SignedIn
from qa_api.routes.replies import problems
from qa_api.schemas.retention import RetentionPreview, RuleGiven, RuleInfo, RuleList

router = APIRouter(prefix="/retention", tags=["retention"])
RuleId = Annotated[str, Path(pattern=r"^[0-9A-Za-z-]{1,64}$")]
_CHANGED = problems(401, 403, 404, 409, 422)


@router.get("/rules", responses=problems(401, 403))
def list_rules(services: Given, viewer: SignedIn) -> RuleList:
    """Every rule that ever was, in the order in which they decide."""
    return retention.rules(services, viewer)


@router.post("/rules", status_code=201, responses=problems(400, 401, 403, 422))
def propose_rule(given: RuleGiven, services: Given, viewer: SignedIn) -> RuleInfo:
    """Propose a rule; it is in force once another person approves it."""
    return retention.propose(services, viewer, given)


@router.post("/rules/{rule_id}/approve", responses=_CHANGED)
def approve_rule(rule_id: RuleId, services: Given, viewer: SignedIn) -> RuleInfo:
    """Put a proposed rule in force, as another person than who proposed it."""
    return retention.take(services, viewer, rule_id, "approve")


@router.post("/rules/{rule_id}/refuse", responses=_CHANGED)
def refuse_rule(rule_id: RuleId, services: Given, viewer: SignedIn) -> RuleInfo:
    """End a proposed rule."""
    return retention.take(services, viewer, rule_id, "refuse")


@router.post("/rules/{rule_id}/ask-retirement", responses=_CHANGED)
def ask_retirement(rule_id: RuleId, services: Given, viewer: SignedIn) -> RuleInfo:
    """Ask that a rule be retired; it stays in force until another person retires it."""
    return retention.take(services, viewer, rule_id, "ask-retirement")


@router.post("/rules/{rule_id}/retire", responses=_CHANGED)
def retire_rule(rule_id: RuleId, services: Given, viewer: SignedIn) -> RuleInfo:
    """Retire a rule, as another person than who asked for it."""
    return retention.take(services, viewer, rule_id, "retire")


@router.post("/rules/{rule_id}/keep", responses=_CHANGED)
def keep_rule(rule_id: RuleId, services: Given, viewer: SignedIn) -> RuleInfo:
    """Let a rule stay that was to be retired."""
    return retention.take(services, viewer, rule_id, "keep")


@router.get("/preview", responses=problems(401, 403, 422))
def preview_retention(
    services: Given,
    viewer: SignedIn,
    first: Annotated[int, Query(ge=0, le=100, description="So many calls of each rule")] = 20,
    proposed: Annotated[bool, Query(description="As if the proposed rules were in force")] = False,
) -> RetentionPreview:
    """What the rules and approved erasures would let go now. Nothing is deleted."""
    return retention.preview(services, viewer, first, proposed=proposed)
