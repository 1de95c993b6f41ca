"""The job queue: Huey hands chores to workers, on SQLite or, where the catalogue is there, on PostgreSQL.

The queue belongs to one machine and is emptied at its start: what there is to do stands in the catalogue,
where machines share the work by claims, and chores come again by themselves.
"""

import hashlib
import json
import logging
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import psycopg
from huey import Huey, PostgresHuey, SqliteHuey
from huey.consumer import Consumer
from huey.registry import Message
from huey.serializer import Serializer
from sqlalchemy import make_url

from earwitness.keeping.chores import Chore, Timetable
from earwitness.settings import Settings
from storage.errors import CatalogueUnreachable

_TO_STOP = 9.0
"""Seconds that workers have to end; the supervisor waits a little longer."""
_STOP_LOOK = 0.05
_LOOKS = 10
"""So often in a second idle workers look at the queue, all of them together."""
_BACKOFF = 2.0
"""Times which an idle worker waits longer after each look, up to its share of those."""


_LOST_LOOK = 10.0
"""Seconds between two looks for chores that were lost on their way."""
_QUEUE_LOST = (psycopg.OperationalError,)


def _is_news(record: logging.LogRecord) -> bool:
    """Each worker would say each second that it cannot reach the queue, which is said elsewhere, once."""
    return not (record.exc_info and isinstance(record.exc_info[1], _QUEUE_LOST))


def _nobody(_: Exception) -> None:
    """Nobody wants to know."""


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
    """Hands the chores of a timetable to ``workers`` threads. ``failed`` is told of what a chore raised, and
    ``lost`` where the catalogue or the queue could not be reached: those chores come again with the next
    ``tick``, and who waits for the database leaves out the ticks meanwhile."""

    def __init__(
        self,
        huey: Huey,
        timetable: Timetable,
        workers: int,
        failed: Callable[[str, Exception], None],
        lost: Callable[[Exception], None] = _nobody,
    ) -> None:
        self._lost = lost
        self._looked_for_lost = 0.0
        self._unseen: frozenset[str] = frozenset()
        self._huey = huey
        self._timetable = timetable
        self._failed = failed
        self.troubles: dict[str, str] = {}
        """What the chores raised last, by the name of the chore; empty while all went well."""
        self._at_work: dict[int, Chore] = {}
        self._task = huey.task(name="chore")(self._work)
        self._consumer = Consumer(
            huey,
            workers=workers,
            periodic=False,
            max_delay=workers / _LOOKS,
            backoff=_BACKOFF,
            shutdown_timeout=_TO_STOP,
        )

    def start(self) -> None:
        """Begin to work. Takes the handlers of SIGTERM, SIGINT and SIGHUP: set your own after it."""
        for place in ("Worker", "Scheduler"):
            logging.getLogger(f"huey.consumer.{place}").addFilter(_is_news)
        self._huey.flush()
        self._consumer.start()

    def tick(self, now: float) -> None:
        """Hand out what is due at ``now``, seconds of a monotonic clock."""
        for chore in self._timetable.due(now):
            if not self._timetable.has_room(chore):
                continue
            self._timetable.looked_at(chore, now)
            if self._try(chore.name, chore.wanted) and not self._handed_out(chore):
                break
        if now - self._looked_for_lost >= _LOST_LOOK:
            self._looked_for_lost = now
            self._give_back_lost()
        self._consumer.check_worker_health()

    def _handed_out(self, chore: Chore) -> bool:
        self._timetable.hand_out(chore)
        try:
            self._task(chore.name)
        except _QUEUE_LOST as error:
            self._timetable.came_back(chore.name)
            self._timetable.is_due_again(chore.name)
            self._lost(error)
            return False
        return True

    def _give_back_lost(self) -> None:
        """A chore that is neither with a worker nor in the queue, twice, was lost on its way between them:
        the database broke off when it had given it out."""
        waiting = {chore.name for chore in self._timetable.out} - {chore.name for chore in self._working()}
        try:
            unseen = frozenset(waiting if waiting and not self._huey.storage.queue_size() else ())
        except _QUEUE_LOST:
            return
        for name in unseen & self._unseen:
            self._timetable.came_back(name)
        self._unseen = unseen - self._unseen

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
        if chore is None or chore in self._working():
            # The same message twice: its sender could not know that it had come through.
            return
        self._at_work[threading.get_ident()] = chore
        try:
            self._try(name, chore.work)
        finally:
            self._at_work.pop(threading.get_ident())
            self._timetable.came_back(name)

    def _working(self) -> list[Chore]:
        return list(self._at_work.copy().values())

    def _try(self, name: str, act: Callable[[], bool | None]) -> bool:
        """What ``act`` answers. A chore that fails must not stop the others; it comes again."""
        try:
            answer = act()
        except CatalogueUnreachable as error:
            self._timetable.is_due_again(name)
            self._lost(error)
            return False
        except Exception as error:  # noqa: BLE001 - told to ``failed`` and shown as the part's trouble
            self.troubles[name] = f"{name}: {error}"
            self._failed(name, error)
            return False
        if answer is None:
            self.troubles.pop(name, None)
        return bool(answer)
