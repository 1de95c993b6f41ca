"""Work that nothing else may do anything beside: no part of ``serve`` runs meanwhile, and none can start."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from earwitness import archiving, serving
from earwitness.kinds import Kind
from earwitness.settings import Settings
from storage.lock import DataFolderLock


@contextmanager
def standstill(settings: Settings) -> Iterator[None]:
    """Hold the data folder alone. Raises ``FolderBusy`` where it is served."""
    with ExitStack() as held:
        for role in (serving.ROLE, *(f"{serving.ROLE}-{kind}" for kind in Kind), archiving.ROLE):
            held.enter_context(DataFolderLock(settings.data, role))
        yield
