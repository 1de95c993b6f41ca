"""What a call is to be, before any of it is on the wire."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from recorder.simulate.options import Outcomes, SimulationOptions
from recorder.simulate.people import HOTLINES, Person, customer
from storage.model import CallState, Direction, Side

SECOND = 1_000_000_000


class Refusal(StrEnum):
    """Who says no in a call that fails."""

    NETWORK = "network"
    """The PBX or the trunk, at once."""
    PERSON = "person"
    """The called party, after some rings."""


@dataclass(frozen=True, slots=True)
class CallPlan:
    """One call; times in nanoseconds, ``ring_ns`` from the INVITE, ``talk_ns`` and ``hold`` from the answer.

    ``agent`` is the call centre's own person in it: the called one of an inbound call, else the caller.
    ``status`` is the SIP code of a call that is not answered. ``seed`` is what is random in its tags, ports
    and marks.
    """

    id: str
    start_ns: int
    direction: Direction
    state: CallState
    caller: Person
    callee: Person
    dialled: str
    agent: Person
    ring_ns: int
    talk_ns: int
    status: int | None
    refusal: Refusal | None
    hang_up_by: Side
    hold: tuple[int, int] | None
    codec_index: int
    seed: int

    @property
    def agent_side(self) -> Side:
        """The side on which the agent is."""
        return Side.B if self.direction is Direction.INBOUND else Side.A

    @property
    def end_ns(self) -> int:
        """About when everything is over."""
        return self.start_ns + self.ring_ns + self.talk_ns + SECOND


def plan_call(
    options: SimulationOptions, rng: np.random.Generator, number: int, start_ns: int, free: list[Person]
) -> CallPlan:
    """Call ``number`` of the simulation, with agents from ``free``, which must not be empty."""
    direction = _direction(options, rng, enough=len(free) > 1)
    state = _state(options.outcomes, rng)
    caller, callee, dialled, agent = _people(direction, rng, free)
    status, refusal = _refusal(state, rng)
    ring = rng.gamma(4.0, options.ring_seconds / 4.0)
    if state is CallState.MISSED:
        ring = max(ring * 3, options.ring_seconds)
    if state is CallState.BUSY or refusal is Refusal.NETWORK:
        ring = 0.15
    talk = _talk_seconds(options, rng) if state is CallState.ANSWERED else 0.0
    hold = None
    if talk > 8 and rng.random() < options.hold:
        begin = rng.uniform(0.2, 0.5) * talk
        hold = (int(begin * SECOND), int((begin + rng.uniform(0.15, 0.35) * talk) * SECOND))
    return CallPlan(
        id=f"{options.seed:x}-{number:06d}",
        start_ns=start_ns,
        direction=direction,
        state=state,
        caller=caller,
        callee=callee,
        dialled=dialled,
        agent=agent,
        ring_ns=int(max(ring, 0.12) * SECOND),
        talk_ns=int(talk * SECOND),
        status=status,
        refusal=refusal,
        hang_up_by=Side.A if rng.random() < 0.65 else Side.B,
        hold=hold,
        codec_index=int(rng.integers(len(options.codecs))),
        # With the time, so that a simulation begun again later is not taken for the same calls.
        seed=int(rng.integers(1 << 62)) ^ start_ns,
    )


def _direction(options: SimulationOptions, rng: np.random.Generator, *, enough: bool) -> Direction:
    kinds = (Direction.INBOUND, Direction.OUTBOUND, Direction.INTERNAL)
    drawn = kinds[rng.choice(3, p=options.directions)]
    if drawn is Direction.INTERNAL and not enough:
        return Direction.INBOUND
    return drawn


def _people(
    direction: Direction, rng: np.random.Generator, free: list[Person]
) -> tuple[Person, Person, str, Person]:
    """Caller, callee, the number that was dialled, and the agent."""
    agent = free[rng.integers(len(free))]
    outsider = customer(rng)
    if direction is Direction.INBOUND:
        return outsider, agent, HOTLINES[rng.integers(len(HOTLINES))], agent
    if direction is Direction.OUTBOUND:
        return agent, outsider, outsider.number, agent
    others = [person for person in free if person is not agent]
    colleague = others[rng.integers(len(others))]
    return agent, colleague, colleague.number, agent


def _state(outcomes: Outcomes, rng: np.random.Generator) -> CallState:
    drawn = rng.random()
    for share, state in (
        (outcomes.missed, CallState.MISSED),
        (outcomes.busy, CallState.BUSY),
        (outcomes.cancelled, CallState.CANCELLED),
        (outcomes.failed, CallState.FAILED),
    ):
        if drawn < share:
            return state
        drawn -= share
    return CallState.ANSWERED


def _refusal(state: CallState, rng: np.random.Generator) -> tuple[int | None, Refusal | None]:
    if state is CallState.MISSED:
        return 480, None
    if state is CallState.BUSY:
        return 486, Refusal.PERSON
    if state is CallState.CANCELLED:
        return 487, None
    if state is CallState.FAILED:
        status = int(rng.choice([404, 503, 603]))
        return status, Refusal.PERSON if status == 603 else Refusal.NETWORK
    return None, None


def _talk_seconds(options: SimulationOptions, rng: np.random.Generator) -> float:
    """Log-normal with the wanted mean; the same for all where the spread is 0."""
    spread = options.talk_spread
    return float(options.talk_seconds * np.exp(spread * rng.standard_normal() - spread**2 / 2))
