"""How one call is kept, as those see it who answer for that. Pure."""

from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter

from qa_api import written
from qa_api.schemas.calls import CopyCondition, CopyInfo, HoldBrief, KeepingInfo
from qa_api.viewer import Viewer
from storage.catalogue import CatalogueCall, Copy
from storage.catalogue.cover import StandingHold

_WORST_FIRST = (CopyCondition.MISSING, CopyCondition.DAMAGED, CopyCondition.GOOD)


def of_call(found: CatalogueCall, holds: Iterable[StandingHold], viewer: Viewer) -> KeepingInfo:
    """The call on each of its targets, by name, and what holds it."""
    ordered = sorted(found.copies, key=attrgetter("target"))
    by_target = ((target, tuple(copies)) for target, copies in groupby(ordered, key=attrgetter("target")))
    return KeepingInfo(
        holds=tuple(HoldBrief(id=hold.id, name=written.text(hold.name, viewer)) for hold in holds),
        copies=tuple(_copy(target, copies) for target, copies in by_target),
    )


def _copy(target: str, copies: tuple[Copy, ...]) -> CopyInfo:
    checks = [copy.checked for copy in copies]
    return CopyInfo(
        target=target,
        condition=_worst(copy.condition for copy in copies),
        blobs=len(copies),
        bytes=sum(copy.bytes for copy in copies),
        at=max(copy.at for copy in copies),
        checked=None if None in checks else min(check for check in checks if check),
    )


def _worst(conditions: Iterable[str]) -> CopyCondition:
    found = set(conditions)
    return next(condition for condition in _WORST_FIRST if condition.value in found)
