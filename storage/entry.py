"""How archived calls come into the catalogue: sealed, their sidecars on the target, then their rows.

Numbers of seals are given out here, in the order of the calls, and count only once the rows are committed:
after a kill or a failure the same numbers are given out again, so that a chain never has holes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from storage.archive_names import description_name, key_name, sidecar_name
from storage.catalogue import Catalogue, Copy, SealRow
from storage.clock import EARLIEST
from storage.encryption import blob
from storage.encryption.keyring import CallKey
from storage.errors import CatalogueError, CatalogueRefused, ChainMoved, DiskFull, TargetError
from storage.keeper import Blob, Kept, keep_many
from storage.model import Call
from storage.seals.sealing import Sealable, Sealed, Sealer
from storage.seals.segments import segmented
from storage.targets.contract import Target


@dataclass(frozen=True, slots=True)
class Archived:
    """A call whose blobs, other than its key and its sidecar, are on the target and read back.

    ``document`` is the JSON of the call, ``key`` that of an encrypted call. ``known`` is whether the
    catalogue has a call with this id, whose place it then takes. ``handed_off`` is when it came to lie in the
    hand-off folder, by the clock as it was then.
    """

    call: Call
    document: str
    blobs: tuple[Kept, ...]
    key: CallKey | None = None
    known: bool = False
    handed_off: datetime | None = None


Result = bool | TargetError | CatalogueError | DiskFull | OSError
"""Whether the catalogue changed, or why the call is not in it."""


class Entry:
    """Enters calls that lie on ``target``, which the catalogue calls ``target_name``."""

    def __init__(
        self,
        target: Target,
        catalogue: Catalogue,
        target_name: str,
        sealer: Sealer,
        now: Callable[[], datetime],
        *,
        keyless: bool = False,
    ) -> None:
        """``keyless``: keys are never put there, but for those of calls that have theirs there already."""
        self._target = target
        self._catalogue = catalogue
        self._target_name = target_name
        self._sealer = sealer
        self._now = now
        self._keyless = keyless

    def enter(self, calls: Sequence[Archived]) -> dict[str, Result]:
        """Seal the calls and write their rows, those of new calls in one transaction; results by call id.

        A call that cannot be entered does not hold up the others. Raises ``DiskFull`` where the catalogue
        has no room.
        """
        results = self._together([item for item in calls if not item.known])
        for item in calls:
            if item.known:
                results |= self._together([item])
        return results

    def _together(self, calls: Sequence[Archived]) -> dict[str, Result]:
        results: dict[str, Result] = {}
        waiting = list(calls)
        while waiting:
            sealed = self._seal(waiting)
            failed = self._put_sidecars(waiting, sealed)
            results |= failed
            if failed:
                waiting = [item for item in waiting if item.call.id not in failed]
                continue
            try:
                return results | self._write(waiting, sealed)
            except ChainMoved:
                continue
            except CatalogueRefused as error:
                if len(waiting) == 1:
                    return results | {waiting[0].call.id: error}
                for item in waiting:
                    results |= self._together([item])
                return results
            except CatalogueError as error:
                return results | {item.call.id: error for item in waiting}
        return results

    def _seal(self, calls: Sequence[Archived]) -> list[Sealed]:
        before = self._catalogue.seals.of_calls([item.call.id for item in calls if item.known])
        head = self._catalogue.seals.head(self._sealer.chain)
        what = [_sealable(item, before.get(item.call.id, ())) for item in calls]
        return self._sealer.seal(head, what, self._now())

    def _put_sidecars(self, calls: Sequence[Archived], sealed: Sequence[Sealed]) -> dict[str, Result]:
        blobs = []
        for item, made in zip(calls, sealed, strict=True):
            if (key := self._key(item)) is not None:
                blobs.append((item.call.id, Blob(key_name(item.call), key)))
            blobs.append((item.call.id, Blob(sidecar_name(item.call), made.sidecar)))
        done = keep_many(self._target, [blob for _, blob in blobs])
        pairs = zip(blobs, done, strict=True)
        return {call_id: result for (call_id, _), result in pairs if not isinstance(result, Kept)}

    def _write(self, calls: Sequence[Archived], sealed: Sequence[Sealed]) -> dict[str, Result]:
        seals = [made.row for made in sealed]
        places = [self._copies(item, made) for item, made in zip(calls, sealed, strict=True)]
        keys = [item.key.row for item in calls if item.key]
        if calls[0].known:
            call, key = calls[0].call, keys[0] if keys else None
            revise = self._catalogue.calls.revise
            changed = [revise(call, self._target_name, places[0], seal=seals[0], key=key, keep_packets=True)]
        else:
            items = [(item.call, copies) for item, copies in zip(calls, places, strict=True)]
            documents = {item.call.id: item.document for item in calls}
            changed = self._catalogue.calls.add_many(
                items, seals=seals, keys=keys, documents=documents, at=self._said(calls)
            )
        return dict(zip([item.call.id for item in calls], changed, strict=True))

    def _key(self, item: Archived) -> bytes | None:
        """The key as it lies beside the call; None where none does."""
        if item.key is None or (self._keyless and not self._has_key(item)):
            return None
        return item.key.row.document.encode()

    def _has_key(self, item: Archived) -> bool:
        found = self._catalogue.calls.get(item.call.id) if item.known else None
        name = key_name(item.call)
        return found is not None and any(
            (copy.target, copy.name) == (self._target_name, name) for copy in found.copies
        )

    def _said(self, calls: Sequence[Archived]) -> datetime:
        """What the clock says; or said when one of the calls was handed off, where that cannot be right."""
        before = [item.handed_off for item in calls if item.handed_off and item.handed_off < EARLIEST]
        return min([self._now(), *before])

    def _copies(self, item: Archived, made: Sealed) -> list[Copy]:
        at = self._now()
        blobs = [(kept.name, kept.stored) for kept in item.blobs]
        if (key := self._key(item)) is not None:
            blobs.append((key_name(item.call), segmented([key])))
        blobs.append((sidecar_name(item.call), segmented([made.sidecar])))
        return [
            Copy(self._target_name, name, found.bytes, found.sha256, at, checked=at) for name, found in blobs
        ]


def _sealable(item: Archived, before: Sequence[SealRow]) -> Sealable:
    files = [(kept.name, kept.stored) for kept in item.blobs]
    description = item.document.encode()
    if item.key is None:
        return Sealable(item.call, files, description, before=before)
    closed = blob.encrypt(description, item.key.data, description_name(item.call.id))
    return Sealable(item.call, files, closed, encrypted=True, before=before)
