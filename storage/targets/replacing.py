"""Giving a blob its name on servers that do not rename onto a name that is taken."""

from typing import Protocol

from storage.targets.parts import part_beside

_TRIES = 4


class Files(Protocol):
    """What a server does with its files."""

    def rename(self, old: str, new: str) -> None:
        """Give ``old`` the name ``new``."""

    def is_file(self, path: str) -> bool:
        """Whether a file is there."""

    def delete(self, path: str) -> None:
        """Remove a file."""


def rename_onto(files: Files, part: str, path: str, refusal: type[Exception]) -> None:
    """Rename ``part`` to ``path``, moving away what has that name first.

    ``refusal`` is what ``files`` raise where the server does not do it. Not atomic: for a moment nothing is
    there, and somebody who is killed in that moment leaves it so, with the old and the new bytes under
    temporary names. What was moved away comes back where the rename fails.
    """
    aside: list[str] = []
    for _ in range(_TRIES):
        try:
            files.rename(part, path)
        except refusal as error:
            last = error
        else:
            for old in aside:
                files.delete(old)
            return
        if not files.is_file(path):
            break
        aside.append(part_beside(path))
        files.rename(path, aside[-1])
    if aside:
        files.rename(aside[-1], path)
    raise last
