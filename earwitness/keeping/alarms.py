"""What is wrong with keeping recordings, for those who are to do something about it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from earwitness.keeping.places import Times
from storage.catalogue import Condition, TargetState
from storage.catalogue.copy_tasks import Waiting

DOWN_FOR = timedelta(minutes=10)
"""A target may be down for so long before there is an alarm."""
BEHIND = timedelta(days=1)
"""Copies may be late by so much before there is an alarm."""
AWAY = timedelta(days=7)
"""The same for a removable medium: people carry it about."""
CATCHES_UP = "It is tried again all the time, and catches up by itself."


@dataclass(frozen=True, slots=True)
class Inflow:
    """The target where calls come in, and how many wait for it in the hand-off folder since when."""

    target: str
    calls: int = 0
    oldest: datetime | None = None


def wrong(
    times: Mapping[str, Times],
    states: Mapping[str, TargetState],
    waiting: Mapping[str, Waiting],
    now: datetime,
    lasting: Collection[str] = (),
    inflow: Inflow | None = None,
) -> dict[str, str]:
    """What is wrong at ``now`` with the targets of ``times`` and that of the ``inflow``, by a key that stays
    the same while it is.

    ``lasting`` are those whose trouble does not go away by itself, so that nobody has to wait and see.
    """
    found: dict[str, str] = {}
    for name, said in _missed(times, states, inflow).items():
        if now - states[name].since > DOWN_FOR or name in lasting:
            found[f"down {name}"] = said
    for name, of_target in times.items():
        state, backlog = states.get(name), waiting.get(name)
        late = _late(of_target, state, backlog, now)
        if backlog is not None and late > (AWAY if of_target.removable else BEHIND):
            found[f"behind {name}"] = (
                f"{backlog.calls:,} calls wait to be copied to {name}, the oldest for {late.days} days. "
                "`earwitness backup --status` shows why."
            )
    return found


def remarks(
    times: Mapping[str, Times],
    states: Mapping[str, TargetState],
    found: Mapping[str, str],
    inflow: Inflow | None = None,
) -> str:
    """What people should know of the targets and is no alarm in ``found``: a line for each, empty where all
    is well."""
    missed = _missed(times, states, inflow)
    return "\n".join(f"{missed[name]} {CATCHES_UP}" for name in sorted(missed) if f"down {name}" not in found)


def _missed(
    times: Mapping[str, Times], states: Mapping[str, TargetState], inflow: Inflow | None
) -> dict[str, str]:
    """What is to be said of each target that should be there and is not, by its name."""
    missed = {
        name: _since(name, states[name])
        for name, of_target in times.items()
        if name in states and _is_missed(of_target, states[name])
    }
    if inflow is not None:
        home = states.get(inflow.target)
        # Also one that people carry about: without it no call comes in.
        if home is not None and home.state is not Condition.UP:
            missed[inflow.target] = f"{_since(inflow.target, home)} {_waits(inflow)}"
    return missed


def _since(name: str, state: TargetState) -> str:
    return (
        f"The archive target {name} is {state.state} since {state.since:%Y-%m-%d %H:%M} UTC: {state.detail}"
    )


def _waits(inflow: Inflow) -> str:
    if inflow.oldest is None:
        return "New calls wait in the hand-off folder; none is lost while the data disk has room."
    return (
        f"Waiting in the hand-off folder: {inflow.calls:,} calls, the oldest since "
        f"{inflow.oldest:%Y-%m-%d %H:%M} UTC; none is lost while the data disk has room."
    )


def _is_missed(times: Times, state: TargetState) -> bool:
    """Whether the target should be there and is not."""
    return state.state is Condition.DOWN or (state.state is Condition.ABSENT and not times.removable)


def _late(times: Times, state: TargetState | None, backlog: Waiting | None, now: datetime) -> timedelta:
    """How long the oldest call waits that should have been copied by now."""
    if backlog is None or backlog.oldest is None:
        return timedelta()
    if not times.schedule.cron:
        return now - backlog.oldest
    planned = state.next_run if state else None
    return now - max(backlog.oldest, planned) if planned else timedelta()


class Alarms:
    """Says each alarm once when it begins and once when it is over. ``log`` is a structlog logger."""

    def __init__(self, log: Any) -> None:
        self._log = log
        self._standing: dict[str, str] = {}

    def stand(self, found: Mapping[str, str]) -> str:
        """These are wrong now; all of them, a line for each, empty where there are none."""
        for key in found.keys() - self._standing.keys():
            self._log.error("keeping is in trouble", trouble=found[key], alarm=True)
        for key in self._standing.keys() - found.keys():
            self._log.info("keeping is well again", trouble=self._standing[key])
        self._standing = dict(found)
        return "\n".join(dict.fromkeys(found[key] for key in sorted(found)))
