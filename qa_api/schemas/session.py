"""Signing in, and who is signed in."""

from typing import Annotated

from pydantic import Field, SecretStr

from qa_api.permissions import Action, Role
from qa_api.schemas.wire import Command, Reply
from storage.model import Instant
from storage.retention.people import SHORTEST_REASON


class SignIn(Command):
    """A user name and its password."""

    username: Annotated[str, Field(min_length=1, max_length=64)]
    password: Annotated[SecretStr, Field(min_length=1, max_length=256)]


class PasswordChange(Command):
    """The user's own password, old and new."""

    current: Annotated[SecretStr, Field(min_length=1, max_length=256)]
    new: Annotated[SecretStr, Field(min_length=1, max_length=256)]


class ReasonStatement(Command):
    """Why compliance or an auditor looks at calls."""

    reason: Annotated[str, Field(min_length=SHORTEST_REASON, max_length=500)]


class User(Reply):
    """The signed-in user; ``extension`` is set for agents."""

    username: str
    display_name: str
    role: Role
    teams: tuple[str, ...]
    extension: str
    language: str
    sees_whole_numbers: bool


class Reason(Reply):
    """Whether this user's search and playback need a stated reason, and the one in force."""

    required: bool
    text: str | None
    until: Instant | None


class Session(Reply):
    """The session of this browser. ``csrf_token`` goes into ``X-CSRF-Token`` of every unsafe request."""

    user: User
    csrf_token: str
    expires: Instant
    idle_expires: Instant
    reason: Reason
    permissions: tuple[Action, ...]
