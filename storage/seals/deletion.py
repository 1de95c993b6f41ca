"""The signed record that a call was deleted on purpose: what tells a deletion from a theft.

A JSON object of ``deletion``, the statement, and ``signature`` (hex, Ed25519 over the canonical JSON of the
statement, see ``statement``), kept on every target under ``deleted/YYYY/MM/DD/<call id>.json`` by the UTC day
of the deletion. It names every seal that the call had. A record is never written over: of a call that is
deleted twice within a day, as by a restore that repeats it, the second lies beside the first, under its name
with 8 hex digits of its own SHA-256.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

from pydantic import ValidationError

from storage.catalogue.seals import SealRow
from storage.errors import DamagedSidecar
from storage.model import Instant, Word
from storage.seals.sealing import Sealer, place_of
from storage.seals.statement import SealPlace, canonical

FOLDER = "deleted/"


class Deletion(Word):
    """The statement. ``signer`` is the id of the signing key; ``rule`` says by what right, ``by`` who."""

    format: Literal["earwitness deletion 1"] = "earwitness deletion 1"
    call: str
    signer: str
    seals: tuple[SealPlace, ...]
    at: Instant
    rule: str
    by: str


class SignedDeletion(Word):
    """The record as it is stored."""

    deletion: Deletion
    signature: str

    def encode(self) -> bytes:
        """The blob: UTF-8 JSON."""
        return (self.model_dump_json() + "\n").encode()


def deletion_name(call_id: str, at: datetime) -> str:
    """Where the record of a deletion lies on every target."""
    return f"{FOLDER}{at.astimezone(UTC):%Y/%m/%d}/{call_id}.json"


def second_name(name: str, data: bytes) -> str:
    """Where the record ``data`` lies instead of ``name``, which another record has."""
    return f"{name.removesuffix('.json')}-{hashlib.sha256(data).hexdigest()[:8]}.json"


def may_bear(name: str, call_id: str, data: bytes) -> bool:
    """Whether ``name`` is one for the record ``data`` of the deletion of this call."""
    own = f"{name.rpartition('/')[0]}/{call_id}.json"
    return name in {own, second_name(own, data)}


def call_ids_of(name: str) -> set[str]:
    """The calls that the record of this name may be of: a second one bears eight digits more."""
    own = name.rpartition("/")[2].removesuffix(".json")
    return {own, own.rpartition("-")[0]}


def deletion_record(
    sealer: Sealer, call_id: str, seals: Sequence[SealRow], at: datetime, rule: str, by: str
) -> tuple[str, bytes]:
    """Name and bytes of the record that the call with these seals was deleted; the same each time."""
    deletion = Deletion(
        call=call_id, signer=sealer.chain, seals=tuple(map(place_of, seals)), at=at, rule=rule, by=by
    )
    signature = sealer.sign(canonical(deletion))
    return deletion_name(call_id, at), SignedDeletion(deletion=deletion, signature=signature.hex()).encode()


def read_deletion(data: bytes) -> SignedDeletion:
    """The record in ``data``, not yet checked. Raises ``DamagedSidecar``."""
    try:
        return SignedDeletion.model_validate_json(data)
    except ValidationError as error:
        raise DamagedSidecar(f"This is no record of a deletion: {error.errors()[0]['msg']}.") from error
