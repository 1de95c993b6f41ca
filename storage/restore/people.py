"""What of a catalogue comes from a snapshot alone: people, what they decided, and the log of it."""

from dataclasses import dataclass

from sqlalchemy import Table, func, select

from storage.catalogue import Catalogue
from storage.catalogue.keeping_tables import call_tags, erasures, holds, retention_rules
from storage.catalogue.tables import audit_events, teams, users


@dataclass(frozen=True, slots=True)
class People:
    """How many of each a catalogue holds, whatever state they are in."""

    users: int
    teams: int
    tags: int
    rules: int
    holds: int
    erasures: int
    audit_events: int


def people_of(catalogue: Catalogue) -> People:
    """Count them."""
    with catalogue.database.read() as connection:

        def rows(table: Table) -> int:
            return connection.execute(select(func.count()).select_from(table)).scalar_one()

        return People(
            users=rows(users),
            teams=rows(teams),
            tags=rows(call_tags),
            rules=rows(retention_rules),
            holds=rows(holds),
            erasures=rows(erasures),
            audit_events=rows(audit_events),
        )
