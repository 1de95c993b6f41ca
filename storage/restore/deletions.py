"""What was deleted after the snapshot is deleted again: erased calls shall not come back by a restore.

The target that calls are restored from may have been away when a call was erased, so that others are asked
for their records as well.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby, islice

from storage.catalogue import Catalogue, SealRow
from storage.errors import DamagedSidecar, TargetError
from storage.retention.deletion import MOST_AT_ONCE, Deletion
from storage.retention.erased import note_erasures
from storage.seals.deletion import FOLDER, SignedDeletion, may_bear, read_deletion
from storage.seals.deletion import Deletion as Statement
from storage.seals.keys import PublicKey
from storage.seals.statement import GENESIS, canonical
from storage.targets.contract import Target

_CLOCKS = timedelta(hours=1)
_AT_ONCE = 8


@dataclass(slots=True)
class DeletionsRepeated:
    """``calls`` went again; ``unproven`` stay, as nothing tells that records of their deletion are ours, and
    ``held`` ones as long as a legal hold covers them.
    ``failed`` are the other targets whose records could not all be read, with the reason, by name."""

    calls: list[str] = field(default_factory=list)
    unproven: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


def repeat_deletions(
    catalogue: Catalogue,
    source: Target,
    keys: Mapping[str, PublicKey],
    now: datetime,
    since: datetime | None = None,
    others: Mapping[str, Target] | None = None,
    as_of: datetime | None = None,
) -> DeletionsRepeated:
    """Delete the calls that records on ``source`` or the ``others``, signed with one of ``keys``, say were
    deleted.

    A call that was sealed anew after its deletion stays. The seals that records name come into the catalogue
    where it lacks them, so that its chains have no holes; that a call was erased comes into the audit log,
    also of one that the catalogue does not have. Records from before ``since`` are left out. The
    holds of the catalogue are those of ``as_of``, None for now: they keep no call that was deleted later.
    What fails at ``source`` is raised as ``TargetError``, what fails at others is told.
    """
    done, found = DeletionsRepeated(), _Found(catalogue, keys)
    found.take(source, since)
    for name, target in (others or {}).items():
        try:
            found.take(target, since)
        except TargetError as error:
            done.failed[name] = str(error)
    records = list(found.ours.values())
    for at in range(0, len(records), MOST_AT_ONCE):
        _repeat(catalogue, records[at : at + MOST_AT_ONCE], now, as_of, done)
    gone = set(done.calls)
    done.held = [call_id for call_id in dict.fromkeys(done.held) if call_id not in gone]
    proven = {record.deletion.call for record in records}
    done.unproven = [call_id for call_id in found.unproven if call_id not in proven]
    _fill_chains(catalogue, records)
    return done


class _Found:
    """Records as they are read from one target after another: ``ours`` by their signatures, as most lie on
    all targets; ``unproven`` the calls that others speak of, where the catalogue knows them."""

    def __init__(self, catalogue: Catalogue, keys: Mapping[str, PublicKey]) -> None:
        self._calls = catalogue.calls
        self._keys = keys
        self.ours: dict[str, SignedDeletion] = {}
        self.unproven: dict[str, None] = {}

    def take(self, target: Target, since: datetime | None) -> None:
        """Read what lies there. Raises ``TargetError``."""
        names = (stored.name for stored in target.list(FOLDER) if _is_due(stored.name, since))
        for some in _read(names, lambda name: _record(target, name)):
            strange = [record.deletion.call for record in some if not self._is_ours(record)]
            known = {one.call.id for one in self._calls.get_many(strange)}
            self.unproven |= {call_id: None for call_id in strange if call_id in known}

    def _is_ours(self, record: SignedDeletion) -> bool:
        if record.signature in self.ours and self.ours[record.signature] == record:
            return True
        if not _signed(record, self._keys):
            return False
        self.ours[record.signature] = record
        return True


def _read(
    names: Iterable[str], read: Callable[[str], SignedDeletion | None]
) -> Iterator[list[SignedDeletion]]:
    """The records of these names, some at a time: over a network most of the time goes by in waiting."""
    left = iter(names)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        while some := list(islice(left, MOST_AT_ONCE)):
            yield [record for record in pool.map(read, some) if record is not None]


def _is_due(name: str, since: datetime | None) -> bool:
    day = name.removeprefix(FOLDER)[:10].replace("/", "-")
    return name.endswith(".json") and (since is None or day >= (since - _CLOCKS).date().isoformat())


def _fill_chains(catalogue: Catalogue, records: Iterable[SignedDeletion]) -> None:
    """Put in the seals of calls that came and went after the snapshot; when they were made is not known."""
    places = {
        (seal.chain, seal.number): (seal, one.deletion) for one in records for seal in one.deletion.seals
    }
    for (chain, number), (seal, deletion) in sorted(places.items(), key=lambda item: item[0]):
        before = catalogue.seals.page(chain, number - 2, 1)
        previous = before[0].hash if before and before[0].number == number - 1 else GENESIS
        if number == 1 or previous != GENESIS:
            row = SealRow(chain, number, deletion.call, seal.hash, previous, deletion.at)
            catalogue.seals.restore([row])


def _repeat(
    catalogue: Catalogue,
    records: list[SignedDeletion],
    now: datetime,
    as_of: datetime | None,
    done: DeletionsRepeated,
) -> None:
    sealed = catalogue.seals.of_calls([record.deletion.call for record in records])
    due = []
    for record in records:
        named = {seal.hash for seal in record.deletion.seals}
        if all(row.hash in named for row in sealed.get(record.deletion.call, ())):
            due.append(record.deletion)

    def whose(one: Statement) -> tuple[str, bool]:
        return one.by, as_of is None or one.at < as_of

    for (by, heed_holds), some in groupby(sorted(due, key=whose), key=whose):
        causes = {one.call: one.rule for one in some}
        again = Deletion(catalogue).again(causes, by=by, now=now, heed_holds=heed_holds)
        done.calls += [one.call_id for one in again.deleted]
        done.held += again.held
    note_erasures(catalogue, due, now)


def _record(source: Target, name: str) -> SignedDeletion | None:
    data = b"".join(source.get(name))
    try:
        record = read_deletion(data)
    except DamagedSidecar:
        return None
    return record if may_bear(name, record.deletion.call, data) else None


def _signed(record: SignedDeletion, keys: Mapping[str, PublicKey]) -> bool:
    key = keys.get(record.deletion.signer)
    try:
        return key is not None and key.signed(canonical(record.deletion), bytes.fromhex(record.signature))
    except ValueError:
        return False
