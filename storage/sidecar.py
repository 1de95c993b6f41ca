"""The sidecar: everything about a call in one file beside its audio, on every archive target, sealed.

The catalogue can be made anew from the sidecars of one target. Format ``earwitness sidecar 2`` is a JSON
object of ``seal`` (see ``seals.statement``), ``signature`` (hex, over the canonical JSON of ``seal``) and
``call``: the JSON of the call as text, or, where the call is encrypted, base64 of its encryption in the form
of ``encryption.blob`` under the name ``<call id>.call``. Format 1 had no seal and is read still.
"""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from storage.errors import DamagedSidecar, KeyUnusable
from storage.model import Call, Word
from storage.seals.statement import Seal, canonical, seal_hash


class SidecarFile(Word):
    """Another blob of the call on the same target, as it is stored. ``sha256`` is lower-case hex."""

    name: str
    bytes: int
    sha256: str


class _First(Word):
    format: Literal["earwitness sidecar 1"]
    call: Call
    files: tuple[SidecarFile, ...]


class _Second(Word):
    format: Literal["earwitness sidecar 2"] = "earwitness sidecar 2"
    seal: Seal
    signature: str
    call: str


_FORMATS: TypeAdapter[_First | _Second] = TypeAdapter(_First | _Second)


@dataclass(frozen=True, slots=True)
class Sidecar:
    """What a sidecar says.

    ``description`` is the JSON of the call (UTF-8), or its encryption where ``encrypted``. ``seal`` is None
    in format 1. ``files`` are names on the target; nothing here has been checked against the signature.
    """

    call_id: str
    description: bytes
    encrypted: bool
    files: tuple[SidecarFile, ...]
    seal: Seal | None = None
    signature: bytes = b""

    @property
    def hash(self) -> str:
        """The hash of the seal, empty where there is none."""
        return seal_hash(canonical(self.seal), self.signature) if self.seal else ""

    def call(self) -> Call:
        """The call, of a sidecar that is not encrypted. Raises ``KeyUnusable``, ``DamagedSidecar``."""
        if self.encrypted:
            raise KeyUnusable(f"The description of the call {self.call_id} is encrypted; its key is needed.")
        return read_call(self.description)


def sealed_sidecar(statement: bytes, signature: bytes, description: bytes, *, encrypted: bool) -> bytes:
    """The file: UTF-8 JSON, in which the seal stands as its canonical JSON ``statement``."""
    text = base64.b64encode(description).decode() if encrypted else description.decode()
    call = json.dumps(text, ensure_ascii=False)
    head = b'{"format":"earwitness sidecar 2","seal":' + statement
    return head + f',"signature":"{signature.hex()}","call":{call}}}\n'.encode()


def read_sidecar(data: bytes) -> Sidecar:
    """The sidecar in ``data``. Raises ``DamagedSidecar``."""
    try:
        found = _FORMATS.validate_json(data)
        if isinstance(found, _First):
            description = found.call.model_dump_json().encode()
            return Sidecar(found.call.id, description, encrypted=False, files=found.files)
        seal = found.seal
        # Base64 has no brace, and every JSON object begins with one.
        encrypted = not found.call.startswith("{")
        description = base64.b64decode(found.call, validate=True) if encrypted else found.call.encode()
        files = tuple(
            SidecarFile(name=file.name, bytes=file.bytes, sha256=file.sha256) for file in seal.files
        )
        signature = bytes.fromhex(found.signature)
    except ValidationError as error:
        raise _unreadable(error.errors()[0]["msg"]) from error
    except (binascii.Error, ValueError) as error:
        raise _unreadable(str(error)) from error
    return Sidecar(seal.call, description, encrypted, files, seal, signature)


def read_call(description: bytes) -> Call:
    """The call that a sidecar describes, once its description lies open. Raises ``DamagedSidecar``."""
    try:
        call = Call.model_validate_json(description)
    except ValidationError as error:
        raise _unreadable(error.errors()[0]["msg"]) from error
    if not call.id:
        raise _unreadable("the call has no id")
    return call


def _unreadable(reason: str) -> DamagedSidecar:
    return DamagedSidecar(f"This is no sidecar that this version can read: {reason}.")
