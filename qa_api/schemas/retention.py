"""Retention rules, and what they would let go."""

from typing import Annotated

from pydantic import Field

from qa_api.schemas.calls import CallItem
from qa_api.schemas.criteria import CriteriaGiven, CriteriaInfo
from qa_api.schemas.wire import Command, Reply
from storage.model import Instant, Seconds
from storage.retention.people import LONGEST_NAME
from storage.retention.rules import MOST_DAYS, RuleState


class RuleGiven(Command):
    """A rule that somebody proposes. ``keep_days`` null keeps for ever; of several rules the lowest
    ``priority`` decides."""

    name: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
    criteria: CriteriaGiven = CriteriaGiven()
    keep_days: Annotated[int | None, Field(ge=1, le=MOST_DAYS)]
    priority: Annotated[int, Field(ge=0, le=1_000_000)] = 100


class RuleInfo(Reply):
    """A rule and who did what with it; people are user names, empty where nobody did."""

    id: str
    name: str
    priority: int
    criteria: CriteriaInfo
    keep_days: int | None
    state: RuleState
    proposed_by: str
    proposed_at: Instant
    approved_by: str
    approved_at: Instant | None
    retirement_asked_by: str
    retirement_asked_at: Instant | None
    retired_by: str
    retired_at: Instant | None


class RuleList(Reply):
    """Every rule that ever was, in the order in which they decide."""

    items: tuple[RuleInfo, ...]


class ShareInfo(Reply):
    """What goes by one rule, or, where that is null, by approved erasures. ``bytes`` are of all copies;
    ``held`` calls stay because of a legal hold, ``undated`` ones because they came while a clock was behind,
    so that nobody knows how old they are; neither are among ``calls``. ``first`` are the oldest."""

    rule: RuleInfo | None
    calls: int
    bytes: int
    seconds: Seconds
    held: int
    undated: int
    earliest: Instant | None
    latest: Instant | None
    first: tuple[CallItem, ...]


class RestoreUnseen(Reply):
    """A restore of the time ``at``, from a snapshot of ``as_of``, null where there was none: no rule deletes
    calls before a person says that holds were looked at."""

    at: Instant
    as_of: Instant | None


class RetentionPreview(Reply):
    """What would go at ``at``; ``whole`` is false where there was no time to look at all calls. Where rules
    wait behind a ``restore``, nothing goes by them as yet."""

    at: Instant
    whole: bool
    calls: int
    bytes: int
    seconds: Seconds
    held: int
    undated: int
    restore: RestoreUnseen | None
    shares: tuple[ShareInfo, ...]
