"""Removing what writes that were killed left behind, from any target that can have such things."""

from datetime import datetime
from typing import Protocol, runtime_checkable

from storage.targets.contract import Target


@runtime_checkable
class Swept(Protocol):
    """A target on which a killed ``put`` leaves something: a part of a file, a begun upload."""

    def sweep(self, older_than: datetime) -> int:
        """Remove what was left before ``older_than``, and say of how many puts. Raises ``TargetError``."""


@runtime_checkable
class Wrapper(Protocol):
    """A target that hands on to another one."""

    @property
    def inner(self) -> Target:
        """The other one."""


def sweep(target: Target, older_than: datetime) -> int:
    """As ``Swept.sweep``, looking through wrappers; 0 where nothing can be left."""
    seen: object = target
    while not isinstance(seen, Swept):
        if not isinstance(seen, Wrapper):
            return 0
        seen = seen.inner
    return seen.sweep(older_than)
