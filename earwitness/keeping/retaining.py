"""Letting calls go: by rules and erasures that people approved, then their blobs from every target."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial

import structlog

from earwitness import wiring
from earwitness.keeping.chores import Chore
from earwitness.keeping.means import Means
from storage.retention.age import UndatedAlarm
from storage.retention.apply import apply_erasures, apply_retention
from storage.retention.clock import Clock, alarm
from storage.retention.records import recorder
from storage.retention.removing import remove_pending
from storage.retention.restored import unseen

log = structlog.get_logger("jobs")
ACTOR = "retention"
CLOCK_SECONDS = 60.0
RULES_SECONDS = 3600.0
ERASURES_SECONDS = 60.0
REMOVALS_SECONDS = 5.0


def chores(means: Means) -> Iterator[Chore]:
    """All of it."""
    clock, undated = Clock(means.catalogue), UndatedAlarm(means.catalogue)
    yield Chore("clock", CLOCK_SECONDS, partial(watch_clock, means, clock, undated))
    yield Chore("retention", RULES_SECONDS, partial(by_rules, means, clock))
    yield Chore("erasures", ERASURES_SECONDS, partial(by_erasures, means))
    for name in means.targets:
        yield Chore(
            f"removals on {name}",
            REMOVALS_SECONDS,
            partial(remove, means, name),
            partial(_any_removal, means, name),
            target=name,
        )


def watch_clock(means: Means, clock: Clock, undated: UndatedAlarm) -> None:
    """Note until when the clock is believed; that it is doubted is an alarm, and that calls are dated by one
    that was behind, and that rules wait behind a restore."""
    _believed(means, clock)
    means.worries.say("undated", undated.text())
    restore = unseen(means.catalogue)
    means.worries.say("restored", restore.alarm if restore else "")


def _believed(means: Means, clock: Clock) -> datetime | None:
    """The time, None where the clock may be ahead."""
    now = means.now()
    doubt = clock.look(now)
    means.worries.say("clock", alarm(means.catalogue, doubt, now))
    return now if doubt is None or doubt.behind else None


def by_rules(means: Means, clock: Clock) -> None:
    """Delete the calls that no rule keeps any longer, as long as the clock is not ahead, as it seems."""
    whole = False
    while not whole and not means.stopping() and (now := _believed(means, clock)) is not None:
        done = apply_retention(means.catalogue, by=ACTOR, now=now, stop=means.stopping)
        whole = done.whole
        if done.deleted:
            log.info("calls deleted by rules", calls=len(done.deleted), bytes=done.bytes)


def by_erasures(means: Means) -> None:
    """Carry out the erasures that two people agreed on."""
    for erasure, done in apply_erasures(means.catalogue, now=means.now(), stop=means.stopping).items():
        log.info("erasure carried out", erasure=erasure, calls=len(done.deleted))


def remove(means: Means, name: str) -> None:
    """Remove the blobs of deleted calls from the target of this name."""
    done = remove_pending(
        means.catalogue,
        {name: means.targets[name]},
        now=means.now(),
        write_once=means.placement.keyless,
        recorder=recorder(means.catalogue, wiring.sealer(means.settings)),
        stop=means.stopping,
    )
    for error in done.failed.values():
        log.warning("blobs of deleted calls are left", target=name, reason=error)


def _any_removal(means: Means, name: str) -> bool:
    return means.watches[name].worth_trying and bool(means.catalogue.removals.due(name, means.now(), 1))
