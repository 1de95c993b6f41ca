"""The description of an encrypted call in its sidecar, opened."""

from storage.archive_names import description_name
from storage.encryption.blob import decrypt
from storage.model import Call
from storage.sidecar import Sidecar, read_call


def open_sidecar(sidecar: Sidecar, key: bytes | None) -> Call:
    """The call that the sidecar describes; ``key`` is its data key, None where it has none.

    Raises ``KeyUnusable`` where one is needed, ``Undecipherable`` for a wrong one, ``DamagedSidecar``.
    """
    if not sidecar.encrypted or key is None:
        return sidecar.call()
    return read_call(decrypt(sidecar.description, key, description_name(sidecar.call_id)))
