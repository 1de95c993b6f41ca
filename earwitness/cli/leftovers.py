"""What is said of deleted calls of which a target holds parts still."""

from collections.abc import Collection

from earwitness.cli.counting import counted


def left_on(name: str, calls: int, error: str, targets: Collection[str]) -> str:
    """Of the target ``name``, which may be none of the ``targets`` of the settings any more."""
    from storage.retention.removing import KEY_STAYS, NEVER_DELETES

    of = f"{calls:,} deleted calls"
    if name not in targets:
        return f"{name} is not in the settings any more; what it holds of {of} goes when it is there again."
    if error == NEVER_DELETES:
        lie = counted(calls, "deleted call lies", "deleted calls lie")
        return f"{name} cannot delete: {lie} there in clear, until the medium is destroyed."
    if error == KEY_STAYS:
        lies = counted(calls, "deleted call is", "deleted calls are")
        return f"{name} cannot delete: {lies} not erased there, as keys lie beside the recordings. {error}"
    return f"{name} holds parts of {of} still; they go when it can be reached. {error}".strip()


def kept_on(name: str, calls: int) -> str:
    """Of encrypted calls whose blobs the target cannot delete."""
    of = counted(calls, "deleted call", "deleted calls")
    return f"{name} cannot delete: the sound of {of} stays there, unreadable, for the key is erased."


def erased_stays(names: Collection[str]) -> str:
    """Of the targets that cannot delete, where calls are encrypted."""
    they = f"{', '.join(names)} cannot delete"
    return f"{they}: what came there encrypted before it was erased stays, unreadable, for its key is erased."
