"""The catalogue of an installation moved from the file in its data folder to a database server.

The file stays as it was, marked as moved, so that nothing goes on with it (``moved``). Killed in between, the
move is begun again, or marked where all of it was there already.
"""

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from earwitness.errors import SettingsError
from earwitness.moved import mark
from earwitness.settings import Settings
from earwitness.standstill import standstill
from storage.catalogue import Catalogue, has_rows, load
from storage.errors import NotEmpty

Progress = Callable[[int], None]
"""Told how many more bytes of the catalogue, packed, have gone over."""
ACTION = "catalogue.migrate"
"""The audit event that whoever moves a catalogue writes into it before."""
_TRIES = 100
"""So often at most a move is begun in vain before one that was killed behind its end is not known as such."""


@dataclass(frozen=True, slots=True)
class Migrated:
    """The rows of each table. ``before``: an earlier go had brought them, and was killed behind that."""

    rows: dict[str, int]
    before: bool = False


def migrate(
    settings: Settings, source: Catalogue, to: str, now: datetime, progress: Progress = lambda _: None
) -> Migrated:
    """Copy everything in ``source`` to the empty database at ``to``, read back and compared before it counts,
    and mark the data folder, so that nothing goes on with ``source``.

    Nothing can write to ``source`` meanwhile, and nothing in it changes. Search index and archive stay as
    they are and go with either. Raises ``FolderBusy`` where the data folder is served, ``NotEmpty`` and what
    else ``load`` raises, after which ``to`` has no rows. ``DiskFull``: all is there, and only the mark lacks;
    begun again, that is made up for.
    """
    with standstill(settings), source.held(), closing(_told(source.dump(now), progress)) as pieces:
        try:
            done = Migrated(load(to, pieces).rows)
        except NotEmpty:
            if not (has_rows(to) and _is_there(source, to)):
                raise
            done = Migrated({}, before=True)
        mark(settings, checked(settings, to), now)
        return done


def _is_there(source: Catalogue, to: str) -> bool:
    """Whether the catalogue at ``to`` came from ``source``, where since then nothing happened but that moving
    it was tried again. A dump is loaded whole or not at all, so that what it ends with says enough."""
    with closing(Catalogue(to)) as there:
        return _same_calls(source, there) and _same_deeds(source, there)


def _same_calls(source: Catalogue, there: Catalogue) -> bool:
    last = source.changes.position()
    return last == 0 or source.changes.after(last - 1, 1) == there.changes.after(last - 1, 1)


def _same_deeds(source: Catalogue, there: Catalogue) -> bool:
    for event in source.audit.page(limit=_TRIES):
        if event in there.audit.page(before=event.position + 1, limit=1):
            return True
        if event.action != ACTION:
            return False
    return False


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
