"""Chores: work that comes again and again, each one thing at a time."""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

AT_ONE_TARGET = 4
"""Chores that may be at work at one target at once, so that one that hangs takes no more workers; besides
them it can always be looked at."""


def _always() -> bool:
    return True


@dataclass(slots=True)
class Chore:
    """Something to be done every ``every`` seconds where ``wanted`` says so, by a worker of the job queue.

    ``wanted`` is quick and is asked by whoever hands out the work; ``work`` may take as long as it needs.
    ``target`` is the one that it works at, if any; ``looks`` is whether it does nothing but look how that is.
    """

    name: str
    every: float
    work: Callable[[], None]
    wanted: Callable[[], bool] = field(default=_always)
    target: str = ""
    looks: bool = False


class Timetable:
    """Which chores are to be handed out. Times are seconds of a monotonic clock; a chore that was handed out
    is not again until it came back, and waits while as many as may be are at work at its target."""

    def __init__(self, chores: list[Chore]) -> None:
        self._chores = {chore.name: chore for chore in chores}
        self._next = dict.fromkeys(self._chores, 0.0)
        self._out: set[str] = set()
        self._lock = threading.Lock()

    def get(self, name: str) -> Chore | None:
        """The chore of this name."""
        return self._chores.get(name)

    @property
    def out(self) -> list[Chore]:
        """The chores that are at work."""
        with self._lock:
            return [self._chores[name] for name in self._out]

    def due(self, now: float) -> list[Chore]:
        """The chores whose time has come and that are not at work, those that wait for longest first."""
        with self._lock:
            waiting = [chore for chore in self._chores.values() if chore.name not in self._out]
        due = [chore for chore in waiting if now >= self._next[chore.name]]
        return sorted(due, key=lambda chore: self._next[chore.name])

    def has_room(self, chore: Chore) -> bool:
        """Whether another chore may work at its target now."""
        at_work = Counter(each.target for each in self.out if not each.looks)
        return not chore.target or chore.looks or at_work[chore.target] < AT_ONE_TARGET

    def looked_at(self, chore: Chore, now: float) -> None:
        """Its next time comes after its pause, whether it was wanted or not."""
        self._next[chore.name] = now + chore.every

    def is_due_again(self, name: str) -> None:
        """Its turn comes at once, for it was not its fault that it came to nothing."""
        self._next[name] = 0.0

    def hand_out(self, chore: Chore) -> None:
        """It is with a worker."""
        with self._lock:
            self._out.add(chore.name)

    def came_back(self, name: str) -> None:
        """The worker is done with it."""
        with self._lock:
            self._out.discard(name)
