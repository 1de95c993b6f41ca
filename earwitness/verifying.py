"""Calls against their seals: those of an installation, or of a folder that was taken away."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from earwitness import wiring
from earwitness.errors import NotFound, UnknownTarget
from earwitness.keeping import places
from earwitness.settings import Settings
from storage.archive_names import call_of
from storage.catalogue import Catalogue
from storage.catalogue.runs import RunKind, RunState
from storage.model import rfc3339
from storage.seals.beside import verify_beside
from storage.seals.check import Keys
from storage.seals.medium import Progress, verify_medium
from storage.seals.verdict import CallVerdict, ChainVerdict, Finding, Remark, Report, State
from storage.seals.verify import verify_calls, verify_chains
from storage.targets import LocalTarget

MOST_TOLD = 1000
"""Calls with something wrong that a report names; it counts all of them."""
_SIGN_OF_LIFE = 100


@dataclass(frozen=True, slots=True)
class Watch:
    """Who looks on: told first how many calls there are, then of each that was looked at."""

    counted: Callable[[int], None]
    looked: Progress


def folder(path: Path, keys: Keys, watch: Watch) -> Report:
    """Check everything in a folder that is an archive, or a disk, with nothing but public keys.

    Raises ``NotFound`` where there are no calls.
    """
    target = LocalTarget(path)
    count = sum(1 for blob in target.list() if blob.name.endswith(".json") and call_of(blob.name))
    if not count:
        raise NotFound(f"There are no archived calls in {path}: they lie in folders named by year.")
    watch.counted(count)
    return verify_medium(target, keys, watch.looked, str(path))


def calls(
    settings: Settings, catalogue: Catalogue, call_ids: Sequence[str], keys: Keys, watch: Watch
) -> Report:
    """Check these calls wherever they lie. Raises ``NotFound`` for one that the catalogue does not know."""
    found = catalogue.calls.get_many(call_ids)
    for missing in sorted(set(call_ids) - {each.call.id for each in found}):
        raise NotFound(f"There is no call {missing}. `earwitness search` shows calls with their ids.")
    watch.counted(len(found))
    return verify_calls(found, catalogue, dict(wiring.targets(settings, catalogue)), keys, watch.looked)


def everything(
    settings: Settings, catalogue: Catalogue, target: str, keys: Keys, watch: Watch, *, by: str
) -> Report:
    """Check all calls on one target, or on all of them for an empty name, and the chains of the catalogue.

    Deleted and unknown calls that lie there are told, too.

    ``by`` is who asked for it. The run stands in the catalogue, with its report. Raises ``UnknownTarget``.
    """
    targets = dict(wiring.targets(settings, catalogue))
    if target and target not in targets:
        raise UnknownTarget(target, targets)
    chosen = {target: targets[target]} if target else targets
    home = places.home(settings)
    total = catalogue.copy_checks.calls(target) if target else catalogue.calls.count()
    watch.counted(total)
    run = catalogue.runs.begin(RunKind.VERIFY, target, datetime.now(UTC), total, by=by)
    done = 0

    def told(verdicts: Sequence[CallVerdict]) -> None:
        nonlocal done
        done += 1
        if done % _SIGN_OF_LIFE == 0:
            catalogue.runs.progress(run.id, datetime.now(UTC), done)
        watch.looked(verdicts)

    here = (
        found
        for found in catalogue.calls.iterate()
        if not target or any(copy.target == target for copy in found.copies)
    )
    try:
        report = verify_calls(here, catalogue, chosen, keys, told)
        for name, place in chosen.items():
            at_home = name == home
            verify_beside(report, catalogue, name, place, keys, datetime.now(UTC), home=at_home)
        report.chains = verify_chains(catalogue)
    except BaseException as error:
        stopped = isinstance(error, KeyboardInterrupt)
        with suppress(Exception):
            catalogue.runs.progress(run.id, datetime.now(UTC), done)
            state, message = (RunState.STOPPED, "") if stopped else (RunState.FAILED, str(error))
            catalogue.runs.end(run.id, state, datetime.now(UTC), message)
        raise
    catalogue.runs.progress(run.id, datetime.now(UTC), done)
    catalogue.runs.end(run.id, RunState.DONE, datetime.now(UTC), summary(report), as_json(report))
    return report


def summary(report: Report) -> str:
    """The report in a sentence."""
    counts = ", ".join(f"{report.counts[state]:,} {state}" for state in State)
    gaps = sum(end - start + 1 for chain in report.chains for start, end in chain.missing)
    return f"{counts}." + (f" {gaps:,} seals are missing." if gaps else "")


def as_json(report: Report) -> dict[str, Any]:
    """The report as JSON values."""
    return {
        "state": report.state.value,
        "checked": report.checked,
        "calls_checked": report.looked_at,
        **{state.value: report.counts[state] for state in State},
        "calls": [_call(verdict) for verdict in report.calls[:MOST_TOLD]],
        "chains": [_chain(verdict) for verdict in report.chains],
        "remarks": [_remark(remark) for remark in report.remarks],
    }


def _call(verdict: CallVerdict) -> Mapping[str, Any]:
    return {
        "call": verdict.call,
        "target": verdict.target,
        "state": verdict.state.value,
        "chain": verdict.chain,
        "number": verdict.number,
        "findings": [_finding(finding) for finding in verdict.findings],
    }


def _chain(verdict: ChainVerdict) -> Mapping[str, Any]:
    return {
        "chain": verdict.chain,
        "target": verdict.target,
        "state": verdict.state.value,
        "last": verdict.last,
        "newest": rfc3339(verdict.newest) if verdict.newest else None,
        "missing": verdict.missing,
        "findings": [_finding(finding) for finding in verdict.findings],
    }


def _remark(remark: Remark) -> Mapping[str, Any]:
    return {"target": remark.target} | {
        key: _finding(remark.finding)[key] for key in ("code", "state", "text")
    }


def _finding(finding: Finding) -> Mapping[str, Any]:
    return {
        "code": finding.code,
        "state": finding.state.value,
        "text": finding.text,
        "file": finding.file,
        "segments": finding.segments,
        "seconds": finding.seconds,
    }
