"""The list of calls and single calls, as far as a viewer reaches."""

from qa_api import cursors, keeping, shown
from qa_api.errors import NoSuchCall
from qa_api.permissions import Action
from qa_api.schemas.calls import CallDetail, CallPage, KeepingInfo, RelatedInfo, Total
from qa_api.schemas.filters import CallFilters
from qa_api.search import query_of, scope_of, whole_numbers
from qa_api.services import Services
from qa_api.trail import note
from qa_api.viewer import Viewer
from storage.catalogue import CatalogueCall
from storage.retention.holds import Holds


def page(services: Services, viewer: Viewer, filters: CallFilters) -> CallPage:
    """One page of the calls that the filters find, newest first.

    The index may be behind: what the catalogue no longer has, or no longer lets the viewer see, is left out,
    so a page may be shorter than asked for and still have a next one.
    """
    now = services.now()
    after = cursors.key_of(filters.cursor)
    query = query_of(filters, now, services.zone)
    if not viewer.sees_numbers:
        for number in whole_numbers(query.condition):
            services.guesses.ask(viewer.user.id, number, now)
    if viewer.sees_numbers or viewer.needs_reason:
        text = str(query)
        with services.episodes.beginning(viewer.session.token_hash, "search", text, now=now) as begins:
            if begins:
                note(services, viewer, "call.search", after={"query": text})
    result = services.engine.search(query, scope_of(viewer), after=after, limit=filters.limit)
    calls = [item for item in services.catalogue.calls.get_many(result.ids) if viewer.reaches(item, now)]
    agents = services.catalogue.agents.get_many([item.call.agent for item in calls if item.call.agent])
    return CallPage(
        items=tuple(shown.item(item, agents, viewer) for item in calls),
        next_cursor=cursors.of_key(result.next),
        total=Total(value=result.total, capped=result.total_capped),
    )


def find(services: Services, viewer: Viewer, call_id: str) -> CatalogueCall:
    """The call; raises ``NoSuchCall`` alike where there is none and where it is out of reach."""
    found = services.catalogue.calls.get(call_id)
    if found is None or not viewer.reaches(found, services.now()):
        raise NoSuchCall("There is no such call, or it is not among those that you may see.")
    return found


def detail(services: Services, viewer: Viewer, call_id: str) -> CallDetail:
    """Everything about one call; who sees whole numbers leaves a trail."""
    found = find(services, viewer, call_id)
    if viewer.sees_numbers or viewer.needs_reason:
        key = (viewer.session.token_hash, "view", call_id)
        with services.episodes.beginning(*key, now=services.now()) as begins:
            if begins:
                note(services, viewer, "call.view", call=call_id)
    agents = services.catalogue.agents.get_many([found.call.agent])
    related = _related(services, viewer, found)
    return shown.detail(found, agents, viewer, related, _keeping(services, viewer, found))


def _keeping(services: Services, viewer: Viewer, found: CatalogueCall) -> KeepingInfo | None:
    if not viewer.may(Action.CALLS_KEEPING):
        return None
    covering = Holds(services.catalogue).covering([found])
    return keeping.of_call(found, covering.get(found.call.id, ()), viewer)


def _related(services: Services, viewer: Viewer, found: CatalogueCall) -> tuple[RelatedInfo, ...]:
    """The calls that belong to this one, as far as the viewer may open them."""
    beside = ((one.relation, services.catalogue.calls.get(one.call)) for one in found.call.related)
    return tuple(
        RelatedInfo(call=other.call.id, relation=relation, start=other.call.start)
        for relation, other in beside
        if other is not None and viewer.reaches(other, services.now())
    )


def release(services: Services, viewer: Viewer, call_id: str) -> CallDetail:
    """Let the agent see the call; a call that is released already stays as it is."""
    found = find(services, viewer, call_id)
    if found.released_at is None:
        note(
            services,
            viewer,
            "call.release",
            call=call_id,
            before={"released": False},
            after={"released": True, "agent": found.call.agent},
        )
        services.catalogue.calls.release(call_id, services.now())
    return detail(services, viewer, call_id)
