"""Failures that are the same but for what they name: said once."""

import re
from collections.abc import Iterable, Iterator

_NAMED = 3
"""Things that are named where many failed alike."""
_REASONS = 20
"""Reasons that are told."""


def told_once(failures: Iterable[tuple[str, str]], many: str) -> Iterator[str]:
    """A line for each reason of these (name, reason), in their order, in the words of its first.

    A name is the id of a call, or ``TARGET: BLOB``; ``many`` is what several are called.
    """
    alike: dict[str, tuple[str, list[str]]] = {}
    for name, reason in failures:
        own = rf"(\d{{4}}/\d\d/\d\d/)?{re.escape(name.rpartition(': ')[2])}"
        alike.setdefault(re.sub(own, "…", reason), (reason, []))[1].append(name)
    for reason, names in list(alike.values())[:_REASONS]:
        yield f"{_listed(names, many)}: {reason}"
    if len(alike) > _REASONS:
        left = sum(len(names) for _, names in list(alike.values())[_REASONS:])
        yield f"… and {left:,} more, for {len(alike) - _REASONS:,} other reasons."


def _listed(names: list[str], many: str) -> str:
    if len(names) == 1:
        return names[0]
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return f"{len(names):,} {many} ({', '.join(names[:_NAMED])}{more})"
