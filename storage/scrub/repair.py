"""Repair: a copy that is damaged or missing is put anew from a good one, and read back.

Where no copy is good, nothing is touched: what is left of the call stays for people to look at.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from storage.catalogue import Catalogue, CatalogueCall, Held
from storage.catalogue.copy_checks import Condition
from storage.copies.source import SourceFailed
from storage.copies.transfer import Transfer
from storage.errors import DiskFull, NotStored, TargetAbsent, TargetError, TargetRefused
from storage.scrub.reading import Unreachable, look_at
from storage.scrub.scrub import Bad
from storage.targets.contract import Target, read_back

_KEY = ".key"
_FAILURES = 3
_CALLS_AT_ONCE = 500


@dataclass(slots=True)
class Repaired:
    """``repaired`` copies are good again; of the ``hopeless`` no good copy is within reach: an alarm.

    ``failed`` are errors by target, whose copies wait. ``whole`` is False where more may be left.
    """

    repaired: list[Bad] = field(default_factory=list)
    hopeless: list[Bad] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    whole: bool = True


def repair_some(
    catalogue: Catalogue,
    targets: Mapping[str, Target],
    *,
    home: str,
    now: datetime,
    limit: int = 500,
    stop: Callable[[], bool] = lambda: False,
    on: Collection[str] | None = None,
) -> Repaired:
    """Repair about ``limit`` copies on the targets given, which are raw, or only ``on`` some of them; copies
    come from ``home`` first.

    What cannot be repaired is tried again by the next call.
    """
    result = Repaired()
    repair = _Repair(catalogue, targets, home, now, result)
    for name in targets if on is None else targets.keys() & set(on):
        after: Held | None = None
        while portion := catalogue.copy_checks.bad(name, after, limit=100):
            for held in portion:
                if stop() or len(result.repaired) + len(result.hopeless) >= limit:
                    result.whole = False
                    return result
                repair.one(held)
            if repair.gave_up(name):
                break
            after = portion[-1]
    return result


def good_again(catalogue: Catalogue, bad: Sequence[Bad]) -> list[Bad]:
    """Those of the ``bad`` copies that were put anew since, whoever did it."""
    calls = list(dict.fromkeys(each.call_id for each in bad))
    good = set[tuple[str, str]]()
    for first in range(0, len(calls), _CALLS_AT_ONCE):
        good |= catalogue.copy_checks.good(calls[first : first + _CALLS_AT_ONCE])
    return [each for each in bad if (each.target, each.name) in good]


class _Repair:
    def __init__(
        self, catalogue: Catalogue, targets: Mapping[str, Target], home: str, now: datetime, result: Repaired
    ) -> None:
        self._catalogue = catalogue
        self._checks = catalogue.copy_checks
        self._targets = targets
        self._home = home
        self._now = now
        self._result = result

        self._failures: Counter[str] = Counter()

    def gave_up(self, target: str) -> bool:
        """Whether nothing more is tried on the target."""
        return self._failures[target] >= _FAILURES

    def one(self, held: Held) -> None:
        """Put one copy anew."""
        copy = held.copy
        found = self._catalogue.calls.get(held.call_id)
        if found is None or self.gave_up(copy.target):
            return
        bad = Bad(held.call_id, copy.target, copy.name, Condition(copy.condition))
        try:
            if self._put(found, held):
                self._result.repaired.append(bad)
            else:
                self._doubt(found, held)
                self._result.hopeless.append(bad)
        except (TargetError, DiskFull) as error:
            self._result.failed[copy.target] = str(error)
            final = isinstance(error, TargetAbsent | TargetRefused | DiskFull)
            self._failures[copy.target] += _FAILURES if final else 1

    def _put(self, found: CatalogueCall, held: Held) -> bool:
        copy = held.copy
        transfer = Transfer(self._targets, self._home, copy.target)
        try:
            if self._unreadable(held) and any(self._good_elsewhere(found, held)):
                # Else putting it would fail on reading what is there.
                self._targets[copy.target].delete(copy.name)
            moved = transfer.move(found, [copy], self._now)
        except SourceFailed:
            return copy.name.endswith(_KEY) and self._put_key(held)
        seen = [(Held(held.call_id, each), Condition(each.condition)) for each in moved.damaged]
        self._checks.note(seen, self._now)
        self._checks.replaced(held, self._now, size=copy.bytes, sha256=copy.sha256)
        return True

    def _unreadable(self, held: Held) -> bool:
        target = self._targets[held.copy.target]
        try:
            read_back(target, held.copy.name)
        except NotStored:
            return False
        except TargetError:
            return look_at(target, held) is Condition.DAMAGED
        return False

    def _good_elsewhere(self, found: CatalogueCall, held: Held) -> Iterator[bool]:
        for copy in found.copies:
            same = (copy.name, copy.sha256) == (held.copy.name, held.copy.sha256)
            if same and copy.target != held.copy.target and copy.target in self._targets:
                yield look_at(self._targets[copy.target], Held(held.call_id, copy)) is Condition.GOOD

    def _put_key(self, held: Held) -> bool:
        """The catalogue has the key, wrapped anew perhaps since the copy was made."""
        row = self._catalogue.keys.get(held.call_id)
        if row is None:
            return False
        target = self._targets[held.copy.target]
        kept = target.put(held.copy.name, row.document.encode())
        if read_back(target, held.copy.name) != kept:
            return False
        self._checks.replaced(held, self._now, size=kept.bytes, sha256=kept.sha256)
        return True

    def _doubt(self, found: CatalogueCall, held: Held) -> None:
        """No copy proved good: those that were thought to be are looked at, so that the catalogue knows."""
        seen = []
        for copy in found.copies:
            if copy.name == held.copy.name and copy.target in self._targets:
                other = Held(held.call_id, copy)
                look = look_at(self._targets[copy.target], other)
                if not isinstance(look, Unreachable):
                    seen.append((other, look))
        self._checks.note(seen, self._now)
