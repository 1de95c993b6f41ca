"""Hand-offs looked at, and carried onto the target or put aside: what of intake is not the catalogue's."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from storage.carrying import Carried, Damaged, Hands, Parcel, Result
from storage.catalogue import Catalogue, CatalogueCall
from storage.clock import EARLIEST
from storage.encryption.keyring import CallKey, CatalogueKeyring
from storage.entry import Archived
from storage.errors import BeingRemoved, DamagedHandoff, DiskFull, KeyUnusable, TargetError
from storage.handoff import handed_off, is_call_id, open_handoff, parsed
from storage.model import Call
from storage.outcomes import Deferred, Refused, Rejected
from storage.passage import Passage
from storage.rejection import put_aside
from storage.retention.erased import Gone, gone_among
from storage.retention.holds import Holds
from storage.spent import remove_all


@dataclass(frozen=True, slots=True)
class Ready:
    """In the archive and read back; ``archived`` is None where all of it was there before."""

    folder: Path
    call: Call
    archived: Archived | None


Seen = Ready | Rejected | Deferred | Refused | DiskFull


@dataclass(frozen=True, slots=True)
class _Due:
    """To be put into the archive, encrypted where there is a key. ``known`` is as in ``Archived``."""

    folder: Path
    key: CallKey | None
    known: bool


class Reception:
    """Of the calls in ``handoff``; they go through ``passage`` to the target that the catalogue calls
    ``target_name``. Without ``keys``, calls are not encrypted."""

    def __init__(
        self,
        handoff: Path,
        passage: Passage,
        catalogue: Catalogue,
        target_name: str,
        keys: CatalogueKeyring | None,
        now: Callable[[], datetime],
    ) -> None:
        self._handoff = handoff
        self._passage = passage
        self._catalogue = catalogue
        self._target_name = target_name
        self._keys = keys
        self._now = now

    def receive(self, names: Sequence[str], hands: Hands) -> list[Seen]:
        """Put these hand-offs on the target, or aside: together, so that the disk syncs for many at once.

        Where the way is shut, they are not even looked at. Raises ``CatalogueError``.
        """
        if self._passage.reason:
            return [Deferred(name, self._passage.reason) for name in names]
        ids = [name for name in names if is_call_id(name)]
        removing = self._catalogue.removals.pending(ids)
        known = {found.call.id: found for found in self._catalogue.calls.get_many(ids)}
        gone = gone_among(self._catalogue, [each for each in ids if each not in known])

        def plan(name: str) -> _Due | Seen:
            if name in gone and self._stays_away(self._handoff / name, gone[name]):
                return _refused(self._handoff / name, gone[name])
            if name in removing:
                return Deferred(name, str(BeingRemoved(name)))
            return self._planned(self._handoff / name, known.get(name))

        planned = [plan(name) for name in names]
        due = [item for item in planned if isinstance(item, _Due)]
        results = hands.carry([Parcel(item.folder, item.key.data if item.key else None) for item in due])
        if all(isinstance(result, Deferred) for result in results):
            self._passage.nothing_arrived(len(results))
        carried = iter(results)
        return [self._seen(item, next(carried)) if isinstance(item, _Due) else item for item in planned]

    def _stays_away(self, folder: Path, gone: Gone) -> bool:
        """Whether the hand-off of a call that is gone was left behind. What is handed off after a rule
        deleted the call is wanted again, and what a hold may cover that was placed since is not removed."""
        if gone.erased:
            return True
        came = handed_off(folder)
        # By a clock that cannot be right nothing is older than anything.
        return (
            came is not None and EARLIEST <= came < gone.at and not Holds(self._catalogue).placed_since(came)
        )

    def _planned(self, folder: Path, known: CatalogueCall | None) -> _Due | Seen:
        try:
            if known is not None:
                call = open_handoff(folder).call
                if known.call != call and not self._was_opened(known, call):
                    raise DamagedHandoff("A different recording of this call is in the archive already.")
                if self._holds(known):
                    return Ready(folder, call, None)
            return _Due(folder, self._key(folder.name, known), known=known is not None)
        except DamagedHandoff as error:
            return put_aside(folder, str(error), self._now())
        except (TargetError, KeyUnusable, OSError) as error:
            return Deferred(folder.name, str(error))
        except DiskFull as error:
            return error

    def _seen(self, item: _Due, result: Result) -> Seen:
        if isinstance(result, Damaged):
            return put_aside(item.folder, result.reason, self._now())
        if not isinstance(result, Carried):
            return result
        call = parsed(result.document)
        since = handed_off(item.folder)
        archived = Archived(call, result.document, result.blobs, item.key, item.known, since)
        return Ready(item.folder, call, archived)

    def _was_opened(self, known: CatalogueCall, call: Call) -> bool:
        """Whether ``known`` was made of the same packets as ``call`` with keys that came later."""
        kept, again = known.call.encrypted, call.encrypted
        return kept is not None and again is not None and kept.sha256 == again.sha256 and self._holds(known)

    def _holds(self, known: CatalogueCall) -> bool:
        here = [copy for copy in known.copies if copy.target == self._target_name]
        found = [self._passage.to_carry.stat(copy.name) for copy in here]
        return bool(here) and [copy.bytes for copy in here] == [blob.bytes if blob else -1 for blob in found]

    def _key(self, call_id: str, known: CatalogueCall | None) -> CallKey | None:
        """A call that is archived stays as it was archived: encrypted with its key, or in clear."""
        if self._keys is None:
            return None
        if known is not None:
            return self._keys.of_call(call_id)
        outdated = self._keys.outdated()
        if outdated:
            raise KeyUnusable(outdated)
        return self._keys.new(call_id)


def _refused(folder: Path, gone: Gone) -> Refused | Deferred:
    """What is gone does not come back, and nothing of it is put aside either."""
    (error,) = remove_all([folder])
    if error is not None:
        stays = f"It is not archived again, but what was recorded cannot be removed: {error}"
        return Deferred(folder.name, f"{_because(gone)} {stays}")
    goes = "It is not archived again, and what was recorded is removed."
    return Refused(folder.name, f"{_because(gone)} {goes}")


def _because(gone: Gone) -> str:
    day = f"{gone.at:%Y-%m-%d}"
    if gone.erased:
        return f"The call was erased on {day} (UTC), as two people agreed."
    return f"A rule deleted the call on {day} (UTC), and this hand-off is older."
