"""Whether there are the teams that placement names: for a team that nobody made no call goes anywhere."""

from collections.abc import Iterator
from contextlib import closing

from earwitness import cataloguing
from earwitness.host import moved
from earwitness.host.finding import Finding, warning, well
from earwitness.keeping import missing_teams
from earwitness.settings import Settings
from storage.catalogue import Team
from storage.errors import StorageError

CHECK = "placement"


def check(settings: Settings) -> Iterator[Finding]:
    """Every team that is missing. Nothing is said where placement names none."""
    named = missing_teams.named(settings)
    if not named or any(moved.check(settings)):
        return
    try:
        missing = missing_teams.missing(settings, _teams(settings))
    except (StorageError, OSError) as error:
        text = f"whether there are the teams that [[placement]] names cannot be seen: {error}"
        yield warning(CHECK, text, "run it as the user of the service, and see that the database is there")
        return
    for name in missing:
        yield warning(
            CHECK,
            f"there is no team {name}: for it no call goes anywhere by [[placement]]",
            missing_teams.REMEDY,
        )
    if not missing:
        yield well(CHECK, f"there are the teams that [[placement]] names: {', '.join(sorted(named))}")


def _teams(settings: Settings) -> list[Team]:
    """All that there are; before the first start none."""
    if not settings.catalogue.url and not settings.folders.catalogue.is_file():
        return []
    with closing(cataloguing.catalogue(settings)) as catalogue:
        return catalogue.teams.all()
