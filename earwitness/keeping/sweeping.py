"""Removing from targets what killed writes left behind."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import structlog

from earwitness.keeping.chores import Chore
from earwitness.keeping.means import Means
from storage.errors import TargetError
from storage.targets.sweeping import sweep

log = structlog.get_logger("jobs")
SWEEP_SECONDS = 86400.0
LEFT = timedelta(days=2)
"""What a write began so long ago is nobody's any more."""


def chores(means: Means) -> Iterator[Chore]:
    """One for each target, once a day."""
    for name in means.targets:
        yield Chore(
            f"sweep {name}",
            SWEEP_SECONDS,
            partial(_sweep, means, name),
            partial(_wanted, means, name),
            target=name,
        )


def _wanted(means: Means, name: str) -> bool:
    return means.watches[name].worth_trying


def _sweep(means: Means, name: str) -> None:
    try:
        swept = sweep(means.targets[name], means.now() - LEFT)
    except TargetError as error:
        # Its watch says how the target is; what was left there waits for the next day.
        log.info("target not swept", target=name, reason=str(error))
        return
    if swept:
        log.info("target swept", target=name, files=swept)
