"""Calls of the last hours, made as fast as they can be, so that the page is not empty."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta

from earwitness import recording, wiring
from earwitness.replay import replay
from earwitness.settings import Settings, SimulatorTap
from recorder.simulate.options import SimulationOptions
from recorder.taps.simulator import SimulatorTap as TapOfSimulator
from storage.model import Call, CallState

CALLS = 30
SPAN = timedelta(hours=3)
TALK_SECONDS = 35.0
STEP_SECONDS = 2.0
RELEASED = 3
"""Calls of the first agent that are released, for the agent to see."""


def options(tap: SimulatorTap, now: datetime) -> SimulationOptions:
    """The call centre of ``tap`` as it was in the hours before ``now``, its calls ended by then."""
    longest = timedelta(minutes=10)
    return replace(
        recording.simulation(tap),
        calls_per_second=CALLS / SPAN.total_seconds() * 1.2,
        calls=CALLS,
        talk_seconds=TALK_SECONDS,
        duration=SPAN.total_seconds(),
        start_ns=int((now - SPAN - longest).timestamp()) * recording.SECOND,
    )


def write(settings: Settings, tap: SimulatorTap, now: datetime) -> Iterator[Call]:
    """Record the history through the path that real traffic takes; each call as soon as it is archived."""
    with closing(TapOfSimulator(options(tap, now), speed=None, step_seconds=STEP_SECONDS)) as source:
        for result in replay(settings, source):
            if isinstance(result, Call):
                yield result


def release(settings: Settings, agent: str, now: datetime) -> None:
    """Release some calls of ``agent``."""
    catalogue = wiring.catalogue(settings)
    try:
        mine = (
            found.call.id
            for found in catalogue.calls.iterate()
            if found.call.agent == agent and found.call.state is CallState.ANSWERED
        )
        for _, call_id in zip(range(RELEASED), mine, strict=False):
            catalogue.calls.release(call_id, now)
    finally:
        catalogue.close()
