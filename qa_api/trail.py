"""Audit events of what viewers do. They are written before the thing is done: no trail, no deed."""

from typing import Any

from qa_api.services import Services
from qa_api.viewer import Viewer
from storage.catalogue import AuditEntry


def note(
    services: Services,
    viewer: Viewer,
    action: str,
    *,
    call: str = "",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Record what the viewer does, to ``call`` where it is done to one, with the stated reason."""
    now = services.now()
    entry = AuditEntry(
        at=now,
        actor=viewer.user.username,
        action=action,
        address=viewer.address,
        object_kind="call" if call else "",
        object_id=call,
        reason=viewer.reason(now),
        before=before,
        after=after,
    )
    services.catalogue.audit.record(entry)
