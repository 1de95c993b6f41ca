"""The application: routes, guard, errors, headers, and the web page."""

from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from qa_api.routes import agents, audio, audit, calls, session, system
from qa_api.routes.replies import COMPONENT

PREFIX = "/api/v1"


def bare() -> FastAPI:
    """The routes alone, without services: what the OpenAPI document is made from."""
    app = FastAPI(
        title="Earwitness",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        generate_unique_id_function=operation_id,
    )
    inside = APIRouter(prefix=PREFIX)
    for module in (session, calls, audio, agents, audit, system):
        inside.include_router(module.router)
    app.include_router(session.public, prefix=PREFIX)
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
