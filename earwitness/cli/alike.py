"""Failures that are the same but for the call that they name: said once."""

import re
from collections.abc import Iterable, Iterator

_NAMED = 3
"""Calls that are named where many failed alike."""
_REASONS = 20
"""Reasons that are told."""


def told_once(failures: Iterable[tuple[str, str]]) -> Iterator[str]:
    """A line for each reason of these (id of a call, reason), in their order, in the words of its first."""
    alike: dict[str, tuple[str, list[str]]] = {}
    for call_id, reason in failures:
        own = rf"(\d{{4}}/\d\d/\d\d/)?{re.escape(call_id)}"
        alike.setdefault(re.sub(own, "…", reason), (reason, []))[1].append(call_id)
    for reason, calls in list(alike.values())[:_REASONS]:
        yield f"{_names(calls)}: {reason}"
    if len(alike) > _REASONS:
        left = sum(len(calls) for _, calls in list(alike.values())[_REASONS:])
        yield f"… and {left:,} more, for {len(alike) - _REASONS:,} other reasons."


def _names(calls: list[str]) -> str:
    if len(calls) == 1:
        return calls[0]
    more = f" and {len(calls) - _NAMED:,} more" if len(calls) > _NAMED else ""
    return f"{len(calls):,} calls ({', '.join(calls[:_NAMED])}{more})"
