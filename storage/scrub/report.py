"""What reading copies back showed, as JSON values for the report of a run. Pure."""

from collections.abc import Collection, Sequence
from typing import Any

from storage.scrub.scrub import Bad

MOST_TOLD = 200
"""So many bad copies are named; the count is of all."""


def as_json(bad: Sequence[Bad], repaired: Collection[Bad] | None = None) -> dict[str, Any]:
    """How many copies were ``bad``, how many of those are ``repaired``, and which they were.

    None: they have not been tried to be repaired, and nothing is said of it.
    """
    copies = [_copy(each) for each in bad[:MOST_TOLD]]
    if repaired is None:
        return {"bad": len(bad), "copies": copies}
    good_again = {(each.target, each.name) for each in repaired}
    are = [(each.target, each.name) in good_again for each in bad]
    told = [copy | {"repaired": is_good} for copy, is_good in zip(copies, are, strict=False)]
    return {"bad": len(bad), "repaired": sum(are), "copies": told}


def _copy(bad: Bad) -> dict[str, Any]:
    return {
        "call": bad.call_id,
        "target": bad.target,
        "file": bad.name.partition(".")[2],
        "condition": bad.condition.value,
    }
