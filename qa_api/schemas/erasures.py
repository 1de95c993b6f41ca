"""Erasures: calls that go before their time."""

from typing import Annotated

from pydantic import Field

from qa_api.schemas.holds import CallIds, Why
from qa_api.schemas.wire import Command, Reply
from storage.model import Instant
from storage.retention.erasures import MOST_CALLS, ErasureState


class ErasureGiven(Command):
    """Calls that somebody asks to erase."""

    reason: Why
    calls: Annotated[CallIds, Field(min_length=1, max_length=MOST_CALLS)]


class Decision(Command):
    """What the second person says; to refuse needs no second one."""

    approve: bool


class ErasureInfo(Reply):
    """An erasure and who did what with it."""

    id: str
    reason: str
    calls: tuple[str, ...]
    state: ErasureState
    requested_by: str
    requested_at: Instant
    decided_by: str
    decided_at: Instant | None
    done_at: Instant | None


class ErasurePage(Reply):
    """Erasures, latest first. ``next_cursor`` is null on the last page."""

    items: tuple[ErasureInfo, ...]
    next_cursor: str | None
