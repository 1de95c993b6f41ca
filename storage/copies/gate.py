"""Whether a batch goes on: it ends early when somebody asks for that, or when its target is in trouble."""

import threading
from collections.abc import Callable

from storage.catalogue.target_states import Condition
from storage.copies.probe import Look, probe
from storage.errors import DiskFull
from storage.targets.contract import Target


class Gate:
    """Shared by the threads of a batch. ``trouble`` is how the target was when it was given up, None where it
    was not."""

    def __init__(self, target: Target, stop: Callable[[], bool], *, keeps: bool) -> None:
        """``keeps``: whether what is written there stays, so that nothing is to see how the target is."""
        self._target = target
        self._stop = stop
        self._keeps = keeps
        self._lock = threading.Lock()
        self.trouble: Look | None = None

    @property
    def closed(self) -> bool:
        """Whether no further call is to be begun."""
        return self.trouble is not None or self._stop()

    def doubt(self, error: Exception) -> None:
        """A call failed at the target: is that the call, or is the target down or full?"""
        with self._lock:
            if self.trouble is not None:
                return
            look = self._look(error)
            if look.condition is not Condition.UP:
                self.trouble = look

    def _look(self, error: Exception) -> Look:
        if isinstance(error, DiskFull):
            return Look(Condition.DOWN, str(error), lasting=True)
        return probe(self._target, writes=True, keeps=self._keeps)
