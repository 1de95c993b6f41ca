"""Verification with the catalogue at hand, which finds what was exchanged whole as well: calls against their
seals, and the chains. ``medium`` checks a target alone, ``beside`` what lies on one besides its calls.
"""

from collections.abc import Iterable, Sequence

from storage.archive_names import key_name, sidecar_name
from storage.catalogue import Catalogue, CatalogueCall, Copy, SealRow
from storage.seals.check import Keys, check_call, read_blob
from storage.seals.medium import Progress
from storage.seals.reader import Readable, Reader
from storage.seals.statement import GENESIS
from storage.seals.verdict import CallVerdict, ChainVerdict, Finding, Report, State
from storage.sidecar import Sidecar
from storage.targets.contract import Target

_CALLS_A_TIME = 200


def verify_calls(
    calls: Iterable[CatalogueCall],
    catalogue: Catalogue,
    targets: dict[str, Target],
    keys: Keys,
    progress: Progress,
) -> Report:
    """Check these calls of the catalogue on each of the targets that hold a copy.

    What a target cannot give is unknown; one that is in trouble is not asked again, and all that it holds is
    unknown from then on.
    """
    report = Report()
    readers = {name: Reader(target) for name, target in targets.items()}
    for portion in _portions(calls):
        seals = catalogue.seals.of_calls([found.call.id for found in portion])
        for found in portion:
            here = sorted({copy.target for copy in found.copies if copy.target in readers})
            verdicts = [
                _against(found, readers[name], name, seals.get(found.call.id, []), keys) for name in here
            ]
            if not here:
                nowhere = Finding("missing", "No target that can be read here holds it.", State.UNKNOWN)
                verdicts = [CallVerdict(found.call.id, "", (nowhere,))]
            for verdict in verdicts:
                report.add(verdict)
            report.looked_at += 1
            progress(verdicts)
    return report


def verify_chains(catalogue: Catalogue) -> list[ChainVerdict]:
    """The chains as the catalogue has them: without holes, each seal after the one before it."""
    return [_chain(catalogue, chain) for chain in catalogue.seals.chains()]


def _against(
    found: CatalogueCall, target: Readable, name: str, seals: Sequence[SealRow], keys: Keys
) -> CallVerdict:
    verdict, sidecar = check_call(target, sidecar_name(found.call), keys, name)
    findings = [*verdict.findings, *_copies(found, target, name)]
    if sidecar is not None and sidecar.seal is not None:
        findings += _known(sidecar, seals)
    elif sidecar is not None and seals:
        text = (
            f"It bears no seal, though the catalogue knows its seal {seals[-1].number}: that was taken off."
        )
        findings = [Finding("unsealed", text), *(one for one in findings if one.code != "unsealed")]
    return CallVerdict(verdict.call, name, _said_once(findings), verdict.chain, verdict.number)


def _said_once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The first of those that say the same: that a blob is missing which is looked at twice, or that the
    target is away, for every blob."""
    first: dict[tuple[str, str], Finding] = {}
    for finding in findings:
        first.setdefault((finding.code, finding.text), finding)
    return tuple(first.values())


def _copies(found: CatalogueCall, target: Readable, name: str) -> Iterable[Finding]:
    """What no seal speaks of: the sidecar itself and the wrapped key, against what the catalogue knows."""
    own = {sidecar_name(found.call), key_name(found.call)}
    for copy in found.copies:
        if copy.target == name and copy.name in own:
            yield from _copy(target, copy)


def _copy(target: Readable, copy: Copy) -> Iterable[Finding]:
    found = read_blob(target, copy.name)
    if isinstance(found, Finding):
        yield found
    elif (found.bytes, found.sha256) != (copy.bytes, copy.sha256):
        yield Finding(
            "copy", f"{copy.name} is not what was archived, as the catalogue knows it.", file=copy.name
        )


def _known(sidecar: Sidecar, seals: Sequence[SealRow]) -> list[Finding]:
    if not seals:
        text = "The catalogue knows no seal of the call: it was not written here."
        return [Finding("not-in-catalogue", text, State.UNKNOWN)]
    if sidecar.hash != seals[-1].hash:
        return [
            Finding("not-in-catalogue", "The call bears another seal than the one that the catalogue knows.")
        ]
    return []


def _chain(catalogue: Catalogue, chain: str) -> ChainVerdict:
    number, previous = 0, GENESIS
    findings: list[Finding] = []
    missing: list[tuple[int, int]] = []
    while rows := catalogue.seals.page(chain, after=number):
        for row in rows:
            if row.number != number + 1:
                missing.append((number + 1, row.number - 1))
            elif row.previous != previous:
                findings.append(Finding("link", f"Seal {row.number} does not follow seal {number}."))
            number, previous = row.number, row.hash
    if missing:
        text = f"{len(missing):,} gaps: the catalogue has lost seals that it once had."
        findings.append(Finding("gap", text, State.UNKNOWN))
    return ChainVerdict(chain, "", number, tuple(findings), tuple(missing))


def _portions(calls: Iterable[CatalogueCall]) -> Iterable[list[CatalogueCall]]:
    waiting: list[CatalogueCall] = []
    for call in calls:
        waiting.append(call)
        if len(waiting) == _CALLS_A_TIME:
            yield waiting
            waiting = []
    if waiting:
        yield waiting
