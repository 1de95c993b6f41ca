"""The archive: hand-offs into archive and catalogue, and the index up to it."""

import structlog

from earwitness import privileges
from earwitness.archiving import Archiving
from earwitness.parts.pulse import Pulse
from earwitness.settings import Settings
from earwitness.stop import Stop
from storage.errors import DiskFull
from storage.outcomes import Deferred, Outcome, Rejected, Taken

log = structlog.get_logger("archive")
PAUSE = 0.1
"""Seconds between two looks at the hand-off folder."""


def run(settings: Settings, name: str, stop: Stop) -> None:
    """Archive and index until asked to stop."""
    privileges.give_up(settings.user)
    pulse = Pulse(settings.folders.run, name)
    archived, before = 0, ""
    with Archiving(settings) as archiving:
        while not stop.asked:
            taken, trouble = once(archiving)
            if trouble and trouble != before and trouble == archiving.outdated():
                log.error("no call is archived", reason=trouble, alarm=True)
            before = trouble
            archived += taken
            archiving.index()
            pulse.beat(trouble, {"calls_archived": archived, "calls_waiting": archiving.waiting()})
            if not taken:
                stop.wait(PAUSE)


def once(archiving: Archiving) -> tuple[int, str]:
    """Take what waits: how many calls were archived, and what stood in the way of others.

    Nothing is taken where the master key was changed: it would be encrypted with one that may be gone soon.
    """
    taken, trouble = 0, archiving.outdated()
    if trouble:
        return taken, trouble
    try:
        for outcome in archiving.take():
            taken += isinstance(outcome, Taken)
            trouble = _trouble(outcome) or trouble
    except DiskFull as error:
        trouble = str(error)
    return taken, trouble


def _trouble(outcome: Outcome) -> str:
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
        case Deferred():
            return f"Calls wait to be archived: {outcome.reason}"
        case Taken():
            return ""
