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
    on: tuple[str, str] = ("", ""),
    reason: str = "",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Record what the viewer does, to ``call`` or to what ``on`` names by kind and id.

    ``reason`` is the one given for this deed alone; otherwise it is the one stated for the session.
    """
    now = services.now()
    kind, target = ("call", call) if call else on
    entry = AuditEntry(
        at=now,
        actor=viewer.user.username,
        action=action,
        address=viewer.address,
        object_kind=kind,
        object_id=target,
        reason=reason or viewer.reason(now),
        before=before,
        after=after,
    )
    services.catalogue.audit.record(entry)
