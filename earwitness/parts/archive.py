"""The archive: hand-offs into archive and catalogue, and the index up to it."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import structlog

from earwitness import privileges
from earwitness.archiving import Archiving
from earwitness.parts.lookout import Lookout
from earwitness.parts.outage import Outage, Trouble
from earwitness.parts.pulse import Pulse
from earwitness.settings import Settings
from earwitness.stop import Stop, ended_within
from storage.clock import utc_now
from storage.errors import CatalogueUnreachable, DiskFull
from storage.outcomes import Deferred, Outcome, Refused, Rejected, Taken
from storage.passage import never

log = structlog.get_logger("archive")
PAUSE = 0.1
"""Seconds between two looks at the hand-off folder."""
BLOCKED_PAUSE = 1.0
"""The same while nothing gets into the archive."""
WAITING = "calls_waiting"
LONGEST_STEP = 600.0
"""Seconds that one blob may take on its way to a target on another machine, about."""
TO_END = 9.0
"""Seconds from the wish that it end to its end; the supervisor waits a little longer."""


def run(settings: Settings, name: str, stop: Stop) -> None:
    """Archive and index until asked to stop."""
    privileges.give_up(settings.user)
    pulse = Pulse(settings.folders.run, name)
    # Who asks a target again comes back with the next pass: nobody waits for one that does not answer.
    with (
        ended_within(stop, TO_END, _given_up),
        Archiving(settings, patience=None) as archiving,
        _kept_up(archiving, pulse),
    ):
        _archive(archiving, pulse, stop)


@contextmanager
def _kept_up(archiving: Archiving, pulse: Pulse) -> Iterator[None]:
    """The pulse goes on while a pass takes long, and says so where that is because the folder hangs."""
    folder, keeps = archiving.folder()
    if folder is None:
        with pulse.kept_up(LONGEST_STEP):
            yield
        return

    def meanwhile() -> Mapping[str, float]:
        archiving.index()
        return {WAITING: archiving.waiting()}

    lookout = Lookout(folder, lambda: pulse.silent_for, meanwhile, log, utc_now, keeps=keeps)
    with pulse.kept_up(LONGEST_STEP, lookout.hindrance), lookout.kept():
        yield


def _archive(archiving: Archiving, pulse: Pulse, stop: Stop) -> None:
    archived, outage, trouble = 0, Outage(log), Trouble()

    def is_to_stop() -> bool:
        pulse.lives()
        return stop.asked

    pulse.beat()
    while not stop.asked:
        taken, news = 0, outage.is_due(time.monotonic())
        if news:
            taken, trouble = once(archiving, is_to_stop)
        if not trouble.lost and (lost := indexed(archiving)):
            trouble, news = lost, True
        if news and not stop.asked:
            outage.passed(taken, trouble, utc_now(), time.monotonic())
        archived += taken
        pulse.beat(outage.said, {"calls_archived": archived, WAITING: archiving.waiting()})
        if not taken:
            stop.wait(PAUSE if outage.is_due(time.monotonic()) else BLOCKED_PAUSE)


def indexed(archiving: Archiving) -> Trouble | None:
    """Bring the index up to the catalogue; what is in the way where that cannot be reached."""
    try:
        archiving.index()
    except CatalogueUnreachable as error:
        return _lost(error)
    return None


def once(archiving: Archiving, stop: Callable[[], bool] = never) -> tuple[int, Trouble]:
    """Take what waits until ``stop`` says so: how many calls were archived, and what stood in the way of
    others.

    Nothing is taken where the master key was changed: it would be encrypted with one that may be gone soon.
    """
    taken, reason = 0, ""
    try:
        if outdated := archiving.outdated():
            return taken, Trouble(outdated, blocks=True, alarm=True)
        for outcome in archiving.take(stop):
            taken += isinstance(outcome, Taken)
            reason = _why(outcome) or reason
    except DiskFull as error:
        return taken, Trouble(str(error), blocks=True, alarm=True)
    except CatalogueUnreachable as error:
        return taken, _lost(error)
    blocked = archiving.blocked
    return taken, Trouble(blocked or reason, blocks=bool(blocked))


def _lost(error: CatalogueUnreachable) -> Trouble:
    return Trouble(f"{error} It is asked again and again.", blocks=True, lost=True)


def _why(outcome: Outcome) -> str:
    """Why the call waits, where it does."""
    match outcome:
        case Rejected():
            log.error(
                "call rejected",
                call=outcome.call_id,
                reason=outcome.reason,
                folder=str(outcome.folder),
                alarm=True,
            )
            return ""
        case Refused():
            log.warning("call refused", call=outcome.call_id, reason=outcome.reason)
            return ""
        case Deferred():
            return outcome.reason
        case Taken():
            return ""


def _given_up() -> None:
    log.warning("what was under way is given up, as it takes too long; it is done again at the next start")
