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
    """By code. ``query-syntax``: reason (a code of the query language), values, position and length in
    characters of ``source`` (``q`` or another parameter), suggestion or null; ``validation``: errors
    [{location, code, message}]; ``locked-out``: retry_after (seconds); ``password-policy``: rule, minimum;
    ``not-permitted``: role, action, and roles, those that have it."""
