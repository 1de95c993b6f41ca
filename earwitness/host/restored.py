"""Whether rules wait behind a restore for a person to look at holds."""

from collections.abc import Iterator
from contextlib import closing

from earwitness import cataloguing
from earwitness.host import moved
from earwitness.host.finding import Finding, warning
from earwitness.settings import Settings
from storage.errors import StorageError
from storage.retention.restored import Unseen, unseen

CHECK = "restore"
_REMEDY = (
    "place again what was held since (earwitness hold place), then say so: earwitness retention apply; until "
    "then no rule deletes calls"
)


def check(settings: Settings) -> Iterator[Finding]:
    """Nothing is said where they do not, or where that cannot be seen: others say so."""
    if any(moved.check(settings)):
        return
    try:
        found = _unseen(settings)
    except (StorageError, OSError):
        return
    if found is not None:
        yield warning(CHECK, found.what, _REMEDY)


def _unseen(settings: Settings) -> Unseen | None:
    """Before the first start there was no restore."""
    if not settings.catalogue.url and not settings.folders.catalogue.is_file():
        return None
    with closing(cataloguing.catalogue(settings)) as catalogue:
        return unseen(catalogue)
