"""Agents within reach, for filters."""

from fastapi import APIRouter, Request

from qa_api.routes.replies import problems
from qa_api.schemas.agents import AgentList

router = APIRouter(tags=["agents"])


@router.get("/agents", responses=problems(401, 403))
def list_agents(request: Request) -> AgentList:
    """The agents whose calls the viewer may see, by extension."""
    raise NotImplementedError
