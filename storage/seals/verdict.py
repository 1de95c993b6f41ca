"""What checking seals found: three answers, with reasons."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """Whether something is as it was sealed."""

    INTACT = "intact"
    ALTERED = "altered"
    UNKNOWN = "unknown"
    """Not sealed, sealed by somebody whose key is not given, not readable, or incomplete."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be.

    ``code`` is stable. Of calls: ``sidecar``, ``unsealed``, ``other-call``, ``unknown-key``, ``signature``,
    ``description``, ``missing``, ``bytes``, ``unreadable``, ``copy``, ``not-in-catalogue``, ``erased`` (it
    was deleted and lies there), ``unnamed`` (a blob that no description or row names), ``key`` (no wrapped
    key of the call), ``keyless``; of chains: ``link``, ``twice``, ``gap``; of targets: ``keyless``,
    ``erased-closed``, ``unlisted``, ``going``, ``young``, ``page``, ``unsigned``. ``file`` is the name of a
    blob; ``segments`` are those of its segments that differ, from 0, and ``seconds`` the parts of the
    recording in which they lie, about.
    """

    code: str
    text: str
    state: State = State.ALTERED
    file: str = ""
    segments: tuple[int, ...] = ()
    seconds: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class CallVerdict:
    """The answer for a call on one target. ``chain`` and ``number`` are empty and 0 where it has no seal."""

    call: str
    target: str
    findings: tuple[Finding, ...] = ()
    chain: str = ""
    number: int = 0

    @property
    def state(self) -> State:
        """Altered where anything is, else unknown where anything is, else intact."""
        return worst(finding.state for finding in self.findings)


@dataclass(frozen=True, slots=True)
class ChainVerdict:
    """The answer for a chain. ``missing`` are the numbers that nothing explains, as first and last.

    ``newest`` is when the newest seal was made that a call on the medium bears; None where no medium was
    looked at.
    """

    chain: str
    target: str
    last: int
    findings: tuple[Finding, ...] = ()
    missing: tuple[tuple[int, int], ...] = ()
    newest: datetime | None = None

    @property
    def state(self) -> State:
        """As that of a call."""
        return worst(finding.state for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Remark:
    """What is to be said of a target as a whole; one that is *intact* takes nothing away from the rest."""

    target: str
    finding: Finding


@dataclass(slots=True)
class Report:
    """All answers of one run: how many of each, and those that are not intact. ``looked_at`` are the calls,
    each of them once wherever it lies; deleted and unknown ones that lie somewhere are counted beside them.
    """

    counts: dict[State, int] = field(default_factory=lambda: dict.fromkeys(State, 0))
    bytes: int = 0
    looked_at: int = 0
    calls: list[CallVerdict] = field(default_factory=list)
    chains: list[ChainVerdict] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

    def add(self, verdict: CallVerdict) -> None:
        """Count the verdict, and keep it where something is wrong."""
        self.counts[verdict.state] += 1
        if verdict.state is not State.INTACT:
            self.calls.append(verdict)

    @property
    def checked(self) -> int:
        """How many calls were checked; one that lies on several targets counts on each."""
        return sum(self.counts.values())

    @property
    def state(self) -> State:
        """The worst of all."""
        found = [state for state, count in self.counts.items() if count]
        told = (remark.finding.state for remark in self.remarks)
        return worst([*found, *(chain.state for chain in self.chains), *told])


def worst(states: Iterable[State]) -> State:
    """Altered before unknown before intact; intact of nothing."""
    found = set(states)
    return next((state for state in (State.ALTERED, State.UNKNOWN) if state in found), State.INTACT)
