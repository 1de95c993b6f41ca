"""Tags: on a call, and all that are in use."""

from typing import Annotated

from fastapi import APIRouter, Path

from qa_api import tagging
from qa_api.guard import Given, SignedIn
from qa_api.routes.calls import CallId
from qa_api.routes.replies import problems
from qa_api.schemas.calls import CallDetail
from qa_api.schemas.tags import TagList

router = APIRouter(tags=["tags"])
Tag = Annotated[str, Path(min_length=1, max_length=64)]
_ON_A_CALL = "/calls/{call_id}/tags/{tag:path}"
"""With ``path`` a tag may hold a slash."""


@router.get("/tags", responses=problems(401, 403))
def list_tags(services: Given, viewer: SignedIn) -> TagList:
    """The tags that calls within the viewer's reach bear."""
    return TagList(items=tagging.in_use(services, viewer))


@router.put(_ON_A_CALL, responses=problems(401, 403, 404, 422))
def put_tag(call_id: CallId, tag: Tag, services: Given, viewer: SignedIn) -> CallDetail:
    """Tag the call. Doing it again changes nothing."""
    return tagging.put(services, viewer, call_id, tag)


@router.delete(_ON_A_CALL, responses=problems(401, 403, 404, 409, 422))
def remove_tag(call_id: CallId, tag: Tag, services: Given, viewer: SignedIn) -> CallDetail:
    """Take the tag off the call. Doing it again changes nothing. One by which a legal hold covers the call
    stays until two people released the hold."""
    return tagging.remove(services, viewer, call_id, tag)
