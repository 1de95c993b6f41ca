"""The leg files that are open: as many as the process may have, however many calls run."""

import resource
from collections import OrderedDict
from collections.abc import Callable, Iterable
from pathlib import Path

from recorder.spool.legfile import LegWriter

_LEAST = 16


def allowed() -> int:
    """Half of what the process may have open: the rest is for taps, the journal and whatever else it does."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(_LEAST, soft // 2)


class OpenFiles:
    """Writers by leg. Beyond ``most`` of them the one that was not used for longest is closed, and opened
    again when its leg goes on; ``path`` gives the file of a leg."""

    def __init__(self, path: Callable[[str], Path], most: int | None = None) -> None:
        self._path = path
        self._most = allowed() if most is None else most
        self._open: OrderedDict[str, LegWriter] = OrderedDict()
        self._closed: dict[str, dict[str, int]] = {}

    def __len__(self) -> int:
        """How many are open."""
        return len(self._open)

    def get(self, leg: str) -> LegWriter:
        """The writer of a leg; raises ``SpoolError`` where its file cannot be opened."""
        writer = self._open.get(leg)
        if writer is None:
            while len(self._open) >= self._most:
                idle, longest = self._open.popitem(last=False)
                self._closed[idle] = longest.numbers
                longest.close()
            writer = self._open[leg] = LegWriter(self._path(leg), self._closed.get(leg))
            self._closed.pop(leg, None)
        self._open.move_to_end(leg)
        return writer

    def resume(self, leg: str, numbers: dict[str, int]) -> None:
        """A file already names these streams by these numbers; it is opened when its leg goes on."""
        self._closed[leg] = numbers

    def release(self, legs: Iterable[str]) -> None:
        """Close the files of legs that are over."""
        for leg in legs:
            self._closed.pop(leg, None)
            writer = self._open.pop(leg, None)
            if writer is not None:
                writer.close()

    def close(self) -> None:
        """Close every file."""
        self.release([*self._open, *self._closed])
