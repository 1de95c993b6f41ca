"""Teams that placement names and that nobody made: by its rule no call goes anywhere."""

from collections.abc import Iterable

from earwitness.settings import Settings
from storage.catalogue import Team

REMEDY = (
    "Correct the name in the settings, or make the team by putting an agent in it: "
    "`earwitness agent add EXTENSION NAME --team TEAM`."
)


def named(settings: Settings) -> frozenset[str]:
    """The teams that placement speaks of, by name or id."""
    return frozenset(team for rule in settings.placement for team in rule.calls.teams)


def missing(settings: Settings, teams: Iterable[Team]) -> list[str]:
    """Those of them that are none of ``teams``, which are all that there are."""
    return sorted(named(settings).difference(*((team.id, team.name) for team in teams)))


def said(name: str) -> str:
    """What people should know of one that is missing."""
    return f"There is no team {name}, which [[placement]] names: no call goes anywhere for it. {REMEDY}"
