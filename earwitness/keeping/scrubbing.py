"""Reading copies back at the pace of the settings, putting bad ones anew, and comparing targets with the
catalogue once a day."""

import time
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import structlog

from earwitness.keeping import snapshot_checks
from earwitness.keeping.chores import Chore
from earwitness.keeping.findings import Findings
from earwitness.keeping.means import Means
from earwitness.keeping.progress import Progress
from earwitness.keeping.snapshot_checks import SnapshotCheck
from earwitness.keeping_settings import bytes_per_second
from earwitness.public_keys import own_keys
from storage.copies.schedule import Window
from storage.errors import KeyUnusable, TargetError
from storage.scrub.reconcile import reconcile
from storage.scrub.repair import repair_some
from storage.scrub.scrub import Bad, Scrubbed, scrub_before, scrub_some
from storage.targets import Target
from storage.targets.throttled import Limiter, ThrottledTarget

log = structlog.get_logger("jobs")
SCRUB_SECONDS = 600.0
REPAIR_SECONDS = 60.0
COMPARE_SECONDS = 86_400.0
AGAIN_SECONDS = 600.0
"""After so long it is compared again where that went wrong."""
_LONGEST = timedelta(days=1)
"""For so much is made up at once after a standstill or a closed window."""
_AT_ONCE = 200


def chores(means: Means) -> Iterator[Chore]:
    """Scrubbing, comparing and repairing for each target by itself, so that one that hangs keeps no other;
    and saying what became of what was found."""
    findings = Findings(means.catalogue)
    yield from snapshot_checks.chores(means, partial(_paced, means))
    for name in means.targets:
        scrubbing = Scrubbing(means, name, findings)
        yield Chore(f"scrub {name}", SCRUB_SECONDS, scrubbing.run, scrubbing.wanted, target=name)
        comparing = Comparing(means, name, findings)
        yield Chore(f"compare {name}", AGAIN_SECONDS, comparing.run, comparing.wanted, target=name)
    for name in means.targets:
        work, wanted = partial(_repair, means, name, findings), partial(_may_repair, means, name)
        yield Chore(f"repair on {name}", REPAIR_SECONDS, work, wanted, target=name)
    yield Chore("repair", REPAIR_SECONDS, partial(_bring_up, means, findings), partial(_any_open, findings))


class Scrubbing:
    """Reads the copies of one target back."""

    def __init__(self, means: Means, name: str, findings: Findings | None = None) -> None:
        self._means = means
        self._name = name
        self._findings = findings if findings is not None else Findings(means.catalogue)
        self._window = Window.parse(means.settings.scrub.window)
        self._target = _paced(means, name)
        self.mended: list[Bad] = []
        """Snapshots among those that were bad that others took the place of."""
        self._done_at = time.monotonic() - SCRUB_SECONDS

    def wanted(self) -> bool:
        """Whether the window is open and the target there."""
        return self._window.is_open(self._means.now()) and self._means.watches[self._name].worth_trying

    def run(self) -> None:
        """Read back what keeps the pace."""
        begun, means = time.monotonic(), self._means
        began = means.now()
        elapsed = min(timedelta(seconds=begun - self._done_at), _LONGEST)
        days = means.settings.scrub.days
        found = scrub_some(
            means.catalogue,
            self._name,
            self._target,
            days=days,
            elapsed=elapsed,
            now=means.now(),
            stop=means.stopping,
        )
        self._done_at = begun
        tell(means, self._name, found)
        copies, size = found.copies, found.bytes
        self._findings.note(self._name, found.bad, began=began, now=means.now(), copies=copies, size=size)

    def all(self, progress: Progress) -> tuple[str, list[Bad]]:
        """Read back every copy that was not since ``progress`` began, and the snapshots: what stood in the
        way, if anything, and which were bad."""
        means, bad = self._means, list[Bad]()
        while not progress.stopping():
            found = scrub_before(
                means.catalogue,
                self._name,
                self._target,
                before=progress.began,
                now=means.now(),
                limit=_AT_ONCE,
                stop=progress.stopping,
            )
            progress.add(found.copies, found.bytes)
            bad += found.bad
            tell(means, self._name, found)
            if found.unreachable:
                return found.unreachable, bad
            if found.whole and not found.copies:
                return self._snapshots(progress, bad), bad
        return "", bad

    def _snapshots(self, progress: Progress, bad: list[Bad]) -> str:
        """Read the snapshots back, and add to ``bad``: what stood in the way."""
        found = SnapshotCheck(self._means, self._name).check(everything=True, stop=progress.stopping)
        bad += found.bad
        self.mended = found.mended
        return found.trouble


def _paced(means: Means, name: str) -> Target:
    """The target, read as fast as scrubbing may."""
    rate = bytes_per_second(means.settings.scrub.bandwidth)
    target = means.targets[name]
    if rate is None:
        return target
    return ThrottledTarget(target, sending=Limiter(rate), receiving=Limiter(rate))


def tell(means: Means, name: str, found: Scrubbed) -> None:
    """Say what was bad, and what stood in the way."""
    for bad in found.bad:
        log.error(
            "copy is bad",
            call=bad.call_id,
            target=bad.target,
            name=bad.name,
            condition=bad.condition,
            alarm=True,
        )
    text = f"{name} cannot be read back: {found.unreachable}" if found.unreachable else ""
    means.worries.say("scrub", text, name)


def repair(means: Means, name: str) -> None:
    """Put bad copies on the target of this name anew from good ones."""
    done = repair_some(
        means.catalogue,
        means.reachable(),
        home=means.home,
        now=means.now(),
        stop=means.stopping,
        on=[name],
    )
    for bad in done.repaired:
        log.warning("copy repaired", call=bad.call_id, target=bad.target, name=bad.name)
    first = next(iter(done.hopeless), None)
    text = f"No good copy is left of {first.name} and {len(done.hopeless) - 1:,} more blobs." if first else ""
    # Not said of the target: that one is away makes nothing good.
    means.worries.say(f"repair on {name}", text)


def _may_repair(means: Means, name: str) -> bool:
    if not means.catalogue.copy_checks.bad(name, limit=1):
        means.worries.say(f"repair on {name}", "")
        return False
    return means.watches[name].worth_trying


def _repair(means: Means, name: str, findings: Findings) -> None:
    repair(means, name)
    _bring_up(means, findings)


def _bring_up(means: Means, findings: Findings) -> None:
    findings.bring_up(left=_is_any_bad(means))


def _any_open(findings: Findings) -> bool:
    return findings.any


def _is_any_bad(means: Means) -> bool:
    return any(means.catalogue.copy_checks.bad(name, limit=1) for name in means.targets)


class Comparing:
    """Finds once a day what lies on a target and is not in the catalogue, and the other way round."""

    def __init__(self, means: Means, name: str, findings: Findings) -> None:
        self._means = means
        self._name = name
        self._findings = findings
        self._again_at = 0.0

    def wanted(self) -> bool:
        """Whether a day is over, or the last time went wrong, and the target is there."""
        return time.monotonic() >= self._again_at and self._means.watches[self._name].worth_trying

    def run(self) -> None:
        """Compare the whole target."""
        means, name = self._means, self._name
        target, began = means.targets[name], means.now()
        try:
            lasting = means.lasting(name)
            keys = own_keys(means.settings) if lasting else {}
            found = reconcile(
                means.catalogue, name, target, now=began, stop=means.stopping, lasting=lasting, keys=keys
            )
        except (TargetError, KeyUnusable) as error:
            means.worries.say("compare", f"{name} cannot be compared with the catalogue: {error}", name)
            return
        self._again_at = time.monotonic() + COMPARE_SECONDS
        means.worries.say("compare", "", name)
        self._findings.note(name, found.bad, began=began, now=means.now(), copies=found.blobs)
        for blob in (*found.unknown, *found.stray):
            log.warning("blob belongs to no call", target=name, name=blob)
