"""Scrubbing: every copy is read back once in so many days, those first that were not for longest."""

import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.catalogue import Catalogue, Held
from storage.catalogue.copy_checks import Condition
from storage.errors import TargetError
from storage.scrub.reading import Unreachable, look_at
from storage.targets.contract import Target

_AT_ONCE = 4
_PORTION = 256
Stop = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Bad:
    """A copy that is damaged or missing."""

    call_id: str
    target: str
    name: str
    condition: Condition


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """What was read back: ``copies`` in number, ``bytes`` of them, and the ``bad`` ones among them.

    ``unreachable`` says why the target could not be read to the end, empty where it could. ``whole`` is False
    where more may be due.
    """

    copies: int = 0
    bytes: int = 0
    bad: tuple[Bad, ...] = ()
    unreachable: str = ""
    whole: bool = True


def scrub_some(
    catalogue: Catalogue,
    name: str,
    target: Target,
    *,
    days: float,
    elapsed: timedelta,
    now: datetime,
    limit: int = 5000,
    stop: Stop = lambda: False,
) -> Scrubbed:
    """Read back as much of the target as keeps the pace, ``elapsed`` being the time since this was last done.

    A copy is due when half of ``days`` went by since its last check, and twice the average pace is kept, so
    that each is read once in ``days`` however unevenly calls came.
    """
    half = timedelta(days=days / 2)
    number, _ = catalogue.copy_checks.count(name)
    wanted = min(limit, math.ceil(number * (elapsed / half)))
    return scrub_before(catalogue, name, target, before=now - half, now=now, limit=wanted, stop=stop)


def scrub_before(
    catalogue: Catalogue,
    name: str,
    target: Target,
    *,
    before: datetime,
    now: datetime,
    limit: int,
    stop: Stop = lambda: False,
    believe_empty: bool = False,
) -> Scrubbed:
    """Read back at most ``limit`` copies that were not since ``before``.

    ``target`` is raw, without any decryption. A target on which nothing at all is left is taken for a disk
    that is not mounted, and not for the loss of every copy, unless ``believe_empty``.
    """
    scrubbing = _Scrubbing(catalogue, target, now, stop)
    copies, size = 0, 0
    bad: list[Bad] = []
    while copies < limit:
        if stop():
            return Scrubbed(copies, size, tuple(bad), whole=False)
        due = catalogue.copy_checks.due(name, before, min(_PORTION, limit - copies), now=now)
        if not due:
            return Scrubbed(copies, size, tuple(bad))
        seen, reason = scrubbing.read(due, believe_empty=believe_empty)
        bad += scrubbing.note(seen)
        copies += len(seen)
        size += sum(held.copy.bytes for held, _ in seen)
        if reason:
            return Scrubbed(copies, size, tuple(bad), reason, whole=False)
    return Scrubbed(copies, size, tuple(bad), whole=False)


class _Scrubbing:
    def __init__(self, catalogue: Catalogue, target: Target, now: datetime, stop: Stop) -> None:
        self._checks = catalogue.copy_checks
        self._target = target
        self._now = now
        self._stop = stop
        self._unreachable = ""

    def read(self, due: Sequence[Held], *, believe_empty: bool) -> tuple[list[tuple[Held, Condition]], str]:
        """What was seen of each, and why the target cannot be read, if so."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            looks = list(pool.map(self._look, due))
        seen = [(held, look) for held, look in zip(due, looks, strict=True) if isinstance(look, Condition)]
        if not self._unreachable and not believe_empty and any(how is Condition.MISSING for _, how in seen):
            self._unreachable = self._emptiness()
        if self._unreachable:
            # What a target says while it goes away is not believed, but what could be read is good.
            seen = [(held, how) for held, how in seen if how is Condition.GOOD]
        return seen, self._unreachable

    def _look(self, held: Held) -> Condition | None:
        """What reading shows; None where nobody looked, as for all that comes after the target went away."""
        if self._unreachable or self._stop():
            return None
        look = look_at(self._target, held)
        if isinstance(look, Unreachable):
            self._unreachable = look.reason
            return None
        return look

    def note(self, seen: Sequence[tuple[Held, Condition]]) -> list[Bad]:
        """Keep what was seen; the bad ones."""
        bad = self._checks.note(seen, self._now)
        return [Bad(held.call_id, held.copy.target, held.copy.name, how) for held, how in bad]

    def _emptiness(self) -> str:
        try:
            if next(iter(self._target.list()), None) is not None:
                return ""
        except TargetError as error:
            return str(error)
        return (
            "Nothing at all is stored there, though copies should be. Is its disk mounted? If they are lost "
            "indeed, `earwitness scrub --target NAME --all --believe-empty` has them made anew."
        )
