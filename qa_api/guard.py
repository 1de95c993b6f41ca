"""The one gate of every route: who asks, with which right, and why. Deny by default."""

import ipaddress
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import APIKeyCookie

from qa_api.errors import CsrfRefused, NotPermitted, NotSignedIn, ReasonRequired
from qa_api.origins import check_origin
from qa_api.permissions import PUBLIC, REASONED, ROUTES, Role, refused
from qa_api.services import Services
from qa_api.tokens import csrf_matches, token_hash
from qa_api.viewer import Viewer

COOKIE = "earwitness_session"
CSRF_HEADER = "X-CSRF-Token"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

_cookie = APIKeyCookie(
    name=COOKIE, auto_error=False, description=f"Unsafe methods also need the header {CSRF_HEADER}."
)


def services_of(request: Request) -> Services:
    """The services that the application was made with."""
    services: Services = request.app.state.services
    return services


Given = Annotated[Services, Depends(services_of)]


def guard(request: Request, services: Given, token: Annotated[str | None, Depends(_cookie)]) -> Viewer | None:
    """Let the request pass, with the viewer where the route needs one.

    Raises ``NotSignedIn``, ``OriginRefused``, ``CsrfRefused``, ``NotPermitted``, ``ReasonRequired``, in
    this order.
    """
    route = request.scope["route"].name
    unsafe = request.method not in _SAFE
    if unsafe:
        check_origin(request.headers, request.url.scheme, services.sessions.origins)
    if route in PUBLIC:
        return None
    viewer = _viewer(services, token, client_address(request))
    request.state.viewer = viewer
    if unsafe and not csrf_matches(viewer.token, request.headers.get(CSRF_HEADER, "")):
        raise CsrfRefused("Reload the page and try again.")
    action = ROUTES.get(route)
    if action is None:
        raise NotPermitted("Nobody may do this.", role=viewer.role)
    if not viewer.may(action):
        raise refused(viewer.role, action)
    if viewer.needs_reason and action in REASONED and not viewer.reason(services.now()):
        raise ReasonRequired("Say why you look at calls; it is written to the audit log.")
    return viewer


def signed_in(viewer: Annotated[Viewer | None, Depends(guard)]) -> Viewer:
    """The viewer of a route that is not public."""
    if viewer is None:
        raise NotSignedIn("Sign in.")
    return viewer


SignedIn = Annotated[Viewer, Depends(signed_in)]


def client_address(request: Request) -> str:
    """The address of the client as the server saw it, empty where there is none (a Unix socket)."""
    return request.client.host if request.client else ""


def network_of(address: str) -> str:
    """What guessing is counted by: an IPv4 address, or the /64 that an IPv6 host chooses its address from."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv6Address):
        mapped = ip.ipv4_mapped
        return str(mapped or ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)


def _viewer(services: Services, token: str | None, address: str) -> Viewer:
    if not token:
        raise NotSignedIn("Sign in.")
    now = services.now()
    sessions = services.catalogue.sessions
    session = sessions.get(token_hash(token), now)
    if session is None:
        raise NotSignedIn("The session has ended. Sign in again.")
    if now - session.seen >= services.sessions.idle:
        sessions.end(session.token_hash)
        raise NotSignedIn("The session ended because it was not used. Sign in again.")
    user = services.catalogue.users.get(session.user_id)
    if user is None or user.disabled or user.role not in set(Role):
        raise NotSignedIn("The session has ended. Sign in again.")
    if now - session.seen >= services.sessions.touch:
        sessions.touch(session.token_hash, now)
    return Viewer(user, session, Role(user.role), token, address)
