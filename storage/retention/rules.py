"""Retention rules: how long which calls are kept. One person proposes a rule, another one approves it.

A rule is in force from its approval until another person than the one who asked for it retires it. Of the
rules that a call meets, the first decides: the lowest priority, then the earliest proposal.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from storage.catalogue import Catalogue, CatalogueCall
from storage.catalogue.changes import lock_feed
from storage.catalogue.keeping_tables import retention_rules
from storage.criteria import Criteria
from storage.errors import BadRule, NotInCatalogue, NotNow
from storage.retention.people import person, second_person, worded
from storage.retention.stated import known

MOST_DAYS = 36_500


class RuleState(StrEnum):
    """Where a rule stands. ``RETIRING`` is in force still; ``REFUSED`` never was."""

    PROPOSED = "proposed"
    IN_FORCE = "in-force"
    RETIRING = "retiring"
    RETIRED = "retired"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """``keep_days`` are days from the start of a call (but see ``retention.age``), None for ever. People are
    user names, or empty."""

    id: str
    name: str
    priority: int
    criteria: Criteria
    keep_days: int | None
    proposed_by: str
    proposed_at: datetime
    approved_by: str = ""
    approved_at: datetime | None = None
    retirement_asked_by: str = ""
    retirement_asked_at: datetime | None = None
    retired_by: str = ""
    retired_at: datetime | None = None

    @property
    def state(self) -> RuleState:
        """Where it stands."""
        if self.retired_at is not None:
            return RuleState.RETIRED if self.approved_at else RuleState.REFUSED
        if self.approved_at is None:
            return RuleState.PROPOSED
        return RuleState.RETIRING if self.retirement_asked_at else RuleState.IN_FORCE

    def ends_before(self, now: datetime) -> datetime | None:
        """Calls that age since before this have been kept long enough; None where none ever has."""
        return None if self.keep_days is None else now - timedelta(days=self.keep_days)

    def over(self, since: datetime | None, now: datetime) -> bool:
        """Whether the rule has kept a call, which meets it, long enough. It ages ``since`` then, as
        ``retention.age`` says; None where nobody knows."""
        ends = self.ends_before(now)
        return ends is not None and since is not None and since < ends


def deciding(rules: Sequence[Rule], found: CatalogueCall) -> Rule | None:
    """The first of the rules, in their order, that the call meets. Without one the call is kept."""
    return next((rule for rule in rules if rule.criteria.met_by(found)), None)


class Rules:
    """Proposes, approves, retires and lists rules. Every change is one transaction."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._database = catalogue.database

    def propose(
        self,
        name: str,
        criteria: Criteria,
        keep_days: int | None,
        *,
        priority: int,
        by: str,
        now: datetime,
    ) -> Rule:
        """A rule that is not in force yet. Teams may be named. Raises ``BadRule``, also for unknown ones."""
        if keep_days is not None and not 1 <= keep_days <= MOST_DAYS:
            raise BadRule(f"A rule keeps calls for 1 to {MOST_DAYS} days, or for ever.")
        rule = Rule(
            id=str(uuid.uuid4()),
            name=worded("The name of a rule", name),
            priority=priority,
            criteria=criteria,
            keep_days=keep_days,
            proposed_by=person(by),
            proposed_at=now,
        )
        with self._database.write() as connection:
            stated = replace(rule, criteria=known(connection, criteria))
            connection.execute(insert(retention_rules).values(_row(stated)))
            return _one(connection, rule.id)

    def approve(self, rule_id: str, by: str, now: datetime) -> Rule:
        """Put a proposed rule in force. Raises ``SamePerson`` for who proposed it, ``NotNow``,
        ``NotInCatalogue``."""
        with self._database.write() as connection:
            rule = _locked(connection, rule_id, RuleState.PROPOSED)
            by = second_person(rule.proposed_by, by, "this rule")
            return _change(connection, rule, {"approved_by": by, "approved_at": now})

    def refuse(self, rule_id: str, by: str, now: datetime) -> Rule:
        """End a proposed rule, which who proposed it may do too. Raises ``NotNow``, ``NotInCatalogue``."""
        with self._database.write() as connection:
            rule = _locked(connection, rule_id, RuleState.PROPOSED)
            return _change(connection, rule, {"retired_by": person(by), "retired_at": now})

    def ask_retirement(self, rule_id: str, by: str, now: datetime) -> Rule:
        """Ask that the rule be retired; it stays in force. Raises ``NotNow``, ``NotInCatalogue``."""
        with self._database.write() as connection:
            rule = _locked(connection, rule_id, RuleState.IN_FORCE)
            return _change(connection, rule, {"retirement_asked_by": person(by), "retirement_asked_at": now})

    def retire(self, rule_id: str, by: str, now: datetime) -> Rule:
        """Retire the rule. Raises ``SamePerson`` for who asked for it, ``NotNow``, ``NotInCatalogue``."""
        with self._database.write() as connection:
            rule = _locked(connection, rule_id, RuleState.RETIRING)
            by = second_person(rule.retirement_asked_by, by, "the end of this rule")
            return _change(connection, rule, {"retired_by": by, "retired_at": now})

    def keep(self, rule_id: str) -> Rule:
        """Let the rule stay after all. Raises ``NotNow``, ``NotInCatalogue``."""
        with self._database.write() as connection:
            rule = _locked(connection, rule_id, RuleState.RETIRING)
            return _change(connection, rule, {"retirement_asked_by": "", "retirement_asked_at": None})

    def get(self, rule_id: str) -> Rule:
        """The rule with this id. Raises ``NotInCatalogue``."""
        with self._database.read() as connection:
            return _one(connection, rule_id)

    def all(self) -> list[Rule]:
        """Every rule that ever was, in the order in which they decide."""
        with self._database.read() as connection:
            return _ordered(connection)

    def in_force(self) -> list[Rule]:
        """The rules that decide now, in their order."""
        with self._database.read() as connection:
            return rules_in_force(connection)


def rules_in_force(connection: Connection) -> list[Rule]:
    """The rules that decide, in their order, as this transaction sees them."""
    return [rule for rule in _ordered(connection) if rule.state in {RuleState.IN_FORCE, RuleState.RETIRING}]


def _ordered(connection: Connection) -> list[Rule]:
    columns = retention_rules.c
    query = select(retention_rules).order_by(columns.priority, columns.proposed_at, columns.id)
    return [_rule(row) for row in connection.execute(query)]


def _locked(connection: Connection, rule_id: str, state: RuleState) -> Rule:
    # With the feed locked nobody deletes calls by the rules as they were before.
    lock_feed(connection)
    rule = _one(connection, rule_id)
    if rule.state is not state:
        raise NotNow(f"The rule {rule.name} is {rule.state}; for this it would have to be {state}.")
    return rule


def _one(connection: Connection, rule_id: str) -> Rule:
    query = select(retention_rules).where(retention_rules.c.id == rule_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotInCatalogue(f"There is no retention rule {rule_id}.")
    return _rule(row)


def _change(connection: Connection, rule: Rule, values: dict[str, Any]) -> Rule:
    connection.execute(update(retention_rules).where(retention_rules.c.id == rule.id).values(values))
    return _one(connection, rule.id)


def _row(rule: Rule) -> dict[str, Any]:
    row = {column.name: getattr(rule, column.name) for column in retention_rules.columns}
    return row | {"criteria": rule.criteria.model_dump_json(exclude_defaults=True)}


def _rule(row: Row[Any]) -> Rule:
    return Rule(**{**row._mapping, "criteria": Criteria.model_validate_json(row.criteria)})
