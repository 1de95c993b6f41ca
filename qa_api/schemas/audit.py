"""The audit log as people read it."""

from typing import Any

from qa_api.schemas.wire import Reply
from storage.model import Instant


class AuditEvent(Reply):
    """One thing that somebody did."""

    id: int
    at: Instant
    actor: str
    action: str
    target_kind: str
    target: str
    address: str
    reason: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class AuditPage(Reply):
    """Audit events, newest first. ``next_cursor`` is null on the last page."""

    items: tuple[AuditEvent, ...]
    next_cursor: str | None


class AuditVerification(Reply):
    """Whether the hash chain holds; ``first_altered`` is the id of the first event that does not fit."""

    intact: bool
    checked: int
    first_altered: int | None
