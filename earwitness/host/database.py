"""Whether the database server of the catalogue answers: without it no call is archived and none found."""

from collections.abc import Iterator

from earwitness.host.finding import Finding, well, wrong
from earwitness.settings import Settings
from storage.catalogue import reach
from storage.errors import StorageError

CHECK = "catalogue"
SECONDS = 5
"""Who asks the doctor waits for no longer."""
_REMEDY = (
    "see that the database server runs and can be reached from here, and that catalogue.url names it; calls "
    "wait in the hand-off folder until it answers"
)


def hasty(settings: Settings) -> Settings:
    """The same settings for checks that read the catalogue: none of them waits long for a server."""
    url = reach.hasty(settings.catalogue.url, SECONDS)
    return settings.model_copy(update={"catalogue": settings.catalogue.model_copy(update={"url": url})})


def check(settings: Settings) -> Iterator[Finding]:
    """Nothing is said of a catalogue in a file."""
    if not reach.is_server(settings.catalogue.url):
        return
    try:
        reach.ask(settings.catalogue.url, SECONDS)
    except StorageError as error:
        yield wrong(CHECK, str(error), _REMEDY)
    else:
        yield well(CHECK, "the database of catalogue.url answers")
