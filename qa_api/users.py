"""Making users: the policy for their passwords, and what each role needs."""

import re
from dataclasses import dataclass, field
from datetime import datetime

from qa_api.errors import UserRefused
from qa_api.passwords import Passwords, check_policy
from qa_api.permissions import Role
from storage.catalogue import AuditEntry, Catalogue, NewUser, User

_NAME = re.compile(r"[\w.@+-]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A user to be made. ``teams`` are ids of teams; ``agent`` is an extension; ``language`` zh or en.

    ``sees_numbers`` grants whole numbers and has an effect for supervisors and auditors alone.
    """

    username: str
    password: str = field(repr=False)
    role: Role
    display_name: str = ""
    agent: str = ""
    teams: tuple[str, ...] = ()
    sees_numbers: bool = False
    language: str = "en"


def create_user(
    catalogue: Catalogue,
    account: Account,
    *,
    now: datetime,
    passwords: Passwords | None = None,
    actor: str = "system",
) -> User:
    """Make a user who can sign in, and an audit event of it by ``actor``.

    Raises ``PasswordRefused``, ``UserRefused``, and of the storage ``NameTaken`` and ``NotInCatalogue``.
    """
    if not _NAME.fullmatch(account.username):
        raise UserRefused("A user name has 1 to 64 letters, digits and . _ @ + -", rule="username")
    if account.role is Role.AGENT and not account.agent:
        raise UserRefused("A user with the role agent needs an extension.", rule="agent")
    check_policy(account.password, account.username)
    new = NewUser(
        username=account.username,
        password_hash=(passwords or Passwords()).hash(account.password),
        role=account.role.value,
        display_name=account.display_name or account.username,
        agent=account.agent,
        language=account.language,
        teams=account.teams,
        sees_numbers=account.sees_numbers,
    )
    user = catalogue.users.create(new, now)
    catalogue.audit.record(
        AuditEntry(
            at=now,
            actor=actor,
            action="user.create",
            object_kind="user",
            object_id=user.id,
            after={"username": user.username, "role": user.role, "agent": user.agent, "teams": user.teams},
        )
    )
    return user
