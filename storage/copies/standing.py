"""Placement as it stands now: its rules with what the catalogue says of the teams that they name, and of the
targets that are long away."""

from datetime import datetime

from storage.catalogue import Catalogue, Condition
from storage.copies.placement import Placement

_AWAY = (Condition.DOWN, Condition.ABSENT)


def standing(placement: Placement, catalogue: Catalogue, now: datetime) -> Placement:
    """The placement by whose rules calls go where at this moment.

    Ask for it anew for every page of calls: people make and remove teams while copies are made, and targets
    go and come back.
    """
    if placement.teams:
        placement = placement.with_teams({team.name: team.id for team in catalogue.teams.all()})
    if placement.replaceable:
        placement = placement.without(_long_away(placement, catalogue, now))
    return placement


def _long_away(placement: Placement, catalogue: Catalogue, now: datetime) -> frozenset[str]:
    return frozenset(
        name
        for name, state in catalogue.target_states.all().items()
        if state.state in _AWAY and now - state.since > placement.patience(name)
    )
