"""Signing in and out, the reason for looking, the own password."""

from fastapi import APIRouter, Request, Response

from qa_api import sign_in as signing
from qa_api.guard import COOKIE, Given, SignedIn, client_address
from qa_api.routes.replies import problems
from qa_api.schemas.session import PasswordChange, Reason, ReasonStatement, Session, SignIn, User
from qa_api.services import Services
from qa_api.tokens import csrf_token, token_hash
from qa_api.viewer import Viewer

router = APIRouter(tags=["session"])
public = APIRouter(tags=["session"])


@public.post("/session", status_code=201, responses=problems(400, 401, 403, 413, 422, 429))
def start_session(body: SignIn, request: Request, response: Response, services: Given) -> Session:
    """Sign in: sets the session cookie. A session that the browser had before ends."""
    given = signing.Credentials(body.username, body.password.get_secret_value(), client_address(request))
    viewer = signing.sign_in(services, given)
    before = request.cookies.get(COOKIE)
    if before:
        services.catalogue.sessions.end(token_hash(before))
    _set_cookie(response, request, services, viewer)
    return _shown(services, viewer)


@router.get("/session", responses=problems(401))
def get_session(services: Given, viewer: SignedIn) -> Session:
    """Who is signed in, with a CSRF token for unsafe requests."""
    return _shown(services, viewer)


@router.delete("/session", status_code=204, responses=problems(401, 403))
def end_session(services: Given, viewer: SignedIn) -> Response:
    """Sign out: the session ends on the server as well."""
    signing.sign_out(services, viewer)
    response = Response(status_code=204)
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return response


@router.put("/session/reason", responses=problems(400, 401, 403, 413, 422))
def state_reason(body: ReasonStatement, services: Given, viewer: SignedIn) -> Session:
    """State why compliance or an auditor looks at calls; in force for a limited time."""
    return _shown(services, signing.state_reason(services, viewer, body.reason))


@router.put("/session/password", responses=problems(400, 401, 403, 413, 422, 429))
def change_password(
    body: PasswordChange, request: Request, response: Response, services: Given, viewer: SignedIn
) -> Session:
    """Change the own password. Every other session of the user ends; this one goes on with a new token."""
    current, new = body.current.get_secret_value(), body.new.get_secret_value()
    renewed = signing.change_password(services, viewer, current, new)
    _set_cookie(response, request, services, renewed)
    return _shown(services, renewed)


def _set_cookie(response: Response, request: Request, services: Services, viewer: Viewer) -> None:
    secure = services.sessions.secure_cookies or request.url.scheme == "https"
    response.set_cookie(COOKIE, viewer.token, httponly=True, samesite="strict", secure=secure, path="/")


def _shown(services: Services, viewer: Viewer) -> Session:
    user, now = viewer.user, services.now()
    teams = {team.id: team.name for team in services.catalogue.teams.all()} if user.teams else {}
    reason = viewer.reason(now)
    return Session(
        user=User(
            username=user.username,
            display_name=user.display_name,
            role=viewer.role,
            teams=tuple(sorted(teams[team] for team in user.teams if team in teams)),
            extension=user.agent,
            language=user.language,
            sees_whole_numbers=viewer.sees_numbers,
        ),
        csrf_token=csrf_token(viewer.token),
        expires=viewer.session.expires,
        idle_expires=now + services.sessions.idle,
        reason=Reason(
            required=viewer.needs_reason,
            text=reason or None,
            until=viewer.session.reason_until if reason else None,
        ),
        permissions=viewer.actions,
    )
