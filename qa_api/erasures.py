"""Erasures of calls before their time, as far as a viewer may see and decide them."""

from qa_api import cursors, written
from qa_api.schemas.erasures import ErasureGiven, ErasureInfo, ErasurePage
from qa_api.services import Services
from qa_api.steps import step
from qa_api.trail import note
from qa_api.viewer import Viewer
from storage.retention.erasures import Erasure, Erasures, ErasureState

_KIND = "erasure"


def page(services: Services, viewer: Viewer, cursor: str, limit: int) -> ErasurePage:
    """One page, latest first."""
    found = Erasures(services.catalogue).page(cursors.time_of(cursor), limit + 1)
    more = len(found) > limit
    return ErasurePage(
        items=tuple(_erasure(one, viewer) for one in found[:limit]),
        next_cursor=cursors.of_time(found[limit - 1].requested_at) if more else None,
    )


def request(services: Services, viewer: Viewer, given: ErasureGiven) -> ErasureInfo:
    """Ask that calls be erased. Raises ``UnderHold``, ``NotInCatalogue``."""
    erasure = Erasures(services.catalogue).request(
        given.calls, given.reason, by=viewer.user.username, now=services.now()
    )
    after = {"state": erasure.state.value, "calls": list(erasure.call_ids)}
    note(services, viewer, "erasure.request", on=(_KIND, erasure.id), reason=given.reason, after=after)
    return _erasure(erasure, viewer)


def decide(services: Services, viewer: Viewer, erasure_id: str, *, approve: bool) -> ErasureInfo:
    """Agree, as the second person, or refuse. Raises ``SamePerson``, ``UnderHold``, ``NotNow``,
    ``NotInCatalogue``."""
    erasures = Erasures(services.catalogue)
    was = erasures.get(erasure_id)
    state = ErasureState.APPROVED if approve else ErasureState.REFUSED
    before = {"state": was.state.value, "calls": list(was.call_ids)}
    action = "erasure.approve" if approve else "erasure.refuse"
    with step(
        services, viewer, action, (_KIND, erasure_id), before=before, after=before | {"state": state.value}
    ):
        decided = erasures.approve if approve else erasures.refuse
        return _erasure(decided(erasure_id, viewer.user.username, services.now()), viewer)


def _erasure(erasure: Erasure, viewer: Viewer) -> ErasureInfo:
    return ErasureInfo(
        id=erasure.id,
        reason=written.text(erasure.reason, viewer),
        calls=erasure.call_ids,
        state=erasure.state,
        requested_by=written.text(erasure.requested_by, viewer),
        requested_at=erasure.requested_at,
        decided_by=written.text(erasure.decided_by, viewer),
        decided_at=erasure.decided_at,
        done_at=erasure.done_at,
    )
