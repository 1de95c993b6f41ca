"""What needs two people: names as they are kept, and that there are two of them. Pure."""

from storage.errors import BadRule, SamePerson

LONGEST_NAME = 200


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
    """A stated reason. Raises ``BadRule`` where there is none."""
    reason = reason.replace("\0", "").strip()
    if not reason:
        raise BadRule("This needs a reason in words.")
    return reason
