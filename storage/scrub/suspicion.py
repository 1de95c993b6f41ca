"""A copy that seemed bad to somebody who read it through a key: what is stored there decides, not the key."""

from collections.abc import Mapping
from datetime import datetime

from storage.catalogue import Catalogue, Held
from storage.catalogue.copy_checks import Condition
from storage.scrub.reading import look_at
from storage.targets.contract import Target


def look_into(catalogue: Catalogue, stored: Mapping[str, Target], held: Held, now: datetime) -> None:
    """Note the copy as damaged where it is not as the catalogue says, so that it is put anew and not read.

    ``stored`` are the targets without any decryption. The copy is read once more: with a wrong key all copies
    seem altered. One that is gone or cannot be read now is left to scrubbing. Raises ``CatalogueError``.
    """
    target = stored.get(held.copy.target)
    if target is not None and look_at(target, held) is Condition.DAMAGED:
        catalogue.copy_checks.note([(held, Condition.DAMAGED)], now)
