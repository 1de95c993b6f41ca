"""The jobs: copies, and whatever else keeps recordings, in the workers of a queue."""

import os
import time
from datetime import timedelta

import structlog

from earwitness import privileges, wiring
from earwitness.jobs import Jobs, queue
from earwitness.keeping.chores import AT_ONE_TARGET, Timetable
from earwitness.keeping.duties import Duties
from earwitness.parts.pulse import Pulse
from earwitness.parts.reconnecting import Reconnecting
from earwitness.settings import Settings
from earwitness.stop import Stop, ended_within, on_signals
from storage.errors import CatalogueUnreachable, StorageError
from storage.lock import DataFolderLock

log = structlog.get_logger("jobs")
PAUSE = 0.25
"""Seconds between two looks at what is due."""
WORKERS = 5
"""Workers for chores at no target, which always find one, besides those that each target may take."""

TO_END = 11.0
"""Seconds from the wish that it end to its end; the supervisor waits a little longer."""
AT_LAST = TO_END + 0.2
"""Seconds after which nobody waits any more for a target that does not answer."""


def run(settings: Settings, name: str, stop: Stop) -> None:
    """Do what keeps recordings until asked to stop."""
    privileges.give_up(settings.user)
    pulse = Pulse(settings.folders.run, name)
    with ended_within(stop, AT_LAST, _given_up), DataFolderLock(settings.data, name):
        catalogue = wiring.catalogue(settings)
        try:
            targets = wiring.targets(settings, catalogue, paced=True)
            duties = Duties(settings, catalogue, targets, lambda: stop.asked)
            workers = WORKERS + (1 + AT_ONE_TARGET) * len(targets)
            reconnecting = Reconnecting(catalogue.changes.position, log)
            timetable = Timetable(duties.chores())
            jobs = Jobs(queue(settings), timetable, workers, _failed, reconnecting.lost)
            jobs.start()
            on_signals(stop.ask)
            while not stop.asked:
                _watch_over(duties, reconnecting)
                if reconnecting.is_there(now := time.monotonic()):
                    jobs.tick(now)
                troubles = [reconnecting.said, duties.trouble, *jobs.troubles.values()]
                trouble = "\n".join(filter(None, troubles))
                pulse.beat(trouble, duties.numbers, duties.remark)
                stop.wait(PAUSE)
            asked = time.monotonic()
            ended = jobs.stop(duties.is_given_up)
            ended &= duties.wind_up(timedelta(seconds=TO_END - (time.monotonic() - asked)))
        finally:
            catalogue.close()
    if not ended:
        _given_up()
        # Threads that a target holds up would keep the process from ending.
        os._exit(0)


def _watch_over(duties: Duties, reconnecting: Reconnecting) -> None:
    try:
        duties.watch_over()
    except CatalogueUnreachable as error:
        reconnecting.lost(error)
    except StorageError as error:
        _failed("watch over the targets", error)


def _failed(chore: str, error: Exception) -> None:
    log.error("a job failed", job=chore, reason=str(error), kind=type(error).__name__, alarm=True)


def _given_up() -> None:
    log.warning("what was under way is given up, as it takes too long; it is done again at the next start")
