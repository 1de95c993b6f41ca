"""The key of a call as a blob that lies in the catalogue: what targets get where none of them has it."""

import hashlib

from storage.archive_names import key_name
from storage.catalogue import Copy, KeyRow
from storage.catalogue.call_rows import CATALOGUE
from storage.model import Call


def key_copy(call: Call, row: KeyRow) -> Copy:
    """What would lie on a target that held the key, as it is wrapped now."""
    data = row.document.encode()
    return Copy(CATALOGUE, key_name(call), len(data), hashlib.sha256(data).hexdigest(), call.end)
