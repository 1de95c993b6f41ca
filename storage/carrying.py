"""Hand-offs carried onto a target: opened, their blobs put there, read back. All of it is work of the disk.

Nothing here knows the catalogue, so that a ``Helper`` may do it.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from queue import SimpleQueue
from typing import ParamSpec, TypeVar

from storage.archive_names import peaks_name
from storage.errors import DamagedHandoff, DiskFull, HelperGone
from storage.handoff import Handoff, open_handoff
from storage.helper import Helper
from storage.keeper import Blob, Failure, Kept, keep_many
from storage.lock import DataFolderLock
from storage.outcomes import Deferred
from storage.spent import remove_all
from storage.targets.contract import Target

_P = ParamSpec("_P")
_R = TypeVar("_R")


@dataclass(frozen=True, slots=True)
class Parcel:
    """A hand-off that is to lie on the target, encrypted with the data key ``key`` if there is one."""

    folder: Path
    key: bytes | None = None


@dataclass(frozen=True, slots=True)
class Carried:
    """The blobs of a hand-off as they lie on the target, read back, and the JSON of its call."""

    document: str
    blobs: tuple[Kept, ...]


@dataclass(frozen=True, slots=True)
class Damaged:
    """A hand-off that will not become better by waiting, and why."""

    reason: str


Result = Carried | Damaged | Deferred | DiskFull


def carry(target: Target, parcels: Sequence[Parcel]) -> list[Result]:
    """Put the blobs of all these hand-offs on the target together; what fails is a result like the others."""
    opened = [_opened(parcel.folder) for parcel in parcels]
    blobs = [
        list(_blobs(one, parcel.key)) if isinstance(one, Handoff) else []
        for one, parcel in zip(opened, parcels, strict=True)
    ]
    kept = iter(keep_many(target, [blob for own in blobs for blob in own]))
    return [
        _carried(one, list(islice(kept, len(own)))) if isinstance(one, Handoff) else one
        for one, own in zip(opened, blobs, strict=True)
    ]


def _opened(folder: Path) -> Handoff | Damaged | Deferred:
    try:
        return open_handoff(folder)
    except DamagedHandoff as error:
        return Damaged(str(error))
    except OSError as error:
        return Deferred(folder.name, str(error))


def _blobs(handoff: Handoff, key: bytes | None) -> Iterator[Blob]:
    call = handoff.call
    if handoff.audio is not None and call.recording is not None:
        yield Blob(call.recording.path, handoff.audio, key)
    if handoff.peaks is not None:
        yield Blob(peaks_name(call), handoff.peaks, key)
    if handoff.media is not None and call.encrypted is not None:
        yield Blob(call.encrypted.path, handoff.media, key)


def _carried(handoff: Handoff, results: Sequence[Kept | Failure]) -> Carried | Deferred | DiskFull:
    call, blobs = handoff.call, []
    promised = {blob.path: blob.sha256 for blob in (call.recording, call.encrypted) if blob}
    for kept in results:
        if isinstance(kept, DiskFull):
            return kept
        if not isinstance(kept, Kept):
            return Deferred(handoff.folder.name, str(kept))
        if promised.get(kept.name, kept.plain_sha256) != kept.plain_sha256:
            return Deferred(handoff.folder.name, f"{kept.name} changed while it was archived.")
        blobs.append(kept)
    return Carried(handoff.document, tuple(blobs))


@dataclass(frozen=True, slots=True)
class Hands:
    """Who carries hand-offs onto the target, as ``carry``, and who removes them then, as ``remove_all``.

    ``carry`` may be called by ``carriers`` threads at once.
    """

    carry: Callable[[Sequence[Parcel]], list[Result]]
    remove: Callable[[Sequence[Path]], list[OSError | None]]
    carriers: int = 1


def own_hands(target: Target) -> Hands:
    """This process."""
    return Hands(partial(carry, target), remove_all)


@contextmanager
def helping_hands(target: Target, lock: DataFolderLock) -> Iterator[Hands]:
    """Processes beside this one, which does it itself where they are gone or cannot be started.

    ``target`` is pickled.
    """
    with ExitStack() as stack:
        try:
            first, second, removing = (stack.enter_context(Helper(lock.shared())) for _ in range(3))
        except OSError:
            yield own_hands(target)
            return
        idle: SimpleQueue[Helper] = SimpleQueue()
        idle.put(first)
        idle.put(second)

        def carried(parcels: Sequence[Parcel]) -> list[Result]:
            helper = idle.get()
            try:
                return _helped(helper, carry, target, parcels)
            finally:
                idle.put(helper)

        yield Hands(carried, lambda folders: _helped(removing, remove_all, folders), carriers=2)


def _helped(helper: Helper, function: Callable[_P, _R], *args: _P.args, **options: _P.kwargs) -> _R:
    try:
        return helper.call(function, *args, **options)
    except HelperGone:
        return function(*args, **options)
