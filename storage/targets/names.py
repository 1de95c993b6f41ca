"""The names under which targets keep blobs: relative POSIX paths that every back end can hold.

Components are parted by ``/``, are not empty, do not begin with a dot (such names belong to the targets
themselves), end neither in a dot nor in a space (FAT drops those), and hold no control character, no lone
surrogate and none of ``\\ : * ? " < > |`` (FAT and Windows shares). A component has at most 240 bytes of
UTF-8, a whole name at most 1,000 (S3 takes 1,024).
"""

import re
from functools import lru_cache

from storage.errors import BadName

MAX_COMPONENT = 240
MAX_NAME = 1000
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f-\x9f\\:*?"<>|]')


@lru_cache(maxsize=4096)
def checked_name(name: str) -> str:
    """Return ``name`` if a target may be asked for it; raise ``BadName`` with the reason if not."""
    if not name:
        raise BadName("A name in the archive cannot be empty.")
    try:
        length = len(name.encode())
    except UnicodeEncodeError:
        raise BadName(f"The name {name!r} is not text that can be written as UTF-8.") from None
    if length > MAX_NAME:
        raise BadName(f"The name {name[:40]!r}… has {length} bytes; {MAX_NAME} are allowed.")
    for component in name.split("/"):
        problem = _problem(component)
        if problem:
            raise BadName(f"The name {name!r} {problem}.")
    return name


def checked_folder(prefix: str) -> str:
    """The folder that holds every blob whose name starts with ``prefix``, empty for the target's own.

    Raises ``BadName`` where a target may not be asked for it.
    """
    folder = prefix.rpartition("/")[0]
    return checked_name(folder) if folder else ""


def checked_component(name: str) -> str:
    """Like ``checked_name``, for a name without ``/``."""
    if "/" in name:
        raise BadName(f"The name {name!r} holds a '/' where a single name is wanted.")
    return checked_name(name)


def _problem(component: str) -> str:
    if not component:
        return "is absolute or holds an empty part"
    if component.startswith("."):
        return "has a part that begins with a dot"
    if component.endswith((".", " ")):
        return "has a part that ends in a dot or a space"
    if len(component.encode()) > MAX_COMPONENT:
        return f"has a part of more than {MAX_COMPONENT} bytes"
    if found := _FORBIDDEN.search(component):
        return f"holds the character {found[0]!r}"
    return ""
