"""What follows the catalogue, brought level with it at the end of work by hand: index, lists, snapshots, and
the records of deletions.

While ``serve`` runs its parts do all of this by themselves. Where it does not, whoever searches or takes a
disk away right after the command would find what was there before.
"""

from collections.abc import Callable, Collection, Iterable
from functools import partial

from earwitness import wiring
from earwitness.keeping.means import Means
from earwitness.keeping.medium_lists import listings
from earwitness.keeping.records import carry
from earwitness.keeping.snapshots import Snapshots
from indexer.errors import IndexBusy
from storage.errors import FolderBusy, KeyUnusable

_PAUSE = 0.2
_PATIENCE = 150
"""So many pauses for a list that another process is writing."""


def index(means: Means) -> None:
    """Bring the index up, where there is one. Who holds it follows the catalogue all the time."""
    if not any(means.settings.folders.index.glob("*")):
        return
    try:
        with wiring.index_sync(means.settings, means.catalogue) as sync:
            while not means.stopping() and sync.run_once():
                pass
    except IndexBusy:
        return


def lists(means: Means, names: Collection[str], wait: Callable[[float], bool]) -> dict[str, str]:
    """Bring up the lists of those of the targets that have one; what hindered it, by target.

    ``wait`` waits for so many seconds and says whether to stop.
    """
    found = {}
    try:
        all_of_them = listings(means, names)
    except KeyUnusable as error:
        return dict.fromkeys(names, f"The list of calls was not brought up: {error}")
    for name, listing in all_of_them.items():
        if trouble := _level(partial(listing.level, means.now()), wait):
            found[name] = trouble
    return found


def records(means: Means, names: Iterable[str]) -> dict[str, str]:
    """Bring up the records of deletions on those of the targets that have them; what hindered it."""
    elsewhere = means.elsewhere()
    return {name: trouble for name in names if name in elsewhere and (trouble := carry(means, name))}


def snapshots(means: Means, names: Iterable[str]) -> dict[str, str]:
    """Take a snapshot on those of the targets that may have one; what hindered it, by target."""
    found, elsewhere = {}, means.elsewhere()
    for name in names:
        one = Snapshots(means, name)
        if name in elsewhere and one.possible() and (trouble := one.run(by_hand=True)):
            found[name] = trouble
    return found


def _level(act: Callable[[], str], wait: Callable[[float], bool]) -> str:
    for _ in range(_PATIENCE):
        try:
            return act()
        except FolderBusy:
            if wait(_PAUSE):
                break
    return ""
