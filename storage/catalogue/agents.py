"""Agents: who is behind an extension, and in which team."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from storage.catalogue.calls import touch
from storage.catalogue.engine import Database
from storage.catalogue.tables import agents, calls, teams
from storage.errors import NotInCatalogue


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent by extension. ``number`` is the outside number, empty where there is none; ``team`` an id."""

    extension: str
    name: str = ""
    number: str = ""
    team: str | None = None


class Agents:
    """Keeps and resolves agents."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, agent: Agent) -> None:
        """Add the agent, or change the one with this extension.

        Calls of the agent that have no team yet go to ``agent.team``; calls that have one keep it. All of
        them are found by the agent's name from now on.
        Raises ``NotInCatalogue`` where there is no such team.
        """
        values = {"name": agent.name, "number": agent.number, "team_id": agent.team}
        same = agents.c.extension == agent.extension
        own = calls.c.agent == agent.extension
        orphans = own & calls.c.team_id.is_(None)
        with self._database.write() as connection:
            if agent.team is not None and not _is_team(connection, agent.team):
                raise NotInCatalogue(f"The catalogue has no team {agent.team}.")
            if (connection.execute(select(agents.c.name).where(same)).scalar() or "") != agent.name:
                touch(connection, own)
            elif agent.team is not None:
                touch(connection, orphans)
            connection.execute(update(calls).where(orphans).values(team_id=agent.team))
            if connection.execute(update(agents).where(same).values(values)).rowcount == 0:
                connection.execute(insert(agents).values(extension=agent.extension, **values))

    def resolve(self, number: str) -> Agent | None:
        """The agent with this extension, or else the one with this outside number."""
        query = select(agents).where(or_(agents.c.extension == number, agents.c.number == number))
        with self._database.read() as connection:
            found = [_agent(row) for row in connection.execute(query)] if number else []
        return min(found, key=lambda agent: (agent.extension != number, agent.extension), default=None)

    def get_many(self, extensions: Sequence[str]) -> dict[str, Agent]:
        """The agents with these extensions (some hundred at most), by extension."""
        query = select(agents).where(agents.c.extension.in_(extensions))
        with self._database.read() as connection:
            return {row.extension: _agent(row) for row in connection.execute(query)}

    def all(self, of_teams: Sequence[str] | None = None) -> list[Agent]:
        """The agents of these teams, or all of them, by extension."""
        query = select(agents).order_by(agents.c.extension)
        if of_teams is not None:
            query = query.where(agents.c.team_id.in_(of_teams))
        with self._database.read() as connection:
            return [_agent(row) for row in connection.execute(query)]

    def delete(self, extension: str) -> bool:
        """Forget the agent; calls keep their extension and team. False where there is none."""
        with self._database.write() as connection:
            gone = connection.execute(delete(agents).where(agents.c.extension == extension)).rowcount == 1
            if gone:
                touch(connection, calls.c.agent == extension)
        return gone


def _is_team(connection: Connection, team: str) -> bool:
    return connection.execute(select(teams.c.id).where(teams.c.id == team)).first() is not None


def _agent(row: Row[Any]) -> Agent:
    return Agent(row.extension, row.name, row.number, row.team_id)
