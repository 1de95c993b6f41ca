"""Stand-ins: other targets of a rule get the calls that wait for one that is long away.

Calls that come while it is away are given to them by the backlog itself (``Rule.takers``). Here those are
found that came before; done again it changes nothing. When the target is back it gets all of them too, and
what the others lack by then they need no more.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from storage.catalogue import Catalogue
from storage.copies.backlog import PAGE, Backlog
from storage.copies.placement import Placement


class StandIns:
    """Finds the calls that wait for targets that are long away. ``home`` is where calls come in."""

    def __init__(self, catalogue: Catalogue, placement: Placement, home: str) -> None:
        self._tasks = catalogue.copy_tasks
        self._backlog = Backlog(catalogue, placement, home)

    def away(self, now: datetime) -> frozenset[str]:
        """The targets that are long away, of those that rules have others for, and of these others."""
        placement = self._backlog.standing(now)
        return placement.away & {name for rule in placement.rules if rule.spare for name in rule.to}

    def fill(self, now: datetime, stop: Callable[[], bool] = lambda: False) -> Mapping[str, int]:
        """Let the others get the calls that wait, and no more than those; how many each of them lacks."""
        placement = self._backlog.standing(now)
        spare = sorted({name for rule in placement.rules for name in rule.spare})
        found = dict.fromkeys(spare, 0)
        for target in sorted(placement.replaceable & placement.away):
            for page in self._waiting(target, stop):
                for name in spare:
                    wanted, _ = self._backlog.sort(name, page, now)
                    self._tasks.settle(name, wanted, (), now)
                    found[name] += len(wanted)
        for name in spare:
            for page in self._waiting(name, stop):
                _, unwanted = self._backlog.sort(name, page, now)
                self._tasks.settle(name, (), unwanted, now)
        return found

    def _waiting(self, target: str, stop: Callable[[], bool]) -> Iterator[list[str]]:
        after = ""
        while not stop() and (page := self._tasks.call_ids(target, after, PAGE)):
            yield page
            after = page[-1]
