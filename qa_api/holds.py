"""Legal holds, as far as a viewer may see and change them."""

from collections.abc import Callable
from typing import Any

from qa_api import cursors, written
from qa_api.schemas.holds import HeldCalls, HoldGiven, HoldInfo, HoldList
from qa_api.services import Services
from qa_api.steps import step
from qa_api.trail import note
from qa_api.viewer import Viewer
from storage.retention.holds import Hold, Holds, HoldState

_KIND = "hold"


def every(services: Services, viewer: Viewer) -> HoldList:
    """Every hold."""
    return HoldList(items=tuple(_hold(hold, viewer) for hold in Holds(services.catalogue).all()))


def named(services: Services, hold_id: str, cursor: str, limit: int) -> HeldCalls:
    """The calls that a hold names, in the order of their ids. Raises ``NotInCatalogue``."""
    holds = Holds(services.catalogue)
    holds.get(hold_id)
    found = holds.calls_of(hold_id, cursors.text_of(cursor), limit + 1)
    more = len(found) > limit
    return HeldCalls(
        items=tuple(found[:limit]), next_cursor=cursors.of_text(found[limit - 1]) if more else None
    )


def place(services: Services, viewer: Viewer, given: HoldGiven) -> HoldInfo:
    """Hold calls from now on. Raises ``BadRule``, ``NotInCatalogue``."""
    hold = Holds(services.catalogue).place(
        given.name,
        given.reason,
        by=viewer.user.username,
        now=services.now(),
        criteria=given.criteria.criteria() if given.criteria else None,
        call_ids=given.calls,
    )
    after = _properties(hold) | {"calls": list(given.calls)}
    note(services, viewer, "hold.place", on=(_KIND, hold.id), reason=given.reason, after=after)
    return _hold(hold, viewer)


def name_calls(services: Services, viewer: Viewer, hold_id: str, calls: tuple[str, ...]) -> HoldInfo:
    """Hold more calls. Raises ``NotNow``, ``NotInCatalogue``."""
    holds = Holds(services.catalogue)
    before = {"named": holds.get(hold_id).named}
    hold = holds.add_calls(hold_id, calls)
    after = {"named": hold.named, "calls": list(calls)}
    note(services, viewer, "hold.add", on=(_KIND, hold_id), before=before, after=after)
    return _hold(hold, viewer)


def take(services: Services, viewer: Viewer, hold_id: str, name: str, reason: str = "") -> HoldInfo:
    """The step ``name`` of the life of a hold. Raises ``SamePerson``, ``NotNow``, ``NotInCatalogue``."""
    holds = Holds(services.catalogue)
    by, now = viewer.user.username, services.now()
    steps: dict[str, tuple[HoldState, Callable[[], Hold]]] = {
        "ask-release": (HoldState.RELEASE_ASKED, lambda: holds.ask_release(hold_id, reason, by, now)),
        "release": (HoldState.RELEASED, lambda: holds.release(hold_id, by, now)),
        "keep": (HoldState.IN_FORCE, lambda: holds.keep(hold_id)),
    }
    state, taken = steps[name]
    before = _properties(holds.get(hold_id))
    after = before | {"state": state.value}
    on = (_KIND, hold_id)
    with step(services, viewer, f"hold.{name}", on, reason=reason, before=before, after=after):
        return _hold(taken(), viewer)


def _hold(hold: Hold, viewer: Viewer) -> HoldInfo:
    return HoldInfo(
        id=hold.id,
        name=written.text(hold.name, viewer),
        reason=written.text(hold.reason, viewer),
        criteria=written.criteria(hold.criteria, viewer) if hold.criteria else None,
        named=hold.named,
        state=hold.state,
        placed_by=written.text(hold.placed_by, viewer),
        placed_at=hold.placed_at,
        release_asked_by=written.text(hold.release_asked_by, viewer),
        release_asked_at=hold.release_asked_at,
        release_reason=written.text(hold.release_reason, viewer),
        released_by=written.text(hold.released_by, viewer),
        released_at=hold.released_at,
    )


def _properties(hold: Hold) -> dict[str, Any]:
    stated = hold.criteria and hold.criteria.given()
    return {"name": hold.name, "state": hold.state.value, "criteria": stated, "named": hold.named}
