"""The catalogue of an installation moved from the file in its data folder to a database server."""

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from datetime import datetime

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from earwitness.errors import SettingsError
from earwitness.settings import Settings
from earwitness.standstill import standstill
from storage.catalogue import Catalogue, Loaded, load

Progress = Callable[[int], None]
"""Told how many more bytes of the catalogue, packed, have gone over."""


def migrate(
    settings: Settings, source: Catalogue, to: str, now: datetime, progress: Progress = lambda _: None
) -> Loaded:
    """Copy everything in ``source`` to the empty database at ``to``, read back and compared before it counts.

    Nothing can write to ``source`` meanwhile, and nothing in it changes. Search index and archive stay as
    they are and go with either. Raises ``FolderBusy`` where the data folder is served, ``NotEmpty`` and what
    else ``load`` raises, after which ``to`` has no rows.
    """
    with standstill(settings), source.held(), closing(_told(source.dump(now), progress)) as pieces:
        return load(to, pieces)


def checked(settings: Settings, to: str) -> str:
    """``to`` as it can be shown, without a password.

    Raises ``SettingsError`` where there is nothing to move, or no server to move it to.
    """
    if settings.catalogue.url:
        raise SettingsError(
            "The catalogue is on a database server already: catalogue.url is set. "
            "Name the settings that the catalogue was made with, without catalogue.url."
        )
    try:
        url = make_url(to)
    except ArgumentError:
        url = None
    if url is None or url.get_backend_name() != "postgresql":
        raise SettingsError(f"{to} is no PostgreSQL. Write it as postgresql+psycopg://user@host/database")
    return url.render_as_string(hide_password=True)


def _told(pieces: Iterator[bytes], progress: Progress) -> Generator[bytes, None, None]:
    for piece in pieces:
        progress(len(piece))
        yield piece
