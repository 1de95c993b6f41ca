"""Reading a target for as long as it answers."""

from collections.abc import Iterator
from typing import Protocol

from storage.catalogue.target_states import Condition
from storage.copies.probe import Look, probe
from storage.errors import NotStored, TargetError
from storage.targets.contract import Target


class Readable(Protocol):
    """What verification needs of a target."""

    def get(self, name: str) -> Iterator[bytes]:
        """As ``Target.get``, where errors may also come with the first chunk."""


class Reader:
    """``target`` until it proves to be in trouble. It is not asked from then on: a server that is dead keeps
    whoever asks waiting, every time."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._trouble: Look | None = None

    def get(self, name: str) -> Iterator[bytes]:
        """The bytes of ``name``, in chunks.

        Raises with the first chunk what the target raises for the blob alone, ``NotStored`` among it;
        ``TargetError`` that says how the target is, where it is in trouble.
        """
        if self._trouble is not None:
            raise TargetError(self._trouble.detail)
        try:
            yield from self._target.get(name)
        except NotStored:
            raise
        except TargetError as error:
            look = probe(self._target)
            if look.condition is Condition.UP:
                raise
            self._trouble = look
            raise TargetError(look.detail) from error
