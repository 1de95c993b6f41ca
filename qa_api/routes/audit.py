"""The audit log: reading and verifying it."""

from typing import Annotated

from fastapi import APIRouter, Query

from qa_api import cursors
from qa_api.errors import NotPermitted
from qa_api.guard import Given, SignedIn
from qa_api.masking import mask_json, mask_text
from qa_api.permissions import Action
from qa_api.routes.replies import problems
from qa_api.schemas.audit import AuditEvent, AuditPage, AuditVerification
from qa_api.schemas.filters import AuditFilters
from qa_api.trail import note
from qa_api.viewer import Viewer
from storage.catalogue import AuditEvent as Recorded

router = APIRouter(tags=["audit"])


@router.get("/audit", responses=problems(401, 403, 422))
def list_audit(filters: Annotated[AuditFilters, Query()], services: Given, viewer: SignedIn) -> AuditPage:
    """Audit events, newest first; an agent sees the own ones only."""
    actor = filters.actor
    if not viewer.may(Action.AUDIT_ALL):
        if actor not in ("", viewer.user.username):
            raise NotPermitted("You may read your own audit events only.", action=Action.AUDIT_ALL)
        actor = viewer.user.username
    asked = {"actor": actor, "action": filters.action, "target": filters.target}
    key = (viewer.session.token_hash, "audit", *asked.values())
    with services.episodes.beginning(*key, now=services.now()) as begins:
        if begins:
            note(services, viewer, "audit.read", after={name: by for name, by in asked.items() if by})
    found = services.catalogue.audit.page(
        cursors.position_of(filters.cursor),
        filters.limit + 1,
        actor=actor,
        action=filters.action,
        object_id=filters.target,
    )
    shown = found[: filters.limit]
    more = len(found) > filters.limit
    return AuditPage(
        items=tuple(_shown(event, viewer) for event in shown),
        next_cursor=cursors.of_position(shown[-1].position) if more else None,
    )


@router.get("/audit/verify", responses=problems(401, 403))
def verify_audit(services: Given, viewer: SignedIn) -> AuditVerification:
    """Walk the hash chain and say whether it holds."""
    note(services, viewer, "audit.verify")
    verdict = services.catalogue.audit.verify()
    return AuditVerification(intact=verdict.intact, checked=verdict.checked, first_altered=verdict.altered_at)


def _shown(event: Recorded, viewer: Viewer) -> AuditEvent:
    text = str if viewer.sees_numbers else mask_text
    detail = dict if viewer.sees_numbers else mask_json
    return AuditEvent(
        id=event.position,
        at=event.at,
        actor=text(event.actor),
        action=event.action,
        target_kind=event.object_kind,
        target=event.object_id,
        address=event.address,
        reason=text(event.reason),
        before=None if event.before is None else detail(event.before),
        after=None if event.after is None else detail(event.after),
    )
