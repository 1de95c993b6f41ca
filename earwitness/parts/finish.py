"""A finishing worker: its share of the calls in all spools."""

from collections.abc import Callable, Iterator

import structlog

from earwitness import left_spools, privileges, recording
from earwitness.parts.pulse import Pulse
from earwitness.settings import Settings
from earwitness.stop import Stop
from recorder.errors import SpoolError
from recorder.finish.worker import FinishWorker
from storage.errors import is_full
from storage.lock import DataFolderLock
from storage.model import Call

log = structlog.get_logger("finish")
PAUSE = 0.2
"""Seconds between two looks at the spools."""
LONGEST_CALL = 600.0
"""Seconds that a call of a day may take to be begun again; a backlog of calls may take any time."""


def run(settings: Settings, name: str, index: int, stop: Stop) -> None:
    """Encode running calls and hand off ended ones until asked to stop. ``index`` counts from 0."""
    privileges.give_up(settings.user)
    with DataFolderLock(settings.data, name):
        pulse = Pulse(settings.folders.run, name)
        if index == 0:
            for tap, calls in left_spools.end_calls(settings):
                log.info("calls of a former tap are over", tap=tap, calls=calls)
        workers = list(of_all_spools(settings, index))
        handed_off = 0
        told = ""

        def is_asked() -> bool:
            pulse.lives()
            return stop.asked

        try:
            with pulse.kept_up(LONGEST_CALL):
                while not stop.asked:
                    done, trouble = round_of(workers, is_asked)
                    handed_off += done
                    told = _tell(trouble, told)
                    pulse.beat(trouble, {"calls_handed_off": handed_off})
                    stop.wait(PAUSE)
        finally:
            for worker in workers:
                worker.close()


def of_all_spools(settings: Settings, index: int) -> Iterator[FinishWorker]:
    """A worker for the spool of each tap, and of each that was a tap once and left calls there."""
    for tap in sorted({*recording.tap_names(settings), *left_spools.names(settings)}):
        yield FinishWorker(
            recording.spool(settings, tap),
            settings.folders.handoff,
            recording.worker_options(settings, index),
            done=_done,
            failed=_failed,
        )


def round_of(workers: list[FinishWorker], is_asked: Callable[[], bool] = lambda: False) -> tuple[int, str]:
    """One look at each spool, until somebody ``is_asked``: calls handed off, and what stood in the way."""
    done = 0
    try:
        for worker in workers:
            done += worker.poll(is_asked)
    except (SpoolError, OSError) as error:
        if isinstance(error, OSError) and not is_full(error):
            raise
        return done, f"There is no room to finish calls: {error}"
    waiting = [why for worker in workers for why in worker.waiting.values()]
    return done, f"Calls wait to be finished ({len(waiting)}): {waiting[0]}" if waiting else ""


def _tell(trouble: str, told: str) -> str:
    """Say in the log that calls begin to wait, and that none does any more; answer what was said."""
    if bool(trouble) != bool(told):
        if trouble:
            log.error("calls cannot be finished now", why=trouble, alarm=True)
        else:
            log.info("calls are finished again")
    return trouble


def _done(call: Call) -> None:
    seconds = round(call.recording.seconds, 1) if call.recording else 0
    log.info("call finished", call=call.id, state=call.state, seconds=seconds)


def _failed(call: str, why: str) -> None:
    log.error(
        "call cannot be finished; its files are in the spool's folder damaged", call=call, why=why, alarm=True
    )
