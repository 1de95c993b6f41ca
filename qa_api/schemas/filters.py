"""What the lists can be asked for, as query parameters."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from qa_api.schemas.wire import Command
from storage.model import CallState, Direction

Word = Annotated[str, Field(max_length=64)]
Cursor = Annotated[str, Field(max_length=500, description="next_cursor of the page before")]
Limit = Annotated[int, Field(ge=1, le=200)]


class CallFilters(Command):
    """Which calls to list. Filters and query language are combined with *and*."""

    q: Annotated[
        str,
        Field(max_length=500, description='Query language: agent:8001 number:*1234 duration:>5m "refund"'),
    ] = ""
    agent: Word = ""
    tag: Annotated[str, Field(max_length=64, description="Bears this tag")] = ""
    number: Annotated[str, Field(max_length=64, description="Whole number, or *1234 for its end")] = ""
    zone: Annotated[
        str, Field(max_length=64, description="IANA time zone of times in q that name none: Asia/Shanghai")
    ] = ""
    after: Annotated[datetime | None, Field(description="RFC 3339: starts at or after it")] = None
    before: Annotated[datetime | None, Field(description="RFC 3339: starts before it")] = None
    min_duration: Annotated[float | None, Field(ge=0, le=1e7, description="Seconds")] = None
    max_duration: Annotated[float | None, Field(ge=0, le=1e7, description="Seconds")] = None
    direction: Direction | None = None
    state: CallState | None = None
    cursor: Cursor = ""
    limit: Limit = 50


class AuditFilters(Command):
    """Which audit events to list."""

    actor: Word = ""
    action: Word = ""
    target: Annotated[str, Field(max_length=128)] = ""
    cursor: Cursor = ""
    limit: Limit = 50
