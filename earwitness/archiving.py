"""Hand-off → archive → catalogue → index, by the one process that does so for a data folder."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from earwitness import encrypting, wiring
from earwitness.keeping import places
from earwitness.settings import Settings
from earwitness.targets import AT_HAND, PATIENCE
from indexer.sync import Progress
from storage.lock import DataFolderLock
from storage.outcomes import Outcome
from storage.passage import never
from storage.targets import Target
from storage.targets.retrying import Patience

ROLE = "archive"


class Archiving:
    """Catalogue, archive and index of one data folder, which no other process writes while this is entered.

    Raises ``FolderBusy`` on entering where another process does, ``WrongKey`` where calls are encrypted with
    a master key that the settings do not have. Calls that come in on a server: it is asked again with
    ``patience``, if any.
    """

    def __init__(self, settings: Settings, patience: Patience | None = PATIENCE) -> None:
        self._settings = settings
        self._patience = patience
        self._closing = ExitStack()
        self._indexing = threading.Lock()

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            lock = opening.enter_context(DataFolderLock(self._settings.data, ROLE))
            self.catalogue = wiring.catalogue(self._settings)
            opening.callback(self.catalogue.close)
            self._keys = encrypting.keyring(self._settings, self.catalogue)
            self._intake = wiring.intake(self._settings, self.catalogue, self._keys, lock, self._patience)
            self._sync = opening.enter_context(wiring.index_sync(self._settings, self.catalogue))
            self._closing = opening.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._indexing:
            self._closing.close()

    def take(self, stop: Callable[[], bool] = never) -> Iterator[Outcome]:
        """Archive what waits in the hand-off folder until ``stop`` says so. Raises ``DiskFull``; what is left
        waits."""
        return self._intake.run(stop)

    @property
    def blocked(self) -> str:
        """Why nothing more could be taken the last time, whatever call; empty where that was not so."""
        return self._intake.blocked

    def outdated(self) -> str:
        """What is wrong where the master key was changed since this was entered; empty otherwise."""
        return self._keys.outdated()

    def waiting(self) -> int:
        """How many calls wait in the hand-off folder."""
        return len(self._intake.pending())

    def index(self) -> None:
        """Bring the index up to the catalogue; one thread does so while others wait."""
        with self._indexing:
            while self._sync.run_once():
                pass

    def folder(self) -> tuple[Target | None, bool]:
        """The folder where calls come in, for looking at it, and whether what is put there stays; None where
        they come in on a server, which never keeps anybody for good."""
        name, target = wiring.home(self._settings, self.catalogue, None)
        kinds = {spec.name: spec.kind for spec in self._settings.targets}
        at_hand = kinds.get(name, "local") in AT_HAND
        return target if at_hand else None, name in places.placement(self._settings).keyless

    def reindex(self, progress: Progress) -> int:
        """Make the index anew, beside the one in force until it is whole; how many calls are in it."""
        return self._sync.rebuild(progress)
