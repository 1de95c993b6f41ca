"""Criteria as people state them for a rule or a hold, and as these keep them."""

from sqlalchemy import Connection, select

from storage.catalogue.tables import teams
from storage.catalogue.tags import checked_tag
from storage.criteria import Criteria
from storage.errors import BadRule, BadTag


def known(connection: Connection, stated: Criteria) -> Criteria:
    """The criteria with the ids of their teams, which may be given by name too, and tags as calls bear them.

    Raises ``BadRule`` for a team that there is not, and for what is no tag: nothing would ever meet it, and
    whoever relies on a hold should know before calls are gone.
    """
    try:
        stated = stated.model_copy(update={"tags": tuple(map(checked_tag, stated.tags))})
    except BadTag as error:
        raise BadRule(str(error)) from None
    if not stated.teams:
        return stated
    ids = {row.name: row.id for row in connection.execute(select(teams.c.id, teams.c.name))}
    found = stated.with_teams(ids)
    for team in found.teams:
        if team not in ids.values():
            raise BadRule(f"There is no team {team}. Name one that has agents or users.")
    return found
