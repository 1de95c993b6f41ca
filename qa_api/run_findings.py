"""What a run found that somebody has to look at, out of its report. Pure; reports outlive versions."""

from collections.abc import Iterator, Mapping
from typing import Any

from qa_api.schemas.storage import FindingCode, RunFinding

_COUNTS = {
    "altered": FindingCode.ALTERED,
    "unknown": FindingCode.UNKNOWN,
    "failed": FindingCode.NOT_COPIED,
}
"""Counts in reports, by the names that verification and backups give them."""
_GRAVE = frozenset(
    {FindingCode.ALTERED, FindingCode.SEALS_MISSING, FindingCode.CHAINS_BROKEN, FindingCode.BAD_COPIES}
)


def findings(report: Mapping[str, Any]) -> tuple[RunFinding, ...]:
    """What is not as it should be, the grave first; what a report has in another form is left out."""
    found = [
        *_counted(report),
        *_of_copies(report),
        *_of_chains(report.get("chains")),
        (FindingCode.NOT_LISTED, _unlisted(report.get("remarks"))),
    ]
    told = (RunFinding(code=code, count=count, grave=code in _GRAVE) for code, count in found if count > 0)
    return tuple(sorted(told, key=lambda finding: not finding.grave))


def _counted(report: Mapping[str, Any]) -> Iterator[tuple[FindingCode, int]]:
    for name, code in _COUNTS.items():
        count = report.get(name)
        if isinstance(count, int):
            yield code, count


def _of_copies(report: Mapping[str, Any]) -> Iterator[tuple[FindingCode, int]]:
    """Copies that were bad: those that are still, and those that were put anew."""
    bad, restored = report.get("bad"), report.get("repaired")
    if isinstance(bad, int):
        good_again = min(bad, restored) if isinstance(restored, int) else 0
        yield FindingCode.BAD_COPIES, bad - good_again
        yield FindingCode.COPIES_RESTORED, good_again


def _of_chains(chains: object) -> Iterator[tuple[FindingCode, int]]:
    """Seals without a trace, and chains that do not hold though no seal is missing."""
    verdicts = [one for one in chains if isinstance(one, Mapping)] if isinstance(chains, list) else []
    missing = [_missing(verdict.get("missing")) for verdict in verdicts]
    broken = [
        verdict
        for verdict, count in zip(verdicts, missing, strict=True)
        if not count and verdict.get("state") != "intact"
    ]
    yield FindingCode.SEALS_MISSING, sum(missing)
    yield FindingCode.CHAINS_BROKEN, len(broken)


def _unlisted(remarks: object) -> int:
    """Targets of which nobody knows what else lies on them."""
    told = [one for one in remarks if isinstance(one, Mapping)] if isinstance(remarks, list) else []
    return sum(remark.get("code") == "unlisted" for remark in told)


def _missing(stretches: object) -> int:
    if not isinstance(stretches, list):
        return 0
    pairs = [pair for pair in stretches if isinstance(pair, list | tuple) and len(pair) == 2]
    return sum(end - start + 1 for start, end in pairs if isinstance(start, int) and isinstance(end, int))
