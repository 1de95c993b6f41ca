"""The data folder: what lies where."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Folders:
    """The places inside one data folder; nothing is made until ``make`` is called."""

    root: Path

    @property
    def spool(self) -> Path:
        """Running calls, append-only, safe against a kill."""
        return self.root / "spool"

    @property
    def handoff(self) -> Path:
        """Finished calls on their way to the archive."""
        return self.root / "handoff"

    @property
    def archive(self) -> Path:
        """Archived calls, by UTC date of their start."""
        return self.root / "archive"

    @property
    def catalogue(self) -> Path:
        """The SQLite file of the catalogue."""
        return self.root / "catalogue.db"

    @property
    def index(self) -> Path:
        """The search index; can be rebuilt from the catalogue."""
        return self.root / "index"

    @property
    def keys(self) -> Path:
        """Keys that were made here; closed to everybody else."""
        return self.root / "keys"

    @property
    def jobs(self) -> Path:
        """The SQLite file of the job queue."""
        return self.root / "jobs.db"

    @property
    def run(self) -> Path:
        """How the parts of ``serve`` are, written by themselves and the supervisor, read by the API."""
        return self.root / "run"

    def all(self) -> tuple[Path, ...]:
        """The data folder and the folders in it."""
        return (self.root, self.spool, self.handoff, self.archive, self.index, self.run, self.keys)

    def make(self) -> None:
        """Make the folders that are missing, closed to other users of the machine."""
        for folder in self.all():
            mode = 0o700 if folder == self.keys else 0o750
            folder.mkdir(mode=mode, parents=True, exist_ok=True)
