"""Criteria as people state them for a rule or a hold, and as these keep them."""

from sqlalchemy import Connection, select

from storage.catalogue.tables import teams
from storage.criteria import Criteria
from storage.errors import BadRule


def known(connection: Connection, stated: Criteria) -> Criteria:
    """The criteria with the ids of their teams, which may be given by name too.

    Raises ``BadRule`` for a team that there is not: nothing would ever meet it, and whoever relies on a hold
    should know before calls are gone.
    """
    if not stated.teams:
        return stated
    ids = {row.name: row.id for row in connection.execute(select(teams.c.id, teams.c.name))}
    found = stated.with_teams(ids)
    for team in found.teams:
        if team not in ids.values():
            raise BadRule(f"There is no team {team}. Name one that has agents or users.")
    return found
