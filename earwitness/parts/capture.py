"""One tap: its packets into its spool."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping

import structlog

from earwitness import privileges, recording
from earwitness.errors import PartError
from earwitness.parts.pulse import Pulse
from earwitness.settings import FileTap, Settings
from earwitness.stop import Stop
from earwitness.unread import unread
from recorder.batch import Batch
from recorder.capture import Capture
from recorder.recovery import forget, recover
from recorder.spool.syncing import Syncing
from recorder.taps import steadytime
from storage.lock import DataFolderLock

log = structlog.get_logger("capture")
CALM = 60.0
"""Seconds without any packet lost after which that is over."""
DROPPING = (
    "Packets are lost before they are captured. Raise ring_mebibytes of the tap, or give the machine "
    "less to do beside it."
)


def run(settings: Settings, name: str, tap_name: str, stop: Stop) -> None:
    """Capture as the part ``name`` until asked to stop, or until the file is at its end.

    The tap is opened first, with all rights; then they go. Calls that run when it stops stay in the spool,
    and the next start goes on with them.
    """
    names = recording.tap_names(settings)
    if tap_name not in names:
        raise PartError(f"There is no tap {tap_name}; the settings have {', '.join(names) or 'none'}.")
    kind = settings.taps[names.index(tap_name)]
    with recording.open_tap(kind, settings.signalling) as tap:
        privileges.give_up(settings.user)
        with DataFolderLock(settings.data, name):
            watcher = Watcher(settings, name)
            capture = Capture(
                recording.spool(settings, tap_name), recording.capture_options(settings), watcher.alarm
            )
            live = not isinstance(kind, FileTap)
            # A file is read from its beginning again, and all that was in it comes again.
            found = recover(capture) if live else forget(capture)
            log.info("capture begins", tap=tap_name, calls_taken_up=found.calls, damaged=found.damaged_calls)
            if found.damaged_calls:
                log.error(
                    "calls of the spool are damaged; what is left of them is in its folder damaged",
                    tap=tap_name,
                    calls=found.damaged_calls,
                    alarm=True,
                )
            with Syncing(capture.spool.folder, lambda: capture.spool.writes, _tell_of_disk):
                for batch, now in evenly(tap, capture) if live else ((batch, 0) for batch in tap):
                    capture.feed(batch, now)
                    watcher.look(capture)
                    if stop.asked:
                        break
                if live or stop.asked:
                    capture.stop()
                else:
                    capture.finish()
            watcher.look(capture)


def _tell_of_disk(trouble: str) -> None:
    if trouble:
        log.error("a power cut would cost calls", trouble=trouble, alarm=True)
    else:
        log.info("the spool comes onto its disk again")


def evenly(
    tap: Iterable[Batch], capture: Capture, clocks: Callable[[], tuple[int, int]] = steadytime.clocks
) -> Iterator[tuple[Batch, int]]:
    """The batches of a live tap and what time it is, both in steady time; says where the clock is set.

    Where packets came it is their time: behind a standstill of this machine the ring holds many seconds of
    them, and by the clock calls would end whose packets wait there.
    """
    even = steadytime.SteadyTime(capture.shift, capture.now)
    for batch in tap:
        clock, running = clocks()
        step = even.look(clock, running, int(batch.times.min()) if len(batch) else None)
        if step:
            log.warning("the clock of this machine was set", by_seconds=round(step / 1e9, 3))
        capture.clock_shows(even.shift)
        yield even.steady(batch, clock), 0 if len(batch) else clock - even.shift


class Watcher:
    """Says how the capture is: to the log when something begins or ends, to the health file always."""

    def __init__(self, settings: Settings, name: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._pulse = Pulse(settings.folders.run, name)
        self._clock = clock
        self._trouble = ""
        self._dropped = 0
        self._dropping = 0
        """Of them, those since it began."""
        self._dropped_at = 0.0
        self._unread: dict[str, int] = {}

    def alarm(self, trouble: str) -> None:
        """Recording is in trouble (a full disk, a flood), or is well again."""
        self._trouble = trouble
        if trouble:
            log.error("recording is in trouble", trouble=trouble, alarm=True)
        else:
            log.info("recording is well again")

    def look(self, capture: Capture) -> None:
        """After a batch."""
        dropping = self._look_at_dropped(capture.counters.dropped)
        self._look_at_unread(capture)
        self._pulse.beat("\n".join(filter(None, (self._trouble, dropping))), counted(capture))

    def _look_at_dropped(self, dropped: int) -> str:
        """The trouble that packets are lost; over when none was for a minute."""
        fresh, self._dropped = dropped - self._dropped, dropped
        if fresh:
            if not self._dropping:
                log.error("packets are lost before they are captured", packets=fresh, alarm=True)
            self._dropping += fresh
            self._dropped_at = self._clock()
        elif self._dropping and self._clock() - self._dropped_at >= CALM:
            log.warning("no more packets are lost before they are captured", packets=self._dropping)
            self._dropping = 0
        return DROPPING if self._dropping else ""

    def _look_at_unread(self, capture: Capture) -> None:
        """Each reason at its first connection, and when they have doubled."""
        for reason, words, count in unread(capture.counters.rejected):
            if count >= 2 * self._unread.get(reason, 0):
                log.warning("encrypted signalling is not read", connections=count, why=words)
                self._unread[reason] = count


def counted(capture: Capture) -> Mapping[str, float]:
    """What the engine counts, by the name of its metric."""
    counters = capture.counters
    return {
        "frames_captured": counters.frames,
        "frames_dropped": counters.dropped,
        "sip_messages": counters.sip,
        "tls_connections_unread": sum(one.connections for one in unread(counters.rejected)),
        "rtp_packets": counters.rtp,
        "rtp_packets_written": counters.written,
        "rtp_packets_unwritten": counters.unwritten,
        "left_out_in_floods": sum(
            count for reason, count in counters.rejected.items() if reason.endswith("-flood")
        ),
        "calls_running": len(capture.book.calls),
        "calls_ended": counters.calls,
    }
