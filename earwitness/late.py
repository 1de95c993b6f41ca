"""A target that is opened when it is first used, so that one that cannot be opened stops nothing else."""

import threading
from collections.abc import Callable, Iterator

from storage.errors import TargetRefused
from storage.targets import Capabilities, Space, Stored, Target
from storage.targets.contract import Source

UNKNOWN = Capabilities(
    ranges=False, atomic_put=False, durable=False, knows_sha256=False, knows_modified=False
)


class LateTarget:
    """What ``make`` gives, once it does; until then every use raises what ``make`` raises."""

    def __init__(self, make: Callable[[], Target]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._made: Target | None = None

    @property
    def inner(self) -> Target:
        """The target itself, opened. Raises ``TargetRefused`` where it cannot be."""
        with self._lock:
            if self._made is None:
                self._made = self._make()
            return self._made

    @property
    def capabilities(self) -> Capabilities:
        """Those of the target, none while it is refused."""
        try:
            return self.inner.capabilities
        except TargetRefused:
            return UNKNOWN

    def put(self, name: str, source: Source) -> Stored:
        """See ``Target.put``."""
        return self.inner.put(name, source)

    def get(self, name: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """See ``Target.get``."""
        return self.inner.get(name, start, length)

    def stat(self, name: str) -> Stored | None:
        """See ``Target.stat``."""
        return self.inner.stat(name)

    def list(self, prefix: str = "") -> Iterator[Stored]:
        """See ``Target.list``."""
        return self.inner.list(prefix)

    def delete(self, name: str) -> None:
        """See ``Target.delete``."""
        self.inner.delete(name)

    def space(self) -> Space | None:
        """See ``Target.space``."""
        return self.inner.space()
