"""Which calls a rule or a hold speaks of."""

from typing import Annotated

from pydantic import Field

from qa_api.schemas.wire import Command, Reply
from storage.criteria import Criteria
from storage.model import CallState, Direction

_Few = Field(max_length=100)
_Words = Annotated[tuple[Annotated[str, Field(min_length=1, max_length=64)], ...], _Few]
_Patterns = Annotated[tuple[Annotated[str, Field(pattern=r"^[\w+*#@.:-]{1,64}$")], ...], _Few]


class CriteriaInfo(Reply):
    """A call meets them by meeting every field that is not empty, and a field by any of its values.

    ``teams`` are ids; ``numbers`` patterns of whole numbers in which ``*`` stands for any digits, with hidden
    digits for those who may not see them; ``shortest`` and ``longest`` seconds. All empty: every call.
    """

    teams: tuple[str, ...]
    agents: tuple[str, ...]
    numbers: tuple[str, ...]
    states: tuple[CallState, ...]
    directions: tuple[Direction, ...]
    tags: tuple[str, ...]
    shortest: float | None
    longest: float | None


class CriteriaGiven(Command):
    """The same as somebody states them; teams also by name, and only those that there are."""

    teams: _Words = ()
    agents: _Words = ()
    numbers: _Patterns = ()
    states: Annotated[tuple[CallState, ...], _Few] = ()
    directions: Annotated[tuple[Direction, ...], _Few] = ()
    tags: _Words = ()
    shortest: Annotated[float | None, Field(ge=0, le=1e7)] = None
    longest: Annotated[float | None, Field(ge=0, le=1e7)] = None

    def criteria(self) -> Criteria:
        """As the rooms below take them."""
        return Criteria(**self.model_dump())
