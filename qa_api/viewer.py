"""Who is asking: the signed-in user, the session, and what follows from the role. Pure."""

from dataclasses import dataclass
from datetime import datetime

from qa_api.permissions import NEEDS_REASON, Action, Role, actions_of, permitted
from storage.catalogue import CatalogueCall, Session, User

_GRANTABLE = frozenset({Role.SUPERVISOR, Role.AUDITOR})
"""Roles that may be granted whole numbers; for the others the grant has no effect."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """A signed-in user in one session, asking from one address."""

    user: User
    session: Session
    role: Role
    token: str
    address: str

    @property
    def sees_numbers(self) -> bool:
        """Whether this viewer sees whole numbers."""
        return self.role is Role.COMPLIANCE or (self.role in _GRANTABLE and self.user.sees_numbers)

    @property
    def needs_reason(self) -> bool:
        """Whether this viewer says why before looking at calls."""
        return self.role in NEEDS_REASON

    @property
    def actions(self) -> tuple[Action, ...]:
        """What the role may do."""
        return actions_of(self.role)

    def may(self, action: Action) -> bool:
        """Whether the role has the action."""
        return permitted(self.role, action)

    def reason(self, now: datetime) -> str:
        """The stated reason that is in force, empty where there is none."""
        until = self.session.reason_until
        return self.session.reason if until is not None and now < until else ""

    def reaches(self, item: CatalogueCall, now: datetime) -> bool:
        """Whether the call is within this viewer's scope."""
        if self.role in NEEDS_REASON:
            return True
        if self.role in (Role.EVALUATOR, Role.SUPERVISOR):
            return item.team is not None and item.team in self.user.teams
        if self.role is Role.AGENT:
            released = item.released_at is not None and item.released_at <= now
            return released and bool(self.user.agent) and item.call.agent == self.user.agent
        return False
