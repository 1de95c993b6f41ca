"""What lies of deleted calls on a medium that cannot delete: ciphertext without a key is erased, the rest is
told for as long as it lies there.

Which calls were deleted is known by the change feed, and behind a restore that knows less by the signed
records on the medium itself.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from storage.encryption import blob
from storage.errors import DamagedSidecar, NotStored
from storage.seals.deletion import FOLDER, call_ids_of, may_bear, read_deletion
from storage.seals.keys import PublicKey
from storage.seals.statement import canonical
from storage.sidecar import read_sidecar
from storage.targets.contract import Stored, Target

_AT_ONCE = 8
_SIDECAR, _KEY = ".json", ".key"


def readable(target: Target, blobs: Sequence[Stored]) -> list[str]:
    """The names of those blobs of one deleted call (all that lie there) that somebody can read: the ones in
    clear, and all of them where its key lies beside them. ``TargetError`` comes through."""
    names = [each.name for each in blobs]
    if has_key(names):
        return names
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        closed = pool.map(lambda name: _is_closed(target, name), names)
        return [name for name, shut in zip(names, closed, strict=True) if not shut]


def _is_closed(target: Target, name: str) -> bool:
    try:
        if not name.endswith(_SIDECAR):
            return blob.is_encrypted(b"".join(target.get(name, 0, blob.HEADER)))
        return read_sidecar(b"".join(target.get(name))).encrypted
    except DamagedSidecar:
        return False
    except NotStored:
        return True


def recorded(target: Target, call_ids: Collection[str], keys: Mapping[str, PublicKey]) -> set[str]:
    """Those of the calls of which a record on the target, signed with one of ``keys``, says that they were
    deleted. Lists all records. ``TargetError`` comes through."""
    wanted = set(call_ids)
    if not wanted or not keys:
        return set()
    names = (stored.name for stored in target.list(FOLDER) if stored.name.endswith(_SIDECAR))
    return {
        call_id
        for name in names
        for call_id in call_ids_of(name) & wanted
        if _proves(target, name, call_id, keys)
    }


def _proves(target: Target, name: str, call_id: str, keys: Mapping[str, PublicKey]) -> bool:
    data = b"".join(target.get(name))
    try:
        record = read_deletion(data)
        key = keys.get(record.deletion.signer)
        if key is None or record.deletion.call != call_id or not may_bear(name, call_id, data):
            return False
        return key.signed(canonical(record.deletion), bytes.fromhex(record.signature))
    except (DamagedSidecar, ValueError):
        return False


def has_key(names: Iterable[str]) -> bool:
    """Whether the wrapped key of a call is among these blobs."""
    return any(name.endswith(_KEY) for name in names)
