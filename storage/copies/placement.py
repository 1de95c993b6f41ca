"""Placement: which target shall hold which call, and from when on. Pure."""

import hashlib
import json
from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Self

from storage.catalogue.call_rows import CatalogueCall
from storage.criteria import Criteria

LONG = timedelta(hours=1)
"""A target that is away for longer is long away: others stand in for it."""
LONG_CARRIED = timedelta(days=7)
"""The same for one that people carry about."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Calls that meet ``calls`` go to the first ``copies`` of the targets ``to`` (0: to all of them), where
    ``older_than`` is given once it has gone by since they ended. The others of ``to`` stand in for those that
    are long away."""

    to: tuple[str, ...]
    calls: Criteria = field(default_factory=Criteria)
    copies: int = 0
    older_than: timedelta = timedelta()

    @property
    def chosen(self) -> tuple[str, ...]:
        """The targets that get the copies."""
        return self.to[: self.copies] if self.copies else self.to

    @property
    def spare(self) -> tuple[str, ...]:
        """The targets that stand in for them."""
        return self.to[len(self.chosen) :]

    def takers(self, held: Container[str], away: Container[str]) -> tuple[str, ...]:
        """The targets that shall hold a call that ``held`` hold: those chosen, and while some of them are
        ``away`` as many others as there are copies lacking. One that is away and holds it counts."""
        sure = [name for name in self.chosen if name in held or name not in away]
        sure += [name for name in self.spare if name in held]
        free = [name for name in self.spare if name not in held and name not in away]
        return self.chosen + tuple(free[: max(0, len(self.chosen) - len(sure))])


@dataclass(frozen=True, slots=True)
class Placement:
    """All rules, and the names of the targets that get copies. A target that no rule names gets every call.

    ``keyless`` are those whose medium cannot delete: keys of calls never go there; ``carried`` those that
    people carry about. Rules may name teams that come and go, and targets are ``away`` for long and come
    back: what holds at a moment is what ``with_teams`` and ``without`` make of it.
    """

    targets: tuple[str, ...]
    rules: tuple[Rule, ...] = ()
    keyless: frozenset[str] = frozenset()
    carried: frozenset[str] = frozenset()
    away: frozenset[str] = frozenset()

    @property
    def teams(self) -> frozenset[str]:
        """The teams that the rules speak of, by name or id."""
        return frozenset(team for rule in self.rules for team in rule.calls.teams)

    def with_teams(self, ids: Mapping[str, str]) -> Self:
        """The same with the ids of the teams that rules name; ``ids`` has them by name."""
        rules = tuple(replace(rule, calls=rule.calls.with_teams(ids)) for rule in self.rules)
        return replace(self, rules=rules)

    @property
    def replaceable(self) -> frozenset[str]:
        """The targets that others can stand in for."""
        return frozenset(name for rule in self.rules if rule.spare for name in rule.chosen)

    def without(self, away: frozenset[str]) -> Self:
        """The same while these targets are long away."""
        return replace(self, away=away)

    def patience(self, target: str) -> timedelta:
        """After how long the target is long away."""
        return LONG_CARRIED if target in self.carried else LONG

    def due(
        self, found: CatalogueCall, target: str, now: datetime, held: Container[str] = ()
    ) -> datetime | None:
        """From when on ``target`` shall hold the call; None where it never shall by these rules. ``held`` are
        the targets that hold it whole. One that has some of it, as it stood in once, shall hold it too.

        What no rule wants to be older is due by ``now`` at the latest, whatever time it bears.
        """
        if target not in self.targets:
            return None
        if not self._rules_of(target):
            return min(_over(found), now)
        has_some = any(copy.target == target for copy in found.copies)
        met = [
            rule
            for rule in self._rules_of(target)
            if (has_some or target in rule.takers(held, self.away)) and rule.calls.met_by(found)
        ]
        return min((_due_by(rule, found, now) for rule in met), default=None)

    def fingerprint(self, target: str) -> str:
        """Sixteen hexadecimal digits that change when the target may have to hold other calls."""
        rules = [
            (rule.calls.model_dump(mode="json"), rule.older_than.total_seconds(), target in rule.chosen)
            for rule in self._rules_of(target)
        ]
        text = json.dumps([rules, target in self.keyless], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def _rules_of(self, target: str) -> list[Rule]:
        return [rule for rule in self.rules if target in rule.to]


def _due_by(rule: Rule, found: CatalogueCall, now: datetime) -> datetime:
    over = _over(found)
    return over + rule.older_than if rule.older_than else min(over, now)


def _over(found: CatalogueCall) -> datetime:
    """When the call was over: at the latest when it was archived, by whatever clock its recorder went."""
    return min([found.call.end, *(copy.at for copy in found.copies)])
