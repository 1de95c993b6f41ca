"""Placement as it stands now: its rules with what the catalogue says of the teams that they name."""

from storage.catalogue import Catalogue
from storage.copies.placement import Placement


def standing(placement: Placement, catalogue: Catalogue) -> Placement:
    """The placement by whose rules calls go where at this moment.

    Ask for it anew for every page of calls: people make and remove teams while copies are made.
    """
    if not placement.teams:
        return placement
    return placement.with_teams({team.name: team.id for team in catalogue.teams.all()})
