"""Folders that fail where they are told to, and tell how often they were asked."""

from pathlib import Path

from storage.errors import TargetAbsent, TargetError
from storage.targets import LocalTarget


class Breaking(LocalTarget):
    """Gives ``after`` bytes of each read from the beginning in small chunks and fails then; None never does.

    While it is ``away`` nothing works. ``asked`` are the operations, as words.
    """

    def __init__(self, root: Path, after: int | None = None, *, away: bool = False):
        super().__init__(root)
        self.after = after
        self.away = away
        self.asked: list[str] = []

    def get(self, name, start=0, length=None):
        self._ask("get")
        return self._some(super().get(name, start, length))

    def stat(self, name):
        self._ask("stat")
        return super().stat(name)

    def _some(self, chunks):
        given = 0
        for chunk in chunks:
            for at in range(0, len(chunk), 100):
                piece = chunk[at : at + 100]
                if self.after is not None and given + len(piece) > self.after:
                    raise TargetError("The connection was cut.")
                given += len(piece)
                yield piece

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if self.away:
            raise TargetAbsent("The disk is in the drawer.")
