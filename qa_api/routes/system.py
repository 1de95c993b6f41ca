"""Health for people, for probes, and metrics."""

from fastapi import APIRouter, Request, Response

from qa_api.routes.replies import problems
from qa_api.schemas.system import Health

router = APIRouter(tags=["system"])
outside = APIRouter(tags=["system"])


@router.get("/system", responses=problems(401, 403))
def get_system(request: Request) -> Health:
    """Every part with what is wrong and what to do."""
    raise NotImplementedError


@outside.get("/healthz", responses={503: {"model": Health, "description": "A part is unwell"}})
def get_health(request: Request, response: Response) -> Health:
    """Alive, and which part is unwell (names only, no detail)."""
    raise NotImplementedError


@outside.get(
    "/metrics",
    response_class=Response,
    responses={
        200: {"description": "Prometheus text", "content": {"text/plain": {"schema": {"type": "string"}}}},
    }
    | problems(403),
)
def get_metrics(request: Request) -> Response:
    """Metrics for Prometheus; from loopback, or with the bearer token of the settings."""
    raise NotImplementedError
