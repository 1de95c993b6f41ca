"""The life of one part as a state machine: it owns no process and no clock."""

from dataclasses import dataclass, field
from enum import StrEnum

from earwitness.supervision.backoff import Backoff
from earwitness.supervision.part import Part


class Phase(StrEnum):
    """Where a part is in its life."""

    WAITING = "waiting"
    RUNNING = "running"
    ENDED = "ended"


@dataclass(slots=True)
class Watch:
    """What the supervisor knows of one part. Times are seconds of a monotonic clock."""

    part: Part
    phase: Phase = Phase.WAITING
    start_at: float = 0.0
    started: float = 0.0
    pid: int = 0
    restarts: int = 0
    last_exit: str = ""
    backoff: Backoff = field(default_factory=Backoff)

    def due(self, now: float) -> bool:
        """Whether it is time to start it."""
        return self.phase is Phase.WAITING and now >= self.start_at

    def running(self, pid: int, now: float) -> None:
        """It was started as process ``pid``."""
        self.phase, self.pid, self.started = Phase.RUNNING, pid, now

    def exited(self, status: int, now: float, stopping: bool) -> float | None:
        """Its process is gone, with the status that ``Popen.wait`` gives; seconds until it is started again.

        ``None`` when it will not be: it was asked to stop, or its work is done.
        """
        self.pid, self.last_exit = 0, manner(status)
        if stopping or (self.part.once and status == 0):
            self.phase = Phase.ENDED
            return None
        delay = self.backoff.crashed(now - self.started)
        self.phase, self.start_at = Phase.WAITING, now + delay
        self.restarts += 1
        return delay


def manner(status: int) -> str:
    """How a process ended, in words; negative numbers are signals, as ``subprocess`` has them."""
    if status < 0:
        import signal

        try:
            return f"was ended by {signal.Signals(-status).name}"
        except ValueError:
            return f"was ended by signal {-status}"
    return f"ended with status {status}"
