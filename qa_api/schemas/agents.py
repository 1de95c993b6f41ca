"""Agents, for filters and names."""

from qa_api.schemas.wire import Reply


class Agent(Reply):
    """An agent by extension; ``name`` is empty where the catalogue knows none."""

    extension: str
    name: str


class AgentRow(Agent):
    """An agent with the team."""

    team: str


class TeamRow(Reply):
    """A team, by whose id rules and holds name it."""

    id: str
    name: str


class TeamList(Reply):
    """The teams within reach, by name."""

    items: tuple[TeamRow, ...]


class AgentList(Reply):
    """The agents whose calls the viewer may see."""

    items: tuple[AgentRow, ...]
