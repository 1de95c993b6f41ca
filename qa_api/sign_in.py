"""Beginning a session, and changing what begins it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from qa_api.errors import LockedOut, WrongCredentials
from qa_api.guard import network_of
from qa_api.passwords import check_policy
from qa_api.permissions import Role
from qa_api.services import Services
from qa_api.tokens import new_token, token_hash
from qa_api.trail import note
from qa_api.viewer import Viewer
from storage.catalogue import AuditEntry, User


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a visitor claims, and from where."""

    username: str
    password: str
    address: str


def sign_in(services: Services, given: Credentials) -> Viewer:
    """Check the credentials and begin a session.

    Raises ``LockedOut``, or ``WrongCredentials`` alike for an unknown user, a wrong password and a disabled
    user, after the same time.
    """
    now = services.now()
    user = _authenticated(services, given, now)
    if services.passwords.outdated(user.password_hash):
        user = replace(user, password_hash=services.passwords.hash(given.password))
        services.catalogue.users.save(user)
    services.catalogue.sessions.sweep(now, now - services.sessions.idle)
    viewer = _begin(services, user, given.address, now)
    note(services, viewer, "session.begin")
    services.metrics.sign_ins.labels("succeeded").inc()
    return viewer


def change_password(services: Services, viewer: Viewer, current: str, new: str) -> Viewer:
    """Set a new password. All sessions of the user end, and a new one begins for this browser.

    Raises ``LockedOut``, ``WrongCredentials`` for a wrong current password, ``PasswordRefused``.
    """
    now = services.now()
    user = _authenticated(services, Credentials(viewer.user.username, current, viewer.address), now)
    check_policy(new, user.username)
    note(services, viewer, "password.change")
    user = replace(user, password_hash=services.passwords.hash(new))
    services.catalogue.users.save(user)
    services.catalogue.sessions.end_all(user.id)
    return _begin(services, user, viewer.address, now)


def sign_out(services: Services, viewer: Viewer) -> None:
    """End the session."""
    note(services, viewer, "session.end")
    services.catalogue.sessions.end(viewer.session.token_hash)


def state_reason(services: Services, viewer: Viewer, reason: str) -> Viewer:
    """Keep why the viewer looks at calls, for as long as the policy says."""
    until = services.now() + services.sessions.reason
    stated = replace(viewer, session=replace(viewer.session, reason=reason, reason_until=until))
    note(services, stated, "session.reason")
    services.catalogue.sessions.state_reason(viewer.session.token_hash, reason, until)
    return stated


def _authenticated(services: Services, given: Credentials, now: datetime) -> User:
    network = network_of(given.address)
    try:
        services.lockout.begin(given.username, network, now)
    except LockedOut as error:
        services.metrics.sign_ins.labels("refused").inc()
        if services.lockout.announces(given.username, network, now):
            user = services.catalogue.users.named(given.username)
            _note_refusal(services, given, user, "session.locked", now, after=dict(error.parameters))
        raise
    user = services.catalogue.users.named(given.username)
    usable = user is not None and not user.disabled and user.role in set(Role)
    right = services.passwords.check(user.password_hash if user and usable else None, given.password)
    if user is None or not right:
        services.metrics.sign_ins.labels("refused").inc()
        _note_refusal(services, given, user, "session.refused", now)
        raise WrongCredentials("User name or password is wrong.")
    services.lockout.succeeded(given.username, network)
    return user


def _note_refusal(
    services: Services,
    given: Credentials,
    user: User | None,
    action: str,
    now: datetime,
    after: dict[str, Any] | None = None,
) -> None:
    # Where nobody has this name, it may be a password that was typed into the wrong field.
    actor = user.username if user else ""
    services.catalogue.audit.record(
        AuditEntry(at=now, actor=actor, action=action, address=given.address, after=after)
    )


def _begin(services: Services, user: User, address: str, now: datetime) -> Viewer:
    token = new_token()
    session = services.catalogue.sessions.create(
        token_hash(token), user.id, address=address, now=now, expires=now + services.sessions.absolute
    )
    return Viewer(user, session, Role(user.role), token, address)
