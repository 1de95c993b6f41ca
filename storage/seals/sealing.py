"""Seals for calls, one after the other in the chain of a signing key. Pure: nothing is written here."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from storage.catalogue.seals import SealHead, SealRow
from storage.model import Call
from storage.seals.keys import PublicKey, SealKey
from storage.seals.segments import Segmented, tree_root
from storage.seals.statement import Seal, SealedFile, SealPlace, canonical, seal_hash
from storage.sidecar import sealed_sidecar


@dataclass(frozen=True, slots=True)
class Sealable:
    """What is sealed of a call: its blobs by name, as they are stored, and its description.

    ``description`` is the JSON of the call, or its encryption where ``encrypted``. ``before`` are the seals
    that the call had until now.
    """

    call: Call
    files: Sequence[tuple[str, Segmented]]
    description: bytes
    encrypted: bool = False
    before: Sequence[SealRow] = ()


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sidecar as it is to be stored, and the row of its seal."""

    sidecar: bytes
    row: SealRow


class Sealer:
    """Seals calls with one signing key."""

    def __init__(self, key: SealKey) -> None:
        self._key = key

    @property
    def chain(self) -> str:
        """The id of the signing key."""
        return self._key.chain

    @property
    def public(self) -> PublicKey:
        """The key by which the seals are checked."""
        return self._key.public

    def sign(self, data: bytes) -> bytes:
        """The signature over a statement that is no seal of a call, as that of a deletion."""
        return self._key.sign(data)

    def seal(self, head: SealHead, what: Iterable[Sealable], at: datetime) -> list[Sealed]:
        """Seals for these calls, which come next after ``head`` in this order."""
        sealed: list[Sealed] = []
        number, previous = head.number, head.hash
        at = at.replace(microsecond=at.microsecond // 1000 * 1000)
        for item in what:
            number += 1
            made = self._one(item, number, previous, at)
            sealed.append(made)
            previous = made.row.hash
        return sealed

    def _one(self, item: Sealable, number: int, previous: str, at: datetime) -> Sealed:
        seal = Seal(
            call=item.call.id,
            recorder=item.call.recorder,
            chain=self.chain,
            number=number,
            previous=previous,
            at=at,
            supersedes=tuple(place_of(row) for row in item.before),
            files=tuple(_file(item.call, name, blob) for name, blob in item.files),
            call_sha256=hashlib.sha256(item.description).hexdigest(),
        )
        statement = canonical(seal)
        signature = self._key.sign(statement)
        row = SealRow(self.chain, number, item.call.id, seal_hash(statement, signature), previous, at)
        return Sealed(sealed_sidecar(statement, signature, item.description, encrypted=item.encrypted), row)


def place_of(row: SealRow) -> SealPlace:
    """Where a seal that the catalogue knows stands, as statements say it."""
    return SealPlace(chain=row.chain, number=row.number, hash=row.hash)


def _file(call: Call, name: str, blob: Segmented) -> SealedFile:
    recording = call.recording
    sound = recording is not None and recording.path == name
    return SealedFile(
        name=name,
        bytes=blob.bytes,
        sha256=blob.sha256,
        milliseconds=round(recording.seconds * 1000) if recording and sound else None,
        segments=blob.segments,
        root=tree_root(blob.segments),
    )
