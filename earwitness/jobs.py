"""The job queue: Huey hands chores to workers, on SQLite or, where the catalogue is there, on PostgreSQL.

The queue belongs to one machine and is emptied at its start: what there is to do stands in the catalogue,
where machines share the work by claims, and chores come again by themselves.
"""

import hashlib
import json
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

from huey import Huey, PostgresHuey, SqliteHuey
from huey.consumer import Consumer
from huey.registry import Message
from huey.serializer import Serializer
from sqlalchemy import make_url

from earwitness.keeping.chores import Chore, Timetable
from earwitness.settings import Settings

_TO_STOP = 9.0
"""Seconds that workers have to end; the supervisor waits a little longer."""
_STOP_LOOK = 0.05
_POLL = 1.0
"""Seconds after which an idle worker looks at the queue at the latest."""


class JsonSerializer(Serializer):  # type: ignore[misc]
    """Messages as JSON: whoever can write to the queue shall not be able to run code here, as by pickle."""

    def _serialize(self, data: Message) -> bytes:
        return json.dumps(data).encode()

    def _deserialize(self, data: bytes) -> Message:
        return Message(*json.loads(bytes(data)))


def queue(settings: Settings) -> Huey:
    """The queue of this data folder on this machine."""
    common: dict[str, Any] = {"results": False, "serializer": JsonSerializer()}
    if not settings.catalogue.url:
        return SqliteHuey("earwitness", filename=str(settings.folders.jobs), **common)
    url = make_url(settings.catalogue.url)
    if url.get_backend_name() == "sqlite":
        return SqliteHuey("earwitness", filename=str(settings.folders.jobs), **common)
    place = f"{socket.gethostname()} {settings.data.resolve()}"
    name = f"earwitness-{hashlib.sha256(place.encode()).hexdigest()[:16]}"
    dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return PostgresHuey(name, dsn=dsn, table_prefix="earwitness_jobs", blocking=False, **common)


class Jobs:
    """Hands the chores of a timetable to ``workers`` threads. ``failed`` is told of what a chore raised."""

    def __init__(
        self, huey: Huey, timetable: Timetable, workers: int, failed: Callable[[str, Exception], None]
    ) -> None:
        self._huey = huey
        self._timetable = timetable
        self._failed = failed
        self.troubles: dict[str, str] = {}
        """What the chores raised last, by the name of the chore; empty while all went well."""
        self._at_work: dict[int, Chore] = {}
        self._task = huey.task(name="chore")(self._work)
        self._consumer = Consumer(
            huey, workers=workers, periodic=False, max_delay=_POLL, shutdown_timeout=_TO_STOP
        )

    def start(self) -> None:
        """Begin to work. Takes the handlers of SIGTERM, SIGINT and SIGHUP: set your own after it."""
        self._huey.flush()
        self._consumer.start()

    def tick(self, now: float) -> None:
        """Hand out what is due at ``now``, seconds of a monotonic clock."""
        for chore in self._timetable.due(now):
            if not self._timetable.has_room(chore):
                continue
            self._timetable.looked_at(chore, now)
            if self._try(chore.name, chore.wanted):
                self._timetable.hand_out(chore)
                self._task(chore.name)
        self._consumer.check_worker_health()

    def stop(self, given_up: Callable[[Chore], bool] = lambda _: False) -> bool:
        """Wait until the workers ended, which the chores must have been asked to by other means; not for
        long, and not for chores that are ``given_up``. Whether all of them ended."""
        self._consumer.stop()
        deadline = time.monotonic() + _TO_STOP
        while left := [thread.ident for _, thread in self._consumer.worker_threads if thread.is_alive()]:
            at_work = [self._at_work.get(ident or 0) for ident in left]
            if time.monotonic() >= deadline or all(chore and given_up(chore) for chore in at_work):
                return False
            time.sleep(_STOP_LOOK)
        self._huey.storage.close()
        return True

    def _work(self, name: str) -> None:
        chore = self._timetable.get(name)
        if chore is None:
            return
        self._at_work[threading.get_ident()] = chore
        try:
            self._try(name, chore.work)
        finally:
            self._at_work.pop(threading.get_ident())
            self._timetable.came_back(name)

    def _try(self, name: str, act: Callable[[], bool | None]) -> bool:
        """What ``act`` answers. A chore that fails must not stop the others; it comes again."""
        try:
            answer = act()
        except Exception as error:  # noqa: BLE001 - told to ``failed`` and shown as the part's trouble
            self.troubles[name] = f"{name}: {error}"
            self._failed(name, error)
            return False
        if answer is None:
            self.troubles.pop(name, None)
        return bool(answer)
