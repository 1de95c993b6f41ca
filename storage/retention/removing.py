"""The blobs of deleted calls go from every target; what cannot go now is tried again until it has gone.

On a medium that cannot delete, an encrypted call is erased with its key: nothing has to go there. A call that
lies there in clear, or with its key, stays on the list until the medium is destroyed, and the list says so.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from storage.catalogue import Catalogue, Removal
from storage.errors import DiskFull, TargetError
from storage.targets.contract import Target

Recorder = Callable[[Target, Sequence[Removal]], None]
"""Writes on the target that these calls were deleted and did not disappear; see ``storage.seals``."""

NEVER_DELETES = (
    "This medium cannot delete, and the call lies on it in clear. It is erased when the medium is destroyed."
)
KEY_STAYS = (
    "This medium cannot delete, and the key of the call lies on it beside its recording: whoever has the "
    "master key can open it. It is erased when the medium is destroyed."
)
_FOR_EVER = (NEVER_DELETES, KEY_STAYS)
_DAILY = timedelta(days=1)
_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Removed:
    """What one go removed: ``calls`` by id, ``blobs`` in number. ``failed`` are errors by target.

    ``kept`` counts, by target that cannot delete, the encrypted calls whose blobs stay there without their
    key. ``whole`` is False where more may be due.
    """

    calls: tuple[str, ...]
    blobs: int
    failed: Mapping[str, str] = field(default_factory=dict)
    kept: Mapping[str, int] = field(default_factory=dict)
    whole: bool = True


def remove_pending(
    catalogue: Catalogue,
    targets: Mapping[str, Target],
    *,
    now: datetime,
    write_once: Collection[str] = (),
    recorder: Recorder | None = None,
    limit: int = 1000,
    stop: Callable[[], bool] = lambda: False,
) -> Removed:
    """Remove what is due from the targets given, about ``limit`` calls of each.

    ``write_once`` names those whose medium cannot delete. A target that fails is left until later and holds
    up no other; what belongs to a target that is not given waits.
    """
    calls: list[str] = []
    blobs, whole = 0, True
    failed: dict[str, str] = {}
    kept: dict[str, int] = {}
    for name, target in targets.items():
        emptying = _Emptying(catalogue, name, target, now, recorder)
        never = name in write_once or not target.capabilities.deletes
        done = 0
        while not stop() and done < limit:
            due = catalogue.removals.due(name, now, min(_AT_ONCE, limit - done))
            if not due:
                break
            gone, error = emptying.give_up(due) if never else emptying.remove(due)
            done += len(due)
            calls.extend(removal.call_id for removal in gone)
            if never:
                kept[name] = kept.get(name, 0) + len(gone)
            else:
                blobs += sum(len(removal.names) for removal in gone)
            if error:
                failed[name] = error
                break
        else:
            whole = False
    return Removed(tuple(calls), blobs, failed, {name: count for name, count in kept.items() if count}, whole)


class _Emptying:
    def __init__(
        self, catalogue: Catalogue, name: str, target: Target, now: datetime, recorder: Recorder | None
    ) -> None:
        self._catalogue = catalogue
        self._name = name
        self._target = target
        self._now = now
        self._recorder = recorder

    def remove(self, due: Sequence[Removal]) -> tuple[list[Removal], str]:
        """Remove their blobs; those that are gone, and what the target said where it failed."""
        gone: list[Removal] = []
        error = self._record(due)
        try:
            for removal in () if error else due:
                self._remove(removal)
                gone.append(removal)
        except (TargetError, DiskFull) as refused:
            error = str(refused)
        self._catalogue.removals.done(gone)
        if error:
            self._wait(due[len(gone) :], error)
        return gone, error

    def give_up(self, due: Sequence[Removal]) -> tuple[list[Removal], str]:
        """Erased with their keys are those that were encrypted and have no key there; nothing can be done
        about the others."""
        error = self._record([removal for removal in due if removal.error not in _FOR_EVER])
        keyed: list[Removal] = []
        try:
            if not error:
                keyed = [removal for removal in due if removal.encrypted and self._has_key(removal)]
        except TargetError as refused:
            error = str(refused)
        if error:
            self._wait(due, error)
            return [], error
        erased = [removal for removal in due if removal.encrypted and removal not in keyed]
        self._catalogue.removals.done(erased)
        self._wait([removal for removal in due if not removal.encrypted], NEVER_DELETES, _DAILY)
        self._wait(keyed, KEY_STAYS, _DAILY)
        return erased, ""

    def _has_key(self, removal: Removal) -> bool:
        keys = [name for name in removal.names if name.endswith(".key")]
        return any(self._target.stat(name) is not None for name in keys)

    def _record(self, due: Sequence[Removal]) -> str:
        """Write the records of the deletions; what the target said where it failed."""
        deleted = [removal for removal in due if removal.cause]
        if self._recorder is None or not deleted:
            return ""
        try:
            self._recorder(self._target, deleted)
        except (TargetError, DiskFull) as refused:
            return str(refused)
        return ""

    def _remove(self, removal: Removal) -> None:
        named = self._catalogue.removals.named_again(removal)
        for name in removal.names:
            # What the catalogue names is not to be removed, whatever was once planned.
            if name not in named:
                self._target.delete(name)

    def _wait(self, removals: Sequence[Removal], error: str, wait: timedelta | None = None) -> None:
        for removal in removals:
            self._catalogue.removals.failed(removal, error, self._now, wait)
