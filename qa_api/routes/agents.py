"""Agents within reach, for filters."""

from fastapi import APIRouter

from qa_api.guard import Given, SignedIn
from qa_api.permissions import NEEDS_REASON, Role
from qa_api.routes.replies import problems
from qa_api.schemas.agents import AgentList, AgentRow, TeamList, TeamRow
from qa_api.services import Services
from qa_api.viewer import Viewer
from storage.catalogue import Agent

router = APIRouter(tags=["agents"])


@router.get("/agents", responses=problems(401, 403))
def list_agents(services: Given, viewer: SignedIn) -> AgentList:
    """The agents whose calls the viewer may see, by extension."""
    teams = {team.id: team.name for team in services.catalogue.teams.all()}
    rows = (
        AgentRow(extension=agent.extension, name=agent.name, team=teams.get(agent.team or "", ""))
        for agent in _within_reach(services, viewer)
    )
    return AgentList(items=tuple(rows))


@router.get("/teams", responses=problems(401, 403))
def list_teams(services: Given, viewer: SignedIn) -> TeamList:
    """The teams whose calls the viewer may see."""
    everywhere = viewer.role in NEEDS_REASON
    found = (team for team in services.catalogue.teams.all() if everywhere or team.id in viewer.user.teams)
    return TeamList(items=tuple(TeamRow(id=team.id, name=team.name) for team in found))


def _within_reach(services: Services, viewer: Viewer) -> list[Agent]:
    agents = services.catalogue.agents
    if viewer.role in NEEDS_REASON:
        return agents.all()
    if viewer.role is Role.AGENT:
        return list(agents.get_many([viewer.user.agent]).values())
    return agents.all(viewer.user.teams)
