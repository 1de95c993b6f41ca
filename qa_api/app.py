"""The application: routes, guard, errors, headers, and the web page."""

import json
from functools import cache
from typing import Any

from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import APIRoute

from qa_api import problems
from qa_api.bodies import BodyLimit
from qa_api.guard import guard
from qa_api.headers import SecurityHeaders
from qa_api.page import Page
from qa_api.routes import (
    agents,
    audio,
    audit,
    calls,
    erasures,
    holds,
    retention,
    session,
    storage,
    system,
    tags,
)
from qa_api.routes.replies import COMPONENT
from qa_api.services import Services
from qa_api.watch import Watch

PREFIX = "/api/v1"
_INSIDE = (
    session.public,
    session.router,
    calls.router,
    tags.router,
    audio.router,
    storage.router,
    retention.router,
    holds.router,
    erasures.router,
    agents.router,
    audit.router,
)


def create_app(services: Services) -> FastAPI:
    """The whole application with these services; it keeps nothing outside of them."""
    app = bare()
    app.state.services = services
    app.state.document = _served_document
    problems.install(app)
    app.router.default = Page(services.static)
    # The last one added is the outermost.
    app.add_middleware(BodyLimit)
    app.add_middleware(Watch, services=services)
    app.add_middleware(SecurityHeaders)
    return app


def bare() -> FastAPI:
    """The routes and their guard, without services: what the OpenAPI document is made from."""
    app = FastAPI(
        title="Earwitness",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        dependencies=[Depends(guard)],
        generate_unique_id_function=operation_id,
    )
    inside = APIRouter(prefix=PREFIX)
    for router in (*_INSIDE, system.router):
        inside.include_router(router)
    app.include_router(inside)
    app.include_router(system.outside)
    return app


def operation_id(route: APIRoute) -> str:
    """The function's name: the operation id of the document and the key of the permission tables."""
    return route.name


def document() -> dict[str, Any]:
    """The OpenAPI document, the contract with the web page."""
    made = bare().openapi()
    made["components"]["schemas"] |= COMPONENT
    return made


@cache
def _served_document() -> bytes:
    return json.dumps(document(), ensure_ascii=False).encode()
