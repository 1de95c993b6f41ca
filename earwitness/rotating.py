"""Master keys in an installation: which there are, and wrapping everything anew with another one."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event

from earwitness import encrypting, health, wiring
from earwitness.archiving import ROLE as ARCHIVE
from earwitness.errors import SettingsError
from earwitness.keeping import levelling, places
from earwitness.keeping.means import Means
from earwitness.settings import Settings
from storage.catalogue import Catalogue
from storage.catalogue.runs import RunKind, RunState
from storage.clock import utc_now
from storage.copies.snapshot_keys import SnapshotKeys
from storage.encryption.keyring import KeyOpener
from storage.encryption.masterkey import load_master
from storage.encryption.recipients import load_recipient
from storage.encryption.rotation import Rewrapped, Rotation
from storage.errors import KeyUnusable
from storage.lock import DataFolderLock

ROLE = "rewrap"
_SIGN_OF_LIFE = 50


@dataclass(frozen=True, slots=True)
class Rotated:
    """What became of a rotation: how many keys were wrapped, those that could not be, and how many are
    wrapped with other master keys at its end, be it that they could not or that they came meanwhile."""

    wrapped: int
    failed: list[Rewrapped]
    left: int


def shown(settings: Settings, catalogue: Catalogue | None) -> list[tuple[str, str, str, int]]:
    """Every key: what it is for, its id, where it is, and how many calls of the catalogue it wraps.

    Master keys that calls are wrapped with and that the settings do not have are there too.
    """
    chosen = settings.encryption
    counts = {m: catalogue.keys.count(m) for m in catalogue.keys.masters()} if catalogue else {}
    places = [("master", chosen.master_key), *(("previous", place) for place in chosen.previous)]
    rows = []
    for role, place in places:
        if place:
            key = _id(place)
            rows.append((role, key, place, counts.pop(key, 0)))
    rows += [("lost", key, "not in the settings", count) for key, count in counts.items()]
    rows += [("recipient", load_recipient(path).id, str(path), 0) for path in chosen.recipients]
    return rows


@dataclass(frozen=True, slots=True)
class Rotating:
    """The keys of ``calls`` and those of ``snapshots``, which are wrapped anew in this order."""

    calls: Rotation
    snapshots: SnapshotKeys

    def pending(self, *, everything: bool = False) -> int:
        """How many keys there are to wrap: those of other master keys, or all of them."""
        return self.calls.pending(everything=everything) + self.snapshots.pending(everything=everything)

    def run(self, *, everything: bool = False) -> Iterator[Rewrapped]:
        """Wrap what is pending."""
        yield from self.calls.run(everything=everything)
        yield from self.snapshots.run(everything=everything)


def rotation(settings: Settings, catalogue: Catalogue, opener: KeyOpener) -> Rotating:
    """What wraps every key anew with the master key of the settings. Raises ``SettingsError``."""
    maker = encrypting.maker(settings)
    if maker is None:
        raise SettingsError("There is no encryption.master_key in the settings to wrap with.")
    targets = dict(wiring.targets(settings, catalogue))
    placement = places.placement(settings)
    names = (name for name in places.elsewhere(settings) if name not in placement.keyless)
    with_snapshots = {name: targets[name] for name in names}
    return Rotating(Rotation(catalogue, targets, opener, maker), SnapshotKeys(with_snapshots, opener, maker))


def rotate(
    settings: Settings,
    catalogue: Catalogue,
    work: Rotating,
    told: Callable[[int, int, int], None],
    *,
    everything: bool,
    by: str,
) -> Rotated:
    """Wrap what is pending, as a run of the catalogue that ``by`` asked for.

    ``told`` hears after each key how many are wrapped, how many could not be, and of how many in all: calls
    that come meanwhile count too. The run counts what is wrapped, and nothing that could not be.

    Raises ``FolderBusy`` where another process does so.
    """
    failed: list[Rewrapped] = []
    with DataFolderLock(settings.data, ROLE):
        total = work.pending(everything=everything)
        run = catalogue.runs.begin(RunKind.REWRAP, "", datetime.now(UTC), total, by=by)
        done = 0
        for done, item in enumerate(work.run(everything=everything), 1):
            if item.reason:
                failed.append(item)
            wrapped = done - len(failed)
            if done % _SIGN_OF_LIFE == 0:
                catalogue.runs.progress(run.id, datetime.now(UTC), wrapped, total=max(total, done))
            told(wrapped, len(failed), max(total, done))
        left = work.calls.pending()
        message = f"{len(failed):,} of {done:,} keys are still to be wrapped." if failed else ""
        if left > len(failed):
            message = f"Wrapped with other master keys at the end: {left:,} keys."
        state = RunState.FAILED if message else RunState.DONE
        catalogue.runs.progress(run.id, datetime.now(UTC), done - len(failed), total=max(total, done))
        catalogue.runs.end(run.id, state, datetime.now(UTC), message)
    return Rotated(done - len(failed), failed, left)


def lists(settings: Settings, catalogue: Catalogue) -> dict[str, str]:
    """Bring up the lists of calls on all targets that hold some, so that each is closed with the master key
    of the settings. What hindered it, by target."""
    targets = wiring.targets(settings, catalogue)
    means = Means.of(settings, catalogue, targets, lambda: False, utc_now)
    names = [name for name in targets if catalogue.copy_checks.calls(name)]
    return levelling.lists(means, names, Event().wait)


def snapshots(settings: Settings, catalogue: Catalogue) -> dict[str, str]:
    """Take a snapshot on every target whose newest is from before keys were wrapped anew: in it the keys of
    calls are wrapped with the earlier master key. What hindered it, by target."""
    changed = _changed(catalogue)
    if changed is None:
        return {}
    targets = wiring.targets(settings, catalogue)
    means = Means.of(settings, catalogue, targets, lambda: False, utc_now)
    names = means.elsewhere()
    found = (catalogue.runs.last(RunKind.SNAPSHOT, name, RunState.DONE) for name in names)
    stale = [name for name, last in zip(names, found, strict=True) if last is None or last.started < changed]
    return levelling.snapshots(means, stale)


def _changed(catalogue: Catalogue) -> datetime | None:
    """When keys were wrapped anew last; None where nobody remembers."""
    found = catalogue.runs.page(kind=RunKind.REWRAP)
    return next((run.seen for run in found if run.done), None)


def served(settings: Settings) -> bool:
    """Whether `serve` archives calls into the data folder, with these settings or with earlier ones."""
    return health.supervised(settings.folders.run, ARCHIVE)


def _id(place: str) -> str:
    try:
        return load_master(place).id
    except KeyUnusable as error:
        return f"cannot be read: {error}"
