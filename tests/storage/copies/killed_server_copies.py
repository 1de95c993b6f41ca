"""Run as a program: copy calls to a server, killed at random places, and check what is there then.

Its arguments are the kind of server, a folder, and as JSON how to reach the server. Prints as JSON in what it
was killed how often, how many calls there are, and how many uploads the server was left with. Each copier is
forked and makes its own connections.
"""

import json
import os
import random
import signal
import socket
import sys
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

from storage.catalogue import Catalogue, sqlite_url
from storage.targets import LocalTarget, Target
from storage.targets.ftp import FtpTarget
from storage.targets.s3 import S3Target
from storage.targets.s3_client import S3Client, S3Place
from storage.targets.sftp import SftpTarget
from storage.targets.sweeping import sweep
from tests.storage.copies.centre import Centre
from tests.storage.copies.killed_copies import PAUSE

KILLS = 34
UPLOADS = KILLS // 4
BATCH = 3
_ROUND = 6
"""After so many kills there are further calls."""
LONG, IN_PARTS = 600_000, (8 << 20) + 300_000
"""Bytes of the recordings. The latter goes to S3 in parts."""
STEPS = {"ftp": 90, "sftp": 150, "s3": 260}
"""About as many as it takes to copy a batch."""
_PIECE = 1 << 16
_BLOB = 1 << 12
"""What is longer than so many bytes is no request but part of a blob."""


def way_to(kind: str, place: dict[str, Any]) -> Callable[[], Target]:
    """What makes a target of the server that the test has."""
    if kind == "ftp":
        return lambda: FtpTarget("127.0.0.1", **place, tls=False, folder="calls")
    if kind == "sftp":
        known = Path(place.pop("known_hosts"))
        return lambda: SftpTarget("127.0.0.1", **place, known_hosts=known, folder="calls")
    client = S3Client(S3Place(place["bucket"], endpoint=place["endpoint"]))
    client()  # it takes longer to make than a copy takes, and has no connections yet
    return lambda: S3Target(client, "calls")


class Ground:
    """A data folder and a server; this process connects to it only at the end."""

    def __init__(self, root: Path, reach: Callable[[], Target], longest: int) -> None:
        self._reach, self._longest = reach, longest
        self._catalogue = Catalogue(sqlite_url(root / "catalogue.db"))
        # Where the copies go is opened by each copier for itself.
        self.centre = Centre(self._catalogue, {"server": LocalTarget(root)}, LocalTarget(root / "home"))

    def archive(self, first: int) -> None:
        self.centre.archive(first, size=self._longest)
        self.centre.archive(*range(first + 1, first + BATCH), size=LONG)
        self._catalogue.close()

    def copy(self) -> None:
        self.centre.targets["server"] = self._reach()
        self.centre.copy("server", limit=BATCH)

    def finish(self) -> tuple[int, int]:
        """Copy the rest, and check all of it; how many calls there are, and how many uploads were left."""
        target = self.centre.targets["server"] = self._reach()
        self.centre.later(hours=1)
        self.centre.copy_all("server")
        left = sweep(target, datetime.now(UTC) + PAUSE)
        self.centre.check("server")
        return self._catalogue.calls.count(), left


class Killer:
    """Kills this process at the step of a number, once ``say`` knows in what.

    A step is a statement for the catalogue, a request to the server, or 64 KiB of a blob: of the send in
    which it falls only what comes before it is sent. They count from the first bytes of a blob.
    """

    def __init__(self, step: int, say: Callable[[str], object]) -> None:
        self._left, self._say, self._begun = step, say, False
        self._lock = threading.Lock()
        event.listen(Engine, "before_cursor_execute", lambda *_: self._step("catalogue"))
        event.listen(Engine, "commit", lambda _: self._step("catalogue"))
        for name in ("send", "sendall"):
            setattr(socket.socket, name, self._sending(getattr(socket.socket, name)))

    def _sending(self, send: Callable[..., Any]) -> Callable[..., Any]:
        def sends(connection: socket.socket, data: bytes, *args: int) -> Any:
            sent = memoryview(data)
            what = "request" if sent.nbytes <= _BLOB else "upload"
            self._begun = self._begun or what == "upload"
            steps = 1 + sent.nbytes // _PIECE
            self._step(what, steps, lambda before: send(connection, sent[: before * _PIECE], *args))
            return send(connection, data, *args)

        return sends

    def _step(self, what: str, steps: int = 1, begin: Callable[[int], Any] = lambda _: None) -> None:
        with self._lock:
            before, self._left = self._left, self._left - steps * self._begun
        if self._begun and 0 <= before < steps:
            begin(before)
            self._say(what)
            os.kill(os.getpid(), signal.SIGKILL)


def killed(ground: Ground, step: int) -> str:
    """In what the copier was killed; empty where it came to its end before."""
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        Killer(step, lambda what: os.write(tell, what.encode()))
        ground.copy()
        os._exit(0)
    os.close(tell)
    with os.fdopen(told) as said:
        what = said.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status == (-signal.SIGKILL if what else 0)
    return what


def main(kind: str, root: Path, place: dict[str, Any]) -> None:
    ground = Ground(root, way_to(kind, place), IN_PARTS if kind == "s3" else LONG)
    chance = random.Random(kind)
    kills: Counter[str] = Counter()
    for number in count(step=BATCH):
        ground.archive(number)
        for _ in range(_ROUND):
            what = killed(ground, chance.randrange(STEPS[kind]))
            ground.centre.now += PAUSE
            if not what:
                break
            kills[what] += 1
        # In what a kill falls is the threads' doing: it goes on until enough of them cut a blob.
        if kills.total() >= KILLS and kills["upload"] >= UPLOADS:
            break
    calls, left = ground.finish()
    json.dump({"kills": kills, "calls": calls, "left": left}, sys.stdout)
    sys.stdout.flush()
    # Threads and connections of targets need not end.
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), json.loads(sys.argv[3]))
