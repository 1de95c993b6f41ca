"""From settings to the catalogue, apart from the wiring of all rooms: many commands need no other room."""

from earwitness.moved import refuse_moved
from earwitness.settings import Settings
from storage.catalogue import Catalogue, sqlite_url


def catalogue(settings: Settings) -> Catalogue:
    """The catalogue, made or brought to the current schema. Raises ``CatalogueMoved``."""
    refuse_moved(settings)
    return Catalogue(settings.catalogue.url or sqlite_url(settings.folders.catalogue))
