"""What needs two people: names and reasons as they are kept, and that there are two of them. Pure."""

from storage.errors import BadRule, SamePerson

LONGEST_NAME = 200
SHORTEST_REASON, LONGEST_REASON = 5, 2000
"""Characters without blanks around them: shorter ones say nothing to who reads the audit log years later."""


def person(by: str) -> str:
    """The user name as the catalogue keeps it. Raises ``BadRule`` for an empty one."""
    return worded("A user name", by).casefold()


def second_person(first: str, by: str, what: str) -> str:
    """``by``, where that is somebody else than ``first``. Raises ``SamePerson`` where it is not."""
    second = person(by)
    if second == first:
        raise SamePerson(second, what)
    return second


def worded(what: str, text: str) -> str:
    """A name without blanks around it. Raises ``BadRule`` where nothing is left, or too much."""
    text = text.strip()
    if not text or len(text) > LONGEST_NAME or not text.isprintable():
        raise BadRule(f"{what} has 1 to {LONGEST_NAME} visible characters.")
    return text


def reasoned(reason: str) -> str:
    """A stated reason. Raises ``BadRule`` where it says too little, or too much."""
    reason = reason.replace("\0", "").strip()
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        raise BadRule(f"Give a reason in words: {SHORTEST_REASON} to {LONGEST_REASON:,} characters.")
    return reason
