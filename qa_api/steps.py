"""Steps of what takes two people: noted in the audit log before they are taken, and when they are refused."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from qa_api.services import Services
from qa_api.trail import note
from qa_api.viewer import Viewer
from storage.errors import CatalogueError


@contextmanager
def step(
    services: Services,
    viewer: Viewer,
    action: str,
    on: tuple[str, str],
    *,
    reason: str = "",
    before: dict[str, Any],
    after: dict[str, Any],
) -> Iterator[None]:
    """Around the step on the thing of this kind and id. One that the rooms below refuse is noted as such."""
    note(services, viewer, action, on=on, reason=reason, before=before, after=after)
    try:
        yield
    except CatalogueError as error:
        note(services, viewer, f"{action}.refused", on=on, after={"because": type(error).__name__})
        raise
