"""Teams: the scope of what supervisors and evaluators see."""

import uuid
from dataclasses import dataclass

from sqlalchemy import insert, select

from storage.catalogue.engine import Database
from storage.catalogue.tables import teams
from storage.errors import NameTaken


@dataclass(frozen=True, slots=True)
class Team:
    """A team of agents."""

    id: str
    name: str


class Teams:
    """Makes and lists teams."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, name: str) -> Team:
        """Make a team. Raises ``NameTaken``."""
        team = Team(str(uuid.uuid4()), name)
        with self._database.write() as connection:
            if connection.execute(select(teams.c.id).where(teams.c.name == name)).first():
                raise NameTaken(f"There is a team named {name} already.")
            connection.execute(insert(teams).values(id=team.id, name=team.name))
        return team

    def get(self, team_id: str) -> Team | None:
        """The team with this id."""
        with self._database.read() as connection:
            row = connection.execute(select(teams).where(teams.c.id == team_id)).one_or_none()
        return Team(row.id, row.name) if row else None

    def named(self, name: str) -> Team | None:
        """The team with this name."""
        with self._database.read() as connection:
            row = connection.execute(select(teams).where(teams.c.name == name)).one_or_none()
        return Team(row.id, row.name) if row else None

    def all(self) -> list[Team]:
        """All teams by name."""
        with self._database.read() as connection:
            rows = connection.execute(select(teams).order_by(teams.c.name))
            return [Team(row.id, row.name) for row in rows]
