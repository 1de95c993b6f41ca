"""What is said of deleted calls of which a target holds parts still."""

from collections.abc import Collection


def left_on(name: str, calls: int, error: str, targets: Collection[str]) -> str:
    """Of the target ``name``, which may be none of the ``targets`` of the settings any more."""
    of = f"{calls:,} deleted calls"
    if name not in targets:
        return f"{name} is not in the settings any more; what it holds of {of} goes when it is there again."
    return f"{name} holds parts of {of} still; they go when it can be reached. {error}".strip()
