"""The sidecar: everything about a call in one file beside its audio, on every archive target.

The catalogue can be made anew from the sidecars of one target. The same call gives the same bytes.
"""

from typing import Literal

from pydantic import ValidationError

from storage.errors import DamagedSidecar
from storage.model import Call, Word


class SidecarFile(Word):
    """Another blob of the call on the same target. ``sha256`` is lower-case hex."""

    name: str
    bytes: int
    sha256: str


class Sidecar(Word):
    """What a sidecar says. ``call.recording.path`` is a name on the target, and so are those of ``files``."""

    format: Literal["earwitness sidecar 1"] = "earwitness sidecar 1"
    call: Call
    files: tuple[SidecarFile, ...]

    def encode(self) -> bytes:
        """The file: UTF-8 JSON."""
        return (self.model_dump_json(indent=1) + "\n").encode()


def read_sidecar(data: bytes) -> Sidecar:
    """The sidecar in ``data``. Raises ``DamagedSidecar``."""
    try:
        return Sidecar.model_validate_json(data)
    except ValidationError as error:
        raise DamagedSidecar(
            f"This is no sidecar that this version can read: {error.errors()[0]['msg']}."
        ) from error
