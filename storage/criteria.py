"""Which calls a rule speaks of: one shape for placement, retention and legal holds. Pure."""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Self

from pydantic import Field

from storage.model import CallState, Direction, Word

if TYPE_CHECKING:
    # The settings hold criteria, and every part reads the settings: it shall not load the catalogue for that.
    from storage.catalogue.call_rows import CatalogueCall

_LITERAL = str.maketrans({"[": "[[]", "?": "[?]"})


class Criteria(Word):
    """A call meets them when it meets every field that is not empty, and a field by any of its values.

    ``teams`` are ids, which ``with_teams`` puts in the place of names; ``numbers`` are patterns of the whole
    number, as signalled or in E.164, in which ``*`` stands for any digits (``+8621*``); without any field
    every call meets them.
    """

    teams: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    states: tuple[CallState, ...] = ()
    directions: tuple[Direction, ...] = ()
    tags: tuple[str, ...] = ()
    shortest: float | None = Field(default=None, ge=0)
    longest: float | None = Field(default=None, ge=0)
    """Seconds of ``Call.duration``, both ends included."""

    def given(self) -> dict[str, Any]:
        """The fields that are not empty, as JSON values."""
        return self.model_dump(mode="json", exclude_defaults=True)

    def with_teams(self, ids: Mapping[str, str]) -> Self:
        """The same with the ids of teams, which ``ids`` has by name. A name that is not there stays: no call
        meets it, whereas without any team every call would."""
        return self.model_copy(update={"teams": tuple(ids.get(team, team) for team in self.teams)})

    def met_by(self, found: "CatalogueCall") -> bool:
        """Whether the call is one of those."""
        call = found.call
        return (
            (not self.teams or found.team in self.teams)
            and (not self.agents or call.agent in self.agents)
            and (not self.states or call.state in self.states)
            and (not self.directions or call.direction in self.directions)
            and (not self.tags or not set(found.tags).isdisjoint(self.tags))
            and (self.shortest is None or call.duration >= self.shortest)
            and (self.longest is None or call.duration <= self.longest)
            and (not self.numbers or any(map(self._number_met, _numbers(found))))
        )

    def _number_met(self, number: str) -> bool:
        return any(fnmatchcase(number, pattern.translate(_LITERAL)) for pattern in self.numbers)


def _numbers(found: "CatalogueCall") -> set[str]:
    call = found.call
    numbers = {call.from_, call.to, call.from_e164, call.to_e164}
    numbers |= {party.number for party in call.parties}
    users = {number.partition("@")[0] for number in numbers}
    return (numbers | users) - {""}
