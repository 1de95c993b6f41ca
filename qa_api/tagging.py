"""Tags of calls within a viewer's reach.

A tag is read by people who see no whole numbers, in lists and in searches: one that would be hidden in part
is refused from everybody.
"""

from qa_api import listing, written
from qa_api.errors import TagKept, TagRefused
from qa_api.masking import hide_digits
from qa_api.permissions import NEEDS_REASON, Action
from qa_api.schemas.calls import CallDetail
from qa_api.services import Services
from qa_api.steps import step
from qa_api.trail import note
from qa_api.viewer import Viewer
from storage.catalogue.tags import checked_tag
from storage.errors import BadTag, TagHeld


def in_use(services: Services, viewer: Viewer) -> tuple[str, ...]:
    """The tags of the calls that the viewer reaches, in order."""
    teams = None if viewer.role in NEEDS_REASON else viewer.user.teams
    return tuple(map(hide_digits, services.catalogue.tags.all(teams=teams)))


def put(services: Services, viewer: Viewer, call_id: str, tag: str) -> CallDetail:
    """Tag the call; raises ``NoSuchCall``, ``TagRefused``."""
    tag = _accepted(tag)
    before = listing.find(services, viewer, call_id).tags
    if tag not in before:
        after = tuple(sorted((*before, tag)))
        _note(services, viewer, "call.tag", call_id, before, after)
        services.catalogue.tags.put(call_id, tag, viewer.user.username, services.now())
    return listing.detail(services, viewer, call_id)


def remove(services: Services, viewer: Viewer, call_id: str, tag: str) -> CallDetail:
    """Take the tag off the call; raises ``NoSuchCall``, ``TagKept``."""
    before = listing.find(services, viewer, call_id).tags
    if tag in before:
        after = [one for one in before if one != tag]
        on, was = ("call", call_id), {"tags": list(before)}
        try:
            with step(services, viewer, "call.untag", on, before=was, after={"tags": after}):
                services.catalogue.tags.remove(call_id, tag)
        except TagHeld as held:
            raise _kept(held, viewer) from held
    return listing.detail(services, viewer, call_id)


def _kept(held: TagHeld, viewer: Viewer) -> TagKept:
    """What a hold is called may be a secret from those who do not answer for keeping."""
    knows = viewer.may(Action.CALLS_KEEPING)
    holds = [written.text(name, viewer) for name in held.holds] if knows else []
    return TagKept(
        "The call is under legal hold by this tag, which stays until two people of compliance released it.",
        tag=held.tag,
        holds=holds,
    )


def _note(
    services: Services,
    viewer: Viewer,
    action: str,
    call_id: str,
    before: tuple[str, ...],
    after: tuple[str, ...],
) -> None:
    note(
        services,
        viewer,
        action,
        call=call_id,
        before={"tags": list(before)},
        after={"tags": list(after)},
    )


def _accepted(tag: str) -> str:
    try:
        tag = checked_tag(tag)
    except BadTag as error:
        raise TagRefused(str(error), rule="form") from error
    if hide_digits(tag) != tag:
        raise TagRefused(
            "A tag with six digits and more could be a telephone number, which not everybody may see.",
            rule="number",
        )
    return tag
