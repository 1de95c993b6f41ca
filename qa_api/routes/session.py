"""Signing in and out, the reason for looking, the own password."""

from fastapi import APIRouter, Request, Response

from qa_api.routes.replies import problems
from qa_api.schemas.session import PasswordChange, ReasonStatement, Session, SignIn

router = APIRouter(tags=["session"])
public = APIRouter(tags=["session"])


@public.post("/session", status_code=201, responses=problems(401, 403, 422, 429))
def start_session(body: SignIn, request: Request, response: Response) -> Session:
    """Sign in: sets the session cookie."""
    raise NotImplementedError


@router.get("/session", responses=problems(401))
def get_session(request: Request) -> Session:
    """Who is signed in, with a CSRF token for unsafe requests."""
    raise NotImplementedError


@router.delete("/session", status_code=204, responses=problems(401, 403))
def end_session(request: Request) -> Response:
    """Sign out: the session ends on the server as well."""
    raise NotImplementedError


@router.put("/session/reason", responses=problems(401, 403, 422))
def state_reason(body: ReasonStatement, request: Request) -> Session:
    """State why compliance or an auditor looks at calls; in force for a limited time."""
    raise NotImplementedError


@router.put("/session/password", responses=problems(401, 403, 422, 429))
def change_password(body: PasswordChange, request: Request) -> Session:
    """Change the own password; the user's other sessions end."""
    raise NotImplementedError
