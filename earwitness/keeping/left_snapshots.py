"""Snapshots on targets that get none any more: with another role than before, or now ``write_once``.

Nothing would ever trim them, and what is erased later would lie in them for ever, with the keys of calls. So
they go once a newer one lies elsewhere; where they cannot, that is said.
"""

from collections.abc import Iterator
from functools import partial

import structlog

from earwitness.keeping.chores import Chore
from earwitness.keeping.means import Means
from storage.catalogue import RunKind, RunState
from storage.copies.snapshot import everything
from storage.errors import TargetError

log = structlog.get_logger("jobs")
SECONDS = 3600.0


def chores(means: Means) -> Iterator[Chore]:
    """One for each target: which can delete is known when somebody looks."""
    for name in means.targets:
        yield Chore(
            f"left snapshots on {name}",
            SECONDS,
            partial(look, means, name),
            partial(_worth_trying, means, name),
        )


def _worth_trying(means: Means, name: str) -> bool:
    return means.watches[name].worth_trying


def look(means: Means, name: str) -> None:
    """Remove the snapshots on the target, where it gets none, or say why they stay."""
    try:
        means.worries.say("left snapshots", _dealt_with(means, name), name)
    except TargetError as error:
        log.info("left snapshots not looked for", target=name, reason=str(error))


def _dealt_with(means: Means, name: str) -> str:
    """What is to be said; empty where nothing is."""
    lasting = means.lasting(name)
    if name in means.elsewhere() and not lasting:
        return ""
    blobs = everything(means.targets[name])
    if not blobs:
        return ""
    if lasting:
        return (
            f"{name} cannot delete, and snapshots from before that was so lie there: what is erased can be "
            "restored from them. Remove them by other means, or destroy the medium."
        )
    if not _is_elsewhere(means, name):
        return (
            f"{name} gets no snapshots any more, and those that lie there know what was erased since. They "
            "go by themselves once another target has one: give one the role copy."
        )
    for blob in blobs:
        means.targets[name].delete(blob)
    log.warning("snapshots removed from a target that gets none any more", target=name, blobs=len(blobs))
    return ""


def _is_elsewhere(means: Means, name: str) -> bool:
    """Whether a whole snapshot lies on another target that gets them."""
    others = [each for each in means.elsewhere() if each != name and not means.lasting(each)]
    return any(_has_one(means, each) for each in others)


def _has_one(means: Means, name: str) -> bool:
    last = means.catalogue.runs.last(RunKind.SNAPSHOT, name, RunState.DONE)
    if last is None or not means.watches[name].worth_trying:
        return False
    try:
        return means.targets[name].stat(last.report["name"]) is not None
    except TargetError:
        return False
