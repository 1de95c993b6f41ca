"""Legal holds."""

from typing import Annotated

from pydantic import Field

from qa_api.schemas.criteria import CriteriaGiven, CriteriaInfo
from qa_api.schemas.wire import Command, Reply
from storage.model import Instant
from storage.retention.holds import HoldState
from storage.retention.people import LONGEST_NAME, LONGEST_REASON, SHORTEST_REASON

CallIds = tuple[Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,64}$")], ...]
Why = Annotated[str, Field(min_length=SHORTEST_REASON, max_length=LONGEST_REASON)]


class HoldGiven(Command):
    """A hold to be placed: calls that meet ``criteria``, coming ones too, and calls that are named."""

    name: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
    reason: Why
    criteria: CriteriaGiven | None = None
    calls: Annotated[CallIds, Field(max_length=1000)] = ()


class NamedCalls(Command):
    """Calls to be held too."""

    calls: Annotated[CallIds, Field(min_length=1, max_length=1000)]


class ReleaseAsked(Command):
    """Why a hold should be released."""

    reason: Why


class HoldInfo(Reply):
    """A hold and who did what with it. ``named`` counts the calls that it names; ``criteria`` may be null."""

    id: str
    name: str
    reason: str
    criteria: CriteriaInfo | None
    named: int
    state: HoldState
    placed_by: str
    placed_at: Instant
    release_asked_by: str
    release_asked_at: Instant | None
    release_reason: str
    released_by: str
    released_at: Instant | None


class HoldList(Reply):
    """Every hold that ever was, latest first."""

    items: tuple[HoldInfo, ...]


class HeldCalls(Reply):
    """Ids of calls that a hold names; ``next_cursor`` is null on the last page."""

    items: tuple[str, ...]
    next_cursor: str | None
