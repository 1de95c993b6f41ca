"""The way of intake to its target: shut where nothing gets through, so that what waits is left as it lies."""

import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeVar

from storage.catalogue.target_states import Condition
from storage.copies.probe import probe
from storage.errors import NotStored, TargetAbsent, TargetError
from storage.targets.contract import Capabilities, Source, Space, Stored, Target
from storage.targets.local import LocalTarget
from storage.targets.marker import MARKER
from storage.targets.timely import TimelyTarget

IN_A_ROW = 8
"""After so many failures without a success between them it is asked whether the calls fail or the target."""
FOLDER_ANSWERS_WITHIN = 30.0
"""Seconds for which a folder of this machine is waited for: a disk that sleeps needs some to wake up."""
STOPPING = "Earwitness is being stopped; what waits is archived at its next start."
_T = TypeVar("_T")


def never() -> bool:
    """Nobody wants it to stop."""
    return False


class Passage:
    """The way to ``target`` for one pass after the other. Safe to use from several threads.

    What goes through ``to_carry`` or ``to_enter`` when the way is shut fails at once, with the reason. Where
    the pass is to stop only ``to_carry`` is shut: what was carried is still entered. A folder of this machine
    is itself ``to_carry`` and ``to_enter``, as that is quicker: who uses it asks for the ``reason`` between.
    """

    def __init__(self, target: Target, *, keeps: bool = False) -> None:
        """``keeps``: whether what is written there stays, so that nothing is to see how the target is."""
        self._keeps = keeps
        self._stop = never
        self._lock = threading.Lock()
        self._failures = 0
        self.is_far = not isinstance(target, LocalTarget)
        # What is looked at: a folder that hangs would keep whoever reads it, and carrying waits as it is.
        self._seen: Target = target if self.is_far else TimelyTarget(target, FOLDER_ANSWERS_WITHIN)
        self.reason = ""
        """Why nothing gets through, empty while something may."""
        self.to_carry: Target = _Door(target, self, self._not_to_carry) if self.is_far else target
        self.to_enter: Target = _Door(target, self, lambda: self.reason) if self.is_far else target

    def open(self, stop: Callable[[], bool]) -> None:
        """Begin a pass, which is to stop when ``stop`` says so: with one look whether the target answers."""
        with self._lock:
            self.reason, self._failures, self._stop = "", 0, stop
            try:
                self._seen.stat(MARKER)
            except TargetError as error:
                self.reason = str(error)

    def went_well(self) -> None:
        """Something got through."""
        self._failures = 0

    def failed(self, error: TargetError) -> None:
        """Something did not: because of the call, or because of the target?"""
        with self._lock:
            if self.reason:
                return
            if isinstance(error, TargetAbsent):
                self.reason = str(error)
                return
            self._failures += 1
            if self._failures >= IN_A_ROW:
                self._ask()

    def nothing_arrived(self, calls: int) -> None:
        """None of so many calls that were carried together: because of them, or because of the target?"""
        with self._lock:
            if calls >= IN_A_ROW and not self._not_to_carry():
                self._ask()

    def _ask(self) -> None:
        look = probe(self._seen, writes=True, keeps=self._keeps)
        self.reason = "" if look.condition is Condition.UP else look.detail
        self._failures = 0

    def _not_to_carry(self) -> str:
        return self.reason or (STOPPING if self._stop() else "")


class _Door:
    """``inner``, while ``shut`` gives no reason why not."""

    def __init__(self, inner: Target, passage: Passage, shut: Callable[[], str]) -> None:
        self._inner = inner
        self._passage = passage
        self._shut = shut

    @property
    def capabilities(self) -> Capabilities:
        """Those of ``inner``."""
        return self._inner.capabilities

    def put(self, name: str, source: Source) -> Stored:
        """See ``Target.put``."""
        return self._through(partial(self._inner.put, name, source))

    def get(self, name: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """See ``Target.get``."""
        return self._read(self._through(partial(self._inner.get, name, start, length)))

    def stat(self, name: str) -> Stored | None:
        """See ``Target.stat``."""
        return self._through(partial(self._inner.stat, name))

    def list(self, prefix: str = "") -> Iterator[Stored]:
        """See ``Target.list``."""
        return self._read(self._through(partial(self._inner.list, prefix)))

    def delete(self, name: str) -> None:
        """See ``Target.delete``."""
        self._through(partial(self._inner.delete, name))

    def space(self) -> Space | None:
        """See ``Target.space``."""
        return self._through(self._inner.space)

    def _through(self, use: Callable[[], _T]) -> _T:
        if reason := self._shut():
            raise TargetAbsent(reason)
        try:
            result = use()
        except NotStored:
            raise
        except TargetError as error:
            self._passage.failed(error)
            raise
        self._passage.went_well()
        return result

    def _read(self, items: Iterator[_T]) -> Iterator[_T]:
        try:
            yield from items
        except TargetError as error:
            self._passage.failed(error)
            raise
