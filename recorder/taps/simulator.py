"""The simulated call centre as a tap: frames come in real time, faster, or as fast as they are taken."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import TracebackType

from recorder.batch import Batch
from recorder.simulate.callcentre import CallCentre
from recorder.simulate.options import SimulationOptions
from recorder.simulate.truth import Truths

SECOND = 1_000_000_000


class SimulatorTap:
    """Iterates the batches of a call centre; ends when its last call has ended, or after ``close``.

    ``speed`` is how many simulated seconds pass in one second of ``clock`` (nanoseconds since the epoch);
    None: as fast as the batches are taken, ``step_seconds`` of simulated time each. With a speed the
    simulation begins at the clock's time, whatever ``options.start_ns`` says, so that at speed 1 the frames
    carry the times of now. ``sleep`` waits that many seconds; by default ``close`` from another thread
    ends the waiting too.
    """

    def __init__(
        self,
        options: SimulationOptions,
        speed: float | None = 1.0,
        *,
        step_seconds: float = 0.1,
        clock: Callable[[], int] = time.time_ns,
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        self._closed = threading.Event()
        self._speed = speed
        self._step = int(step_seconds * SECOND)
        self._clock = clock
        self._sleep = sleep or self._closed.wait
        if speed is not None:
            options = replace(options, start_ns=clock())
        self._centre = CallCentre(options)

    def __iter__(self) -> Iterator[Batch]:
        start = self._centre.now_ns
        while not (self._closed.is_set() or self._centre.finished):
            until = self._centre.now_ns + self._step
            if self._speed is not None:
                self._wait_for(start, until)
                until = max(until, start + int((self._clock() - start) * self._speed))
            yield self._centre.generate(until)

    def _wait_for(self, start: int, simulated: int) -> None:
        """Sleep until the clock is where simulated time ``simulated`` is due."""
        assert self._speed is not None
        ahead = (simulated - start) / self._speed - (self._clock() - start)
        if ahead > 0:
            self._sleep(ahead / SECOND)

    def truths(self) -> Truths:
        """What was sent until now."""
        return self._centre.truths()

    def close(self) -> None:
        """End the iteration; may be called from another thread."""
        self._closed.set()

    def __enter__(self) -> "SimulatorTap":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
