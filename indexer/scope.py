"""Whose calls a search may find. Engines apply it inside the query, so that not even a total tells more."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """What one user may see. Nothing is said by default, and then nothing is seen.

    A call is within reach where ``everything`` is, or its agent, its team (by id) or itself is listed, each
    compared exactly; and with ``released_only`` only where it is released as well. Without ``tags`` calls are
    searched as if they had none (see ``indexer.narrowing``).
    """

    everything: bool = False
    agents: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()
    calls: frozenset[str] = frozenset()
    released_only: bool = False
    tags: bool = False

    @property
    def nothing(self) -> bool:
        """Whether no call at all is within reach. An empty name is nobody's."""
        return not (self.everything or self.agents - {""} or self.teams - {""} or self.calls - {""})


EVERYTHING = Scope(everything=True, tags=True)
NOTHING = Scope()


def own_released(agent: str) -> Scope:
    """What an agent may see: the agent's own calls once they are released, and not how others sorted them."""
    return Scope(agents=frozenset({agent}), released_only=True)
