"""From settings to the objects of storage, indexer and the API's process. Nothing here does any work."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from earwitness.belonging import owned
from earwitness.cataloguing import catalogue
from earwitness.keeping import places
from earwitness.settings import LOCAL, Settings
from earwitness.targets import AT_HAND, PATIENCE, late_target
from indexer.engine import Searching
from indexer.sync import Sync
from indexer.tantivy_engine import TantivyEngine, TantivyReader
from storage.catalogue import Catalogue
from storage.clock import utc_now
from storage.copies.choice import Nearness
from storage.encryption.keyring import CatalogueKeyring
from storage.intake import Intake
from storage.lock import DataFolderLock
from storage.seals.keys import PRIVATE, seal_key
from storage.seals.sealing import Sealer
from storage.targets import LocalTarget, Target
from storage.targets.retrying import Patience
from storage.targets.timely import TimelyTarget

__all__ = ["catalogue", "home", "index_sync", "intake", "nearness", "sealer", "search_reader", "targets"]


def targets(
    settings: Settings,
    opened: Catalogue | None = None,
    *,
    paced: bool = False,
    patience: Patience | None = PATIENCE,
) -> Mapping[str, Target]:
    """The archive targets by name; nothing connects until one of them is used.

    With the catalogue, targets of the settings are used only while they are what they were by it (see
    ``OwnedTarget``). ``paced`` keeps each below the bandwidth that copying may use, in all threads together;
    servers are asked again with ``patience``, if any.
    """
    found: dict[str, Target] = {LOCAL: TimelyTarget(LocalTarget(settings.archive_folder))}
    for spec in settings.targets:
        target = late_target(spec, paced=paced, patience=patience)
        found[spec.name] = target if opened is None else owned(settings, opened, spec, target)
    return found


def home(
    settings: Settings,
    opened: Catalogue | None = None,
    patience: Patience | None = PATIENCE,
    *,
    paced: bool = False,
) -> tuple[str, Target]:
    """Name and target of where calls come in: the one with the role primary, else the archive folder as it
    is, which intake has its own ways with. ``paced`` as of ``targets``."""
    name = places.home(settings)
    if name == LOCAL:
        return name, LocalTarget(settings.archive_folder)
    return name, targets(settings, opened, paced=paced, patience=patience)[name]


def nearness(settings: Settings, opened: Catalogue) -> Nearness:
    """Which copies of a call to read first, by the settings and what is known of the targets now."""
    at_hand = (spec.name for spec in settings.targets if spec.kind in AT_HAND)
    return Nearness.of(places.home(settings), (LOCAL, *at_hand), opened.target_states.all(), utc_now())


def sealer(settings: Settings) -> Sealer:
    """What seals calls, with the signing key of this installation, which is made where it is missing."""
    return Sealer(seal_key(settings.seals.key or settings.folders.keys / PRIVATE))


def search_reader(settings: Settings) -> Searching:
    """The search index as other processes than the one that writes it read it."""
    return TantivyReader(settings.folders.index)


@contextmanager
def index_sync(settings: Settings, opened: Catalogue) -> Iterator[Sync]:
    """What brings the index up to the catalogue. Raises ``IndexBusy`` where another process does."""
    engine = TantivyEngine(settings.folders.index)
    try:
        yield Sync(opened, engine)
    finally:
        engine.close()


def intake(
    settings: Settings,
    opened: Catalogue,
    keys: CatalogueKeyring,
    lock: DataFolderLock,
    patience: Patience | None = PATIENCE,
) -> Intake:
    """The way from the hand-off folder into the archive; ``lock`` is that of the role ``archive``, held."""
    name, target = home(settings, opened, patience, paced=True)
    lasting = name in places.placement(settings).keyless
    folder, seals = settings.folders.handoff, sealer(settings)
    return Intake(folder, target, opened, name, seals, keys, lock=lock, lasting=lasting)
