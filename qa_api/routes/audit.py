"""The audit log: reading and verifying it."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from qa_api.routes.replies import problems
from qa_api.schemas.audit import AuditPage, AuditVerification
from qa_api.schemas.filters import AuditFilters

router = APIRouter(tags=["audit"])


@router.get("/audit", responses=problems(401, 403, 422))
def list_audit(filters: Annotated[AuditFilters, Query()], request: Request) -> AuditPage:
    """Audit events, newest first; an agent sees the own ones only."""
    raise NotImplementedError


@router.get("/audit/verify", responses=problems(401, 403))
def verify_audit(request: Request) -> AuditVerification:
    """Walk the hash chain and say whether it holds."""
    raise NotImplementedError
