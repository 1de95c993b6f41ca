"""Errors of the rooms as HTTP answers: the one table of status codes, and problem+json bodies (RFC 9457)."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from indexer.errors import IndexerError, QueryError
from qa_api import errors
from qa_api.masking import mask_json, mask_text
from qa_api.schemas.problem import Problem
from storage.errors import (
    BadRule,
    CatalogueError,
    NotInCatalogue,
    NotNow,
    SamePerson,
    StorageError,
    TargetError,
    UnderHold,
)

MEDIA_TYPE = "application/problem+json"

TABLE: Mapping[type[Exception], tuple[int, str, str]] = {
    errors.NotSignedIn: (401, "not-signed-in", "Nobody is signed in"),
    errors.WrongCredentials: (401, "wrong-credentials", "User name or password is wrong"),
    errors.LockedOut: (429, "locked-out", "Too many attempts"),
    errors.CsrfRefused: (403, "csrf", "The request does not carry the session's token"),
    errors.OriginRefused: (403, "origin", "The request comes from another site"),
    errors.NotPermitted: (403, "not-permitted", "This role may not do that"),
    errors.ReasonRequired: (403, "reason-required", "State a reason first"),
    errors.NoSuchCall: (404, "no-such-call", "No such call within reach"),
    errors.NoRecording: (404, "no-recording", "The call has no recording"),
    errors.FormatUnavailable: (406, "format-unavailable", "The recording is kept in another format"),
    errors.ArchiveUnavailable: (503, "archive-unavailable", "The archive cannot be read"),
    errors.RangeUnsatisfiable: (416, "range-unsatisfiable", "The range lies outside the audio"),
    errors.WrongCursor: (422, "cursor", "The cursor is not valid"),
    QueryError: (422, "query-syntax", "The query cannot be read"),
    IndexerError: (503, "search-unavailable", "Calls cannot be searched now"),
    errors.NumberHidden: (422, "number-hidden", "The number pattern asks for hidden digits"),
    errors.PasswordRefused: (422, "password-policy", "The new password is too weak"),
    errors.UserRefused: (422, "user-refused", "The user cannot be made so"),
    errors.NoSuchTarget: (404, "no-such-target", "There is no such archive target"),
    errors.TakesNoCopies: (409, "takes-no-copies", "Nothing is copied to this archive target"),
    errors.TagRefused: (422, "tag-refused", "The call cannot be tagged so"),
    errors.TagKept: (409, "tag-held", "A legal hold keeps this tag on the call"),
    errors.TooLarge: (413, "too-large", "The request is too large"),
    BadRule: (422, "rule-refused", "That cannot be a rule, a hold or an erasure"),
    SamePerson: (403, "second-person", "It needs a second person"),
    NotNow: (409, "not-now", "It is not in the state for that"),
    UnderHold: (409, "under-hold", "A legal hold keeps these calls"),
    NotInCatalogue: (404, "not-found", "There is no such thing"),
    TargetError: (503, "archive-unavailable", "The archive cannot be read"),
    CatalogueError: (503, "catalogue-unavailable", "The catalogue cannot be used"),
    StorageError: (503, "storage-unavailable", "The storage cannot be used"),
}
"""Status, code and title of each error; an error that is not here takes those of its nearest base."""

_FOR_PEOPLE = (BadRule, SamePerson, NotInCatalogue, NotNow, UnderHold)
"""Errors of other rooms whose texts name nothing but what the client sent or may see."""

_SUSPICIOUS = (errors.WrongCredentials, errors.LockedOut, errors.CsrfRefused, errors.OriginRefused)
"""Refusals that an honest page seldom meets, for the log to warn of; the others are daily business."""

_HTTP_CODES = {
    400: "malformed",
    404: "not-found",
    405: "method-not-allowed",
    413: "too-large",
    415: "unsupported-media-type",
}


def install(app: FastAPI) -> None:
    """Make the application answer every error of the table, and the framework's own, as problem+json."""
    for kind in (errors.ApiError, StorageError, IndexerError):
        app.add_exception_handler(kind, _answer_error)
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_exception_handler(RequestValidationError, _answer_validation)


def response(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """The problem as a response. Numbers in its texts are masked for everybody."""
    body = problem.model_dump(mode="json")
    body["detail"] = mask_text(problem.detail)
    body["parameters"] = mask_json(problem.parameters)
    return JSONResponse(body, problem.status, headers=headers, media_type=MEDIA_TYPE)


def of_error(error: Exception) -> Problem:
    """The problem of an error of the table; ``KeyError`` where it has none."""
    for kind in type(error).__mro__:
        if kind in TABLE:
            status, code, title = TABLE[kind]
            break
    else:
        raise KeyError(type(error))
    if isinstance(error, errors.ApiError):
        return _problem(status, code, title, error.detail, error.parameters)
    if isinstance(error, QueryError):
        return _problem(status, code, title, str(error), _where(error))
    if isinstance(error, UnderHold):
        return _problem(status, code, title, str(error), {"calls": error.call_ids, "holds": error.holds})
    if isinstance(error, _FOR_PEOPLE):
        return _problem(status, code, title, str(error))
    # Errors of other rooms may name files and hosts: they go to the log and not to the client.
    return _problem(status, code, title)


def _where(error: QueryError) -> dict[str, Any]:
    return {
        "reason": error.code,
        "position": error.position,
        "length": error.length,
        "suggestion": error.suggestion or None,
        "source": error.source,
        "values": error.parameters,
    }


def internal() -> Problem:
    """What an error that nobody foresaw looks like from outside."""
    return _problem(500, "internal", "Something went wrong inside", "The log of the server says more.")


def _problem(
    status: int, code: str, title: str, detail: str = "", parameters: dict[str, Any] | None = None
) -> Problem:
    return Problem(
        type=f"urn:earwitness:problem:{code}",
        title=title,
        status=status,
        code=code,
        detail=detail,
        parameters=parameters or {},
    )


async def _answer_error(request: Request, error: Exception) -> Response:
    problem = of_error(error)
    request.state.failure = f"{type(error).__name__}: {error}"
    request.state.suspicious = isinstance(error, _SUSPICIOUS)
    headers = {}
    if isinstance(error, errors.LockedOut):
        headers["Retry-After"] = str(error.parameters["retry_after"])
    if isinstance(error, errors.RangeUnsatisfiable):
        headers["Content-Range"] = f"bytes */{error.parameters['length']}"
    return response(problem, headers)


async def _answer_http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    title = HTTPStatus(error.status_code).phrase
    code = _HTTP_CODES.get(error.status_code, "http")
    return response(_problem(error.status_code, code, title), error.headers)


async def _answer_validation(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    wrong = [
        {"location": [str(step) for step in one["loc"]], "code": one["type"], "message": one["msg"]}
        for one in error.errors()
    ]
    return response(_problem(422, "validation", "A value is wrong", parameters={"errors": wrong}))
