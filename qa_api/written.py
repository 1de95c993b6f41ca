"""What staff wrote in rules, holds and erasures, as a viewer may see it. Pure."""

from qa_api.masking import hide_digits, mask_text
from qa_api.schemas.criteria import CriteriaInfo
from qa_api.viewer import Viewer
from storage.criteria import Criteria


def text(written: str, viewer: Viewer) -> str:
    """A name, a reason, a user."""
    return written if viewer.sees_numbers else mask_text(written)


def criteria(stated: Criteria, viewer: Viewer) -> CriteriaInfo:
    """Criteria with their numbers hidden from those who may not see them."""
    fields = stated.model_dump()
    if not viewer.sees_numbers:
        fields |= {name: tuple(map(hide_digits, fields[name])) for name in ("numbers", "tags")}
    return CriteriaInfo(**fields)
