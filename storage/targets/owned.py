"""A target that is used only while it is the place that it was, and nobody else's: its marker says so."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from storage.errors import NotStored, TargetAbsent, TargetError, TargetRefused
from storage.targets.contract import Capabilities, Source, Space, Stored, Target, check_range
from storage.targets.marker import LARGEST, MARKER, document_of, marker, text_of
from storage.targets.names import checked_folder, checked_name


class Owner(Protocol):
    """Whose calls lie on a target, and what should lie there."""

    @property
    def name(self) -> str:
        """What the settings call the target."""

    @property
    def volume(self) -> str:
        """What the place calls itself where nobody named it before."""

    def installation(self) -> str:
        """The id of the key that seals new calls; empty where none was made yet."""

    def owns(self, installation: str) -> bool:
        """Whether calls that are sealed by the key of this id belong here."""

    def held(self) -> Sequence[str]:
        """Names of some blobs that lie on the target by the catalogue; none where nothing does."""


class OwnedTarget:
    """``inner``, where every use looks first whether it is still the place of ``owner``.

    Raises ``TargetAbsent`` where blobs should lie and neither the marker nor any of those looked for is
    there, ``TargetRefused`` where the marker names another installation. The first put writes the marker.
    What was seen is believed for ``seconds`` of the monotonic ``clock``. Where looking fails, all who waited
    for that are told the same: each would wait as long again.
    """

    def __init__(
        self,
        inner: Target,
        owner: Owner,
        seconds: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.inner = inner
        self._owner = owner
        self._seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._believed = float("-inf")
        self._marked = False
        self._failed: tuple[float, TargetError] | None = None

    @property
    def capabilities(self) -> Capabilities:
        """Those of ``inner``."""
        return self.inner.capabilities

    def put(self, name: str, source: Source) -> Stored:
        """See ``Target.put``."""
        checked_name(name)
        self._look(to_write=True)
        return self.inner.put(name, source)

    def get(self, name: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """See ``Target.get``."""
        checked_name(name)
        check_range(start, length)
        self._look()
        return self.inner.get(name, start, length)

    def stat(self, name: str) -> Stored | None:
        """See ``Target.stat``."""
        checked_name(name)
        self._look()
        return self.inner.stat(name)

    def list(self, prefix: str = "") -> Iterator[Stored]:
        """See ``Target.list``. The place is looked at when the first blob is asked for."""
        checked_folder(prefix)
        return self._list(prefix)

    def delete(self, name: str) -> None:
        """See ``Target.delete``."""
        checked_name(name)
        self._look()
        self.inner.delete(name)

    def space(self) -> Space | None:
        """See ``Target.space``."""
        self._look()
        return self.inner.space()

    def _list(self, prefix: str) -> Iterator[Stored]:
        self._look()
        yield from self.inner.list(prefix)

    def _look(self, *, to_write: bool = False) -> None:
        asked = self._clock()
        with self._lock:
            now = self._clock()
            if now < self._believed and (self._marked or not to_write):
                return
            if self._failed is not None and asked < self._failed[0]:
                raise _same(self._failed[1])
            try:
                said = self._see()
            except TargetError as error:
                self._failed = self._clock(), _same(error)
                raise
            installation = text_of(said, "installation")
            if to_write and not installation:
                self._mark(said)
            self._marked = bool(installation) or to_write
            self._believed = now + self._seconds

    def _see(self) -> dict[str, Any]:
        """What the marker says of a place that is ours."""
        said = _said(self.inner)
        installation = text_of(said, "installation")
        if not installation:
            self._recognise()
        elif not self._owner.owns(installation):
            raise _foreign(self._owner.name, installation)
        return said

    def _mark(self, said: dict[str, Any]) -> None:
        installation = self._owner.installation()
        if installation:
            _write(self.inner, said, self._owner.volume, self._owner.name, installation)

    def _recognise(self) -> None:
        """A place without a marker is known by what lies there, or is new where nothing should."""
        names = self._owner.held()
        if names and not any(self.inner.stat(name) is not None for name in names):
            raise _strange(self._owner.name)


def mark(target: Target, volume: str, name: str, installation: str) -> None:
    """Let the marker of ``target``, which the settings call ``name``, name this ``installation``, whatever it
    said before; what else it says stays. Raises ``TargetError``, ``DiskFull``."""
    _write(target, _said(target), volume, name, installation)


def _said(target: Target) -> dict[str, Any]:
    """What the marker of a target says; nothing where there is none. Raises ``TargetError``."""
    try:
        return document_of(b"".join(target.get(MARKER, 0, LARGEST)))
    except NotStored:
        return {}


def _write(target: Target, said: dict[str, Any], volume: str, name: str, installation: str) -> None:
    others = {field: value for field, value in said.items() if field != "installation"}
    target.put(MARKER, marker(text_of(said, "volume") or volume, installation, others | {"target": name}))


def _same(error: TargetError) -> TargetError:
    """Another one that says the same, without what the first holds on to."""
    kind = type(error) if isinstance(error, TargetAbsent | TargetRefused) else TargetError
    return kind(str(error))


def _foreign(name: str, installation: str) -> TargetRefused:
    return TargetRefused(
        f"{name} holds the calls of another installation (its mark is {installation[:8]}), so nothing is "
        "read or written there. Check its place in the settings: two installations cannot share one. If it "
        f"shall belong to this one from now on: `earwitness target prepare {name}`."
    )


def _strange(name: str) -> TargetAbsent:
    return TargetAbsent(
        f"{name} should hold calls, and none that was looked for is there: what it lies on is not mounted, "
        "or it is another folder, disk or bucket than before. Nothing is written there until it is back. If "
        f"its calls are lost for good: `earwitness target prepare {name}`, and `earwitness scrub --target "
        f"{name} --all --believe-empty` has them copied again."
    )
