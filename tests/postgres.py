"""A PostgreSQL server of the tests' own, on a socket in a folder of its own, with nothing kept for safety.

The folder lies in memory where there is room: hundreds of tests have a database each, of 8 MB in 300 files.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg

from tests import memory

OWNER = "postgres"
"""Who runs the server where the tests run as root, which it refuses to do itself."""
_FAST = ("fsync=off", "full_page_writes=off", "listen_addresses=''")


def programs() -> Path | None:
    """The folder of initdb and postgres; None where they are not installed."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda one: float(one.parts[-3]))
    if versions:
        return versions[-1].parent
    found = shutil.which("initdb")
    return Path(found).parent if found else None


@dataclass(slots=True)
class Server:
    """A running server."""

    folder: Path
    programs: Path
    keeps: bool = False
    """Whether what is committed outlives a stop that is ``immediate``."""
    _numbers: "count[int]" = field(default_factory=count)

    def url(self, name: str) -> str:
        """The URL of a database, for SQLAlchemy."""
        return f"postgresql+psycopg://{OWNER}@/{name}?host={self.folder}"

    def create(self, template: str = "template0") -> str:
        """A new database; its name."""
        name = f"catalogue_{next(self._numbers)}"
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    @contextmanager
    def lent(self, template: str = "template0") -> Iterator[str]:
        """The URL of a new database, which goes away with everything in it."""
        name = self.create(template)
        yield self.url(name)
        self._run(f'DROP DATABASE "{name}" WITH (FORCE)')

    def stop(self, mode: str = "fast") -> None:
        """Stop it with ``mode`` of pg_ctl; what it holds stays."""
        _control(self.folder, self.programs, "-m", mode, "stop")

    def start(self) -> None:
        """Start it, anew after ``stop``."""
        commits = f"synchronous_commit={'on' if self.keeps else 'off'}"
        options = " ".join(
            f"-c {one}" for one in (*_FAST, commits, f"unix_socket_directories='{self.folder}'")
        )
        _control(self.folder, self.programs, "-o", options, "start")

    def _run(self, statement: str) -> None:
        where = f"host={self.folder} user={OWNER} dbname=postgres"
        with psycopg.connect(where, autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def running(programs: Path, *, keeps: bool = False) -> Iterator[Server]:
    """A server as long as this is entered."""
    folder = Path(tempfile.mkdtemp(prefix="earwitness-pg-", dir=memory.folder()))
    if os.geteuid() == 0:
        shutil.chown(folder, OWNER)
    initdb = [programs / "initdb", "-D", folder / "data", "-U", OWNER, "-A", "trust", "-N", "-E", "UTF8"]
    server = Server(folder, programs, keeps)
    try:
        _as_owner(folder, *initdb, "--locale=C.UTF-8")
        server.start()
        try:
            yield server
        finally:
            server.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _control(folder: Path, programs: Path, *what: str) -> None:
    _as_owner(folder, programs / "pg_ctl", "-D", folder / "data", "-w", "-l", folder / "log", *what)


def _as_owner(folder: Path, *command: str | Path) -> None:
    as_owner = {"user": OWNER} if os.geteuid() == 0 else {}
    subprocess.run(command, check=True, capture_output=True, cwd=folder, **as_owner)
