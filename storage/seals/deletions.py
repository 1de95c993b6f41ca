"""The signed records of deletions on a target, by the call that each is of."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from storage.errors import DamagedSidecar, StorageError
from storage.seals.check import Keys
from storage.seals.deletion import FOLDER, Deletion, read_deletion
from storage.seals.statement import Seal, SealPlace, canonical
from storage.seals.verdict import Finding
from storage.targets.contract import Target


@dataclass(frozen=True, slots=True)
class Deleted:
    """That a call was deleted: when, and the hashes of the seals that it had."""

    at: datetime
    hashes: frozenset[str]


@dataclass(slots=True)
class Deletions:
    """What the records say whose signatures hold. ``places`` are those of the seals that they name."""

    by_call: dict[str, list[Deleted]] = field(default_factory=lambda: defaultdict(list))
    places: list[SealPlace] = field(default_factory=list)

    def of(self, call_id: str, seal: Seal | None = None, seal_hash: str = "") -> Deleted | None:
        """The last deletion of the call; None where there is none.

        ``seal``, proven, is what the call bears: one that was sealed behind all its deletions, and that none
        of them names, was recorded again, and is not what was deleted.
        """
        found: Sequence[Deleted] = self.by_call.get(call_id, ())
        again = seal is not None and all(seal.at > each.at and seal_hash not in each.hashes for each in found)
        return max(found, key=lambda each: each.at) if found and not again else None

    def add(self, deletion: Deletion) -> None:
        """Take the statement in, which is proven."""
        hashes = frozenset(place.hash for place in deletion.seals)
        self.by_call[deletion.call].append(Deleted(deletion.at, hashes))
        self.places += deletion.seals


def proven_deletions(target: Target, keys: Keys) -> Deletions:
    """Those on the target that are signed with one of the keys; what proves nothing is left out.

    ``TargetError`` of the listing comes through.
    """
    found = Deletions()
    for blob in target.list(FOLDER):
        try:
            record = read_deletion(b"".join(target.get(blob.name)))
            signature = bytes.fromhex(record.signature)
        except (DamagedSidecar, StorageError, ValueError):
            continue
        key = keys.get(record.deletion.signer)
        if key is not None and key.signed(canonical(record.deletion), signature):
            found.add(record.deletion)
    return found


def lies_here(deleted: Deleted) -> Finding:
    """What to say of a deleted call that somebody can read."""
    text = (
        f"It was deleted on {deleted.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC, as a signed record says, and "
        "lies here all the same."
    )
    return Finding("erased", text)
