"""One call against its seal, on every target that holds a copy."""

from qa_api.listing import find
from qa_api.schemas.verification import CallVerification, FindingInfo, Stretch, TargetVerdict
from qa_api.services import Services
from qa_api.trail import note
from qa_api.viewer import Viewer
from storage.seals.verdict import CallVerdict, Finding, worst
from storage.seals.verify import verify_calls


def verify(services: Services, viewer: Viewer, call_id: str) -> CallVerification:
    """Read all of the call, wherever it lies, and compare it with its seal. Raises ``NoSuchCall``."""
    found = find(services, viewer, call_id)
    note(services, viewer, "call.verify", call=call_id)
    verdicts: list[CallVerdict] = []
    keys = services.seal_keys()
    verify_calls([found], services.catalogue, dict(services.stored), keys, verdicts.extend)
    return CallVerification(
        state=worst(verdict.state for verdict in verdicts),
        targets=tuple(
            TargetVerdict(
                target=verdict.target,
                state=verdict.state,
                number=verdict.number,
                findings=tuple(map(_finding, verdict.findings)),
            )
            for verdict in verdicts
        ),
    )


def _finding(finding: Finding) -> FindingInfo:
    return FindingInfo(
        code=finding.code,
        state=finding.state,
        file=finding.file.partition(".")[2],
        segments=len(finding.segments),
        parts=tuple(Stretch(start=start, end=end) for start, end in finding.seconds),
    )
