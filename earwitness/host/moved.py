"""Whether the settings name a catalogue that moved to a database server."""

from collections.abc import Iterator

from earwitness.host.finding import Finding, wrong
from earwitness.moved import CatalogueMoved, refuse_moved
from earwitness.settings import Settings

CHECK = "catalogue"


def check(settings: Settings) -> Iterator[Finding]:
    """Nothing is said where it did not move."""
    try:
        refuse_moved(settings)
    except CatalogueMoved as error:
        yield wrong(CHECK, str(error), "set catalogue.url, in the file that the service reads too")
