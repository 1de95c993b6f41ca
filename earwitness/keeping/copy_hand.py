"""What a helper process of a ``CopyTeam`` does."""

import pickle
import select
from functools import cache

from earwitness import wiring
from earwitness.keeping import places
from earwitness.settings import Settings
from storage.copies.copier import Batch, Copier
from storage.errors import StorageError


def copy_one_batch(given: bytes, target: str, hearing: int, limit: int, *, by_hand: bool) -> Batch | str:
    """As ``Copier.batch`` with the pickled settings ``given``, or why not.

    No call is begun any more when the pipe ``hearing`` ends.
    """
    try:
        return _copier(given).batch(target, lambda: _ended(hearing), limit, by_hand=by_hand)
    except StorageError as error:
        return str(error)


@cache
def _copier(given: bytes) -> Copier:
    settings: Settings = pickle.loads(given)  # noqa: S301 - from the process that started this one
    catalogue = wiring.catalogue(settings)
    targets = wiring.targets(settings, catalogue)
    return Copier(catalogue, targets, places.placement(settings), places.home(settings))


def _ended(hearing: int) -> bool:
    return bool(select.select([hearing], [], [], 0)[0])
