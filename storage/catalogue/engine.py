"""The connection to the database, and what each kind of database needs to be told.

Nothing outside this file and ``schema.py`` knows which database it is.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError, StatementError

from storage.errors import CatalogueError, CatalogueRefused, CatalogueUnreachable, DiskFull

_WAIT_SECONDS = 30
_PATIENCE = {"connect_timeout": 10, "tcp_user_timeout": 30_000, "keepalives_idle": 30}
"""What libpq is told: seconds, milliseconds, seconds."""
_GOING = ("08", "57P01", "57P02", "57P03")
"""How the SQLSTATE begins where a server ends, is not up yet, or lost the connection."""
_NO_SPACE = ("database or disk is full", "No space left on device")


def sqlite_url(path: Path) -> str:
    """The URL of a SQLite database in the file ``path``."""
    return f"sqlite:///{path}"


class Database:
    """Connections for reading and for writing; safe from several threads, and with other processes at it."""

    def __init__(self, url: str) -> None:
        try:
            self.engine = create_engine(
                url, pool_size=8, max_overflow=56, pool_timeout=_WAIT_SECONDS, **_server_options(url)
            )
        except (ImportError, ArgumentError, ValueError) as error:
            raise CatalogueError(f"The catalogue cannot be opened at this URL: {error}") from error
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one state of the database as long as it is held."""
        with _database_errors(self.engine), self.engine.connect() as connection:
            if connection.dialect.name != "sqlite":
                connection = connection.execution_options(isolation_level="REPEATABLE READ")  # noqa: PLW2901
            with connection.begin():
                yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction: on leaving it is committed and survives loss of power; an exception undoes it."""
        with _database_errors(self.engine), self.engine.connect() as connection:
            connection = connection.execution_options(writes=True)  # noqa: PLW2901
            with connection.begin():
                yield connection

    def close(self) -> None:
        """Close the connections that nobody is using."""
        self.engine.dispose()


def _server_options(url: str) -> dict[str, Any]:
    """What a database behind a network needs: connections that it has closed meanwhile are replaced before
    they are used, and one whose other end is gone is not waited for as long as the system would."""
    if make_url(url).get_backend_name() != "postgresql":
        return {}
    given = make_url(url).query
    patience = {name: value for name, value in _PATIENCE.items() if name not in given}
    return {"pool_pre_ping": True, "connect_args": patience}


def _prepare_sqlite(connection: sqlite3.Connection, _: Any) -> None:
    # Transactions are begun by _begin_sqlite, not by the driver, which would begin them too late.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {_WAIT_SECONDS * 1000}")
    connection.execute("PRAGMA foreign_keys = ON")
    _write_ahead(connection)
    # FULL syncs the log at every commit. NORMAL could lose the last calls with the power, whose hand-off
    # folders intake has removed by then.
    connection.execute("PRAGMA synchronous = FULL")
    # What is deleted is overwritten: a call whose key is erased must not be opened with what the file still
    # holds of it.
    connection.execute("PRAGMA secure_delete = ON")


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch to WAL. While another process does the same, SQLite refuses at once instead of waiting."""
    deadline = time.monotonic() + _WAIT_SECONDS
    while connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        try:
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
            return
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes the lock at once: a reader that turns writer would fail where another wrote in between.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _database_errors(engine: Engine) -> Iterator[None]:
    place = engine.url.database or engine.url.host or "the catalogue"
    try:
        yield
    except engine.dialect.loaded_dbapi.OperationalError as error:
        # The drivers' own, from what SQLAlchemy does outside of statements.
        raise _unusable(place, error, lost=_is_lost(engine, error)) from error
    except DBAPIError as error:
        lost = error.connection_invalidated or _is_lost(engine, error.orig)
        if not lost and not isinstance(error, OperationalError):
            raise CatalogueRefused(f"The catalogue {place} refuses: {error}") from error
        raise _unusable(place, error.orig, lost=lost) from error
    except (StatementError, OverflowError) as error:
        raise CatalogueRefused(f"The catalogue {place} refuses: {error}") from error


def _is_lost(engine: Engine, error: BaseException | None) -> bool:
    """Whether the server is away, and not only unwilling. libpq itself gives no SQLSTATE."""
    if engine.dialect.name != "postgresql" or not isinstance(
        error, engine.dialect.loaded_dbapi.OperationalError
    ):
        return False
    state = getattr(error, "sqlstate", None)
    return state is None or state.startswith(_GOING)


def _unusable(place: str, error: BaseException | None, *, lost: bool) -> CatalogueError | DiskFull:
    if any(words in str(error) for words in _NO_SPACE):
        return DiskFull(place)
    if lost:
        reason = " ".join(str(error).split()).rstrip(".")
        return CatalogueUnreachable(
            f"The catalogue {place} cannot be reached: {reason}. Check that its database server runs."
        )
    return CatalogueError(f"The catalogue {place} cannot be used: {error}")
