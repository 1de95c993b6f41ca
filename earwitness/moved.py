"""That the catalogue of a data folder moved to a database server: its file stays, and nothing uses it again.

Without this a ``serve`` with the settings of before would go on writing where nobody looks any more.
"""

import json
from datetime import datetime
from pathlib import Path

from earwitness.errors import HostError
from earwitness.settings import Settings
from storage import durable
from storage.model import rfc3339

NAME = "catalogue.moved.json"


class CatalogueMoved(HostError):
    """The settings name a catalogue that moved away."""

    def __init__(self, settings: Settings, to: str, at: str) -> None:
        super().__init__(
            f"The catalogue of {settings.data} moved to {to} ({at}), and its file here is as it was then. "
            f'Write catalogue.url = "{to}" into the settings. Only to go back to the state of that time, '
            f"without what came since: remove {mark_of(settings)}."
        )


def mark_of(settings: Settings) -> Path:
    """The file that says so."""
    return settings.data / NAME


def mark(settings: Settings, to: str, now: datetime) -> None:
    """Note that the catalogue is at ``to`` from ``now`` on, a URL without a password. Raises ``DiskFull``."""
    document = {"to": to, "at": rfc3339(now)}
    durable.write_bytes(mark_of(settings), json.dumps(document).encode())


def refuse_moved(settings: Settings) -> None:
    """Raise ``CatalogueMoved`` where the settings name a file and what it held is elsewhere."""
    if settings.catalogue.url:
        return
    try:
        data = mark_of(settings).read_bytes()
    except FileNotFoundError:
        return
    try:
        document = json.loads(data)
        to, at = str(document["to"]), str(document["at"])
    except (ValueError, KeyError, TypeError):
        to, at = "a database server", "when is not readable"
    raise CatalogueMoved(settings, to, at)
