"""The folder of an index: generations side by side, and the name of the one in force.

``CURRENT`` holds the name of a sub-folder and is replaced by one durable rename, so that readers in other
processes see the old index or the new one whole. A name is ``v<version>-<serial>``: an index that another
version of the program wrote is known by its name and never opened.
"""

import re
import shutil
from pathlib import Path

from indexer.errors import IndexUnusable
from storage.durable import make_folder, write_bytes

_POINTER = "CURRENT"
_NAME = re.compile(r"v([0-9]+)-([0-9]+)")


class Generations:
    """The generations of the index in ``folder`` that are of ``version``."""

    def __init__(self, folder: Path, version: int) -> None:
        self.folder = folder
        self._version = version

    def name(self) -> str:
        """The name of the generation in force; empty where there is none yet."""
        try:
            return (self.folder / _POINTER).read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return ""
        except (OSError, ValueError) as error:
            raise IndexUnusable(f"The index in {self.folder} cannot be read: {error}") from error

    def current(self) -> Path | None:
        """The folder of the generation in force, None where there is none yet.

        Raises ``IndexUnusable`` where it is of another version or gone.
        """
        name = self.name()
        if not name:
            return None
        match = _NAME.fullmatch(name)
        if match is None or int(match[1]) != self._version:
            raise IndexUnusable(
                f"The index in {self.folder} is of another version ({name}); the indexer rebuilds it."
            )
        path = self.folder / name
        if not path.is_dir():
            raise IndexUnusable(f"The index in {self.folder} has lost its folder {name}.")
        return path

    def successor(self) -> Path:
        """The folder of a generation not yet in force: the one begun before, else a new one."""
        begun = sorted(self._others(), key=lambda path: self._serial(path.name))
        if begun and self._serial(begun[-1].name) > self._serial(self.name()):
            return begun[-1]
        return self.fresh()

    def fresh(self) -> Path:
        """The folder of a new, empty generation."""
        serials = [self._serial(path.name) for path in self.folder.iterdir()] if self.folder.is_dir() else []
        path = self.folder / f"v{self._version}-{max(serials, default=0) + 1}"
        make_folder(path)
        return path

    def publish(self, path: Path) -> None:
        """Put the generation at ``path`` in force. The others stay until ``sweep``."""
        write_bytes(self.folder / _POINTER, f"{path.name}\n".encode("ascii"))

    def sweep(self) -> None:
        """Remove all generations but the one in force. Readers that have them open keep what they opened."""
        name = self.name()
        for path in self._everything():
            if path.name != name:
                shutil.rmtree(path, ignore_errors=True)

    def _others(self) -> list[Path]:
        prefix = f"v{self._version}-"
        return [
            path for path in self._everything() if path.name.startswith(prefix) and path.name != self.name()
        ]

    def _everything(self) -> list[Path]:
        if not self.folder.is_dir():
            return []
        return [path for path in self.folder.iterdir() if path.is_dir() and _NAME.fullmatch(path.name)]

    @staticmethod
    def _serial(name: str) -> int:
        match = _NAME.fullmatch(name)
        return int(match[2]) if match else 0
