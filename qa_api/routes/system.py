"""Health for people, for probes, and metrics."""

import hmac
import ipaddress
from typing import Any

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from qa_api.errors import NotPermitted
from qa_api.guard import Given, client_address
from qa_api.routes.replies import problems
from qa_api.schemas.system import Condition, Health, PublicHealth, PublicPart
from qa_api.services import Services

router = APIRouter(tags=["system"])
outside = APIRouter(tags=["system"])
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")
_TEXT: dict[int | str, dict[str, Any]] = {
    200: {"description": "Prometheus text", "content": {"text/plain": {"schema": {"type": "string"}}}}
}


@router.get("/system", responses=problems(401, 403))
def get_system(services: Given) -> Health:
    """Every part with what is wrong and what to do."""
    return _health(services)


@router.get("/openapi.json", response_model=dict[str, Any], responses=problems(401))
def get_document(request: Request) -> Response:
    """This document (OpenAPI 3.1)."""
    return Response(request.app.state.document(), media_type="application/json")


@outside.get("/healthz")
def get_health(services: Given) -> PublicHealth:
    """Alive, and which part is unwell. Why, and what is to be known of parts that are well, is said inside.

    Always 200 while the process answers, so that an unwell recorder does not restart the API.
    """
    health = _health(services)
    parts = tuple(PublicPart(name=part.name, condition=part.condition) for part in health.parts)
    return PublicHealth(condition=health.condition, parts=parts)


@outside.get("/metrics", response_class=Response, responses=_TEXT | problems(403))
def get_metrics(request: Request, services: Given) -> Response:
    """Metrics for Prometheus: from this machine itself, or with the bearer token of the settings."""
    if not (_local(request) or _has_token(request, services.metrics_token)):
        raise NotPermitted("Metrics are for this machine, or for those who send the metrics token.")
    text = generate_latest(services.metrics.registry)
    return Response(text, media_type=CONTENT_TYPE_LATEST)


def _health(services: Services) -> Health:
    parts = tuple(services.health())
    unwell = any(part.condition is Condition.UNWELL for part in parts)
    return Health(condition=Condition.UNWELL if unwell else Condition.WELL, parts=parts)


def _local(request: Request) -> bool:
    # A proxy on this machine speaks from loopback for the whole world; it says so in a header.
    if any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ipaddress.ip_address(client_address(request)).is_loopback
    except ValueError:
        return False


def _has_token(request: Request, token: str) -> bool:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    return bool(token) and scheme.lower() == "bearer" and hmac.compare_digest(given.encode(), token.encode())
