"""The one error body, RFC 9457 problem details."""

from typing import Any

from pydantic import Field

from qa_api.schemas.wire import Reply


class Problem(Reply):
    """What went wrong; ``code`` is stable and, with ``parameters``, is what a client translates."""

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str = ""
    parameters: dict[str, Any] = Field(default_factory=dict)
    """By code: ``query-syntax``: position, length, suggestion; ``validation``: errors [{location, code,
    message}]; ``locked-out``: retry_after (seconds); ``password-policy``: rule, minimum."""
