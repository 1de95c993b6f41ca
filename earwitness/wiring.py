"""From settings to the objects of the rooms. Nothing here does any work."""

from collections.abc import Mapping
from pathlib import Path

from earwitness.settings import Settings
from indexer.engine import Searching
from indexer.tantivy_engine import TantivyReader
from storage.catalogue import Catalogue, sqlite_url
from storage.targets import LocalTarget, Target

LOCAL = "local"
"""Name of the archive's own target in the catalogue."""


def catalogue(settings: Settings) -> Catalogue:
    """The catalogue, made or brought to the current schema."""
    return Catalogue(sqlite_url(settings.folders.catalogue))


def targets(settings: Settings) -> Mapping[str, Target]:
    """The archive targets by name."""
    return {LOCAL: LocalTarget(settings.archive_folder)}


def search_reader(settings: Settings) -> Searching:
    """The search index as other processes than the one that writes it read it."""
    return TantivyReader(settings.folders.index)


def spool(settings: Settings, tap: str) -> Path:
    """The spool of one tap: each has its own, as recovery clears what no call of it names."""
    return settings.folders.spool / tap
