"""Where calls are restored from, and where to."""

from dataclasses import dataclass
from pathlib import Path

from earwitness import wiring
from earwitness.errors import UnknownTarget
from earwitness.keeping import places
from earwitness.settings import LOCAL, Settings
from storage.media import read_about
from storage.targets import LocalTarget, Target

UNKNOWN = "restored"
"""What a folder is called that does not say which target it is."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where calls are restored from or to: a target, without decryption, and what the catalogue calls it.

    ``path`` is the folder that it is, where somebody named one.
    """

    name: str
    target: Target
    path: Path | None = None

    def __str__(self) -> str:
        """What people call it."""
        return f"the target {self.name}" if self.path is None else str(self.path)


def home(settings: Settings) -> Place:
    """Where calls come in, and so where they are brought back to."""
    return named(settings, places.home(settings))


def named(settings: Settings, name: str) -> Place:
    """A target of the settings. Raises ``UnknownTarget``."""
    targets = wiring.targets(settings)
    if name not in targets:
        raise UnknownTarget(name, targets)
    return Place(name, targets[name])


def folder(settings: Settings, path: Path) -> Place:
    """The target that the folder ``path`` is: the archive folder, or what the medium says it is called."""
    target = LocalTarget(path)
    if path.resolve() == settings.archive_folder.resolve():
        return Place(LOCAL, target, path)
    return Place(read_about(target).target or UNKNOWN, target, path)
