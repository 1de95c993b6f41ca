"""Chores: work that comes again and again, each one thing at a time."""

from collections.abc import Callable
from dataclasses import dataclass, field


def _always() -> bool:
    return True


@dataclass(slots=True)
class Chore:
    """Something to be done every ``every`` seconds where ``wanted`` says so, by a worker of the job queue.

    ``wanted`` is quick and is asked by whoever hands out the work; ``work`` may take as long as it needs.
    """

    name: str
    every: float
    work: Callable[[], None]
    wanted: Callable[[], bool] = field(default=_always)


class Timetable:
    """Which chores are to be handed out. Times are seconds of a monotonic clock; a chore that was handed out
    is not again until it came back."""

    def __init__(self, chores: list[Chore]) -> None:
        self._chores = {chore.name: chore for chore in chores}
        self._next = dict.fromkeys(self._chores, 0.0)
        self._out: set[str] = set()

    def get(self, name: str) -> Chore | None:
        """The chore of this name."""
        return self._chores.get(name)

    def due(self, now: float) -> list[Chore]:
        """The chores whose time has come and that are not at work, in the order in which they were given."""
        free = [chore for chore in self._chores.values() if chore.name not in self._out]
        return [chore for chore in free if now >= self._next[chore.name]]

    def looked_at(self, chore: Chore, now: float) -> None:
        """Its next time comes after its pause, whether it was wanted or not."""
        self._next[chore.name] = now + chore.every

    def hand_out(self, chore: Chore) -> None:
        """It is with a worker."""
        self._out.add(chore.name)

    def came_back(self, name: str) -> None:
        """The worker is done with it."""
        self._out.discard(name)
