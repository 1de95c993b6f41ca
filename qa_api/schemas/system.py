"""How the parts of the system are."""

from enum import StrEnum

from qa_api.schemas.wire import Reply


class Condition(StrEnum):
    """How a part is."""

    WELL = "well"
    UNWELL = "unwell"


class Part(Reply):
    """One part and in ``detail``, a line for each, what is wrong or to be known of it, and what to do."""

    name: str
    condition: Condition
    detail: str


class PublicPart(Reply):
    """One part for whoever asks; what is wrong or to be known of it is for those who signed in."""

    name: str
    condition: Condition


class PublicHealth(Reply):
    """``well`` only when every part is."""

    condition: Condition
    parts: tuple[PublicPart, ...]


class Health(Reply):
    """``well`` only when every part is."""

    condition: Condition
    parts: tuple[Part, ...]
