"""Deletion of calls from the catalogue: by the rules, or by an erasure that two people agreed to.

Order: the row of the call, with its key, in one transaction with the audit event, the change that the index
follows, and the list of blobs to remove; then the blobs (``removing``). So a kill leaves a call that is whole
or one that is being removed, and who was told that a hold is placed finds everything that it covers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from storage.archive_names import stem
from storage.catalogue import AuditEntry, Catalogue, CatalogueCall, Removal
from storage.catalogue.audit import append_events
from storage.catalogue.call_locks import lock_calls
from storage.catalogue.calls import calls_in
from storage.catalogue.changes import ChangeKind, append_changes, lock_feed
from storage.catalogue.cover import holds_of
from storage.catalogue.keeping_tables import call_keys, copy_tasks
from storage.catalogue.removals import add_removals
from storage.catalogue.tables import calls
from storage.model import rfc3339
from storage.retention.age import ages_of
from storage.retention.erasures import erasure_in_force, finish_erasure
from storage.retention.restored import unseen_in
from storage.retention.rules import deciding, rules_in_force

ACTION = "call.delete"
ERASURE = "erasure: "
"""What the reason of that event begins with where two people agreed to it."""
MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Deleted:
    """A call that is out of the catalogue. ``bytes`` are those of all copies, ``seconds`` of audio."""

    call_id: str
    start: datetime
    cause: str
    bytes: int
    seconds: float
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Erased:
    """What became of calls that were to go: ``held`` are those that stay as long as a hold covers them."""

    deleted: tuple[Deleted, ...]
    held: tuple[str, ...]


class Deletion:
    """Takes calls out of the catalogue. Every method is one transaction that sees no hold too late."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._database = catalogue.database

    def by_rules(self, call_ids: Sequence[str], *, by: str, now: datetime) -> list[Deleted]:
        """Delete those of the calls (``MOST_AT_ONCE`` at most) that no hold covers and no rule keeps.
        Calls whose age nobody knows stay, and all of them behind a restore that no person has seen.

        ``by`` is the actor of the audit events.
        """
        with self._database.write() as connection:
            lock_feed(connection)
            if unseen_in(connection) is not None:
                return []
            rules = rules_in_force(connection)
            found = calls_in(connection, call_ids)
            covered = holds_of(connection, found)
            since = ages_of(connection, found)
            causes = {}
            for item in found:
                rule = deciding(rules, item)
                if item.call.id not in covered and rule is not None and rule.over(since[item.call.id], now):
                    causes[item.call.id] = f"retention: {rule.name}"
            return _delete(connection, [item for item in found if item.call.id in causes], causes, by, now)

    def erase(self, erasure_id: str, now: datetime) -> Erased:
        """Carry out an erasure that is approved, but for what a hold covers; without such it is done.

        The actor of the audit events is who approved it. Raises ``NotNow``, ``NotInCatalogue``.
        """
        with self._database.write() as connection:
            lock_feed(connection)
            erasure = erasure_in_force(connection, erasure_id)
            found = calls_in(connection, erasure.call_ids)
            covered = holds_of(connection, found)
            free = [item for item in found if item.call.id not in covered]
            causes = {item.call.id: f"{ERASURE}{erasure.reason}" for item in free}
            deleted = _delete(connection, free, causes, erasure.decided_by, now)
            if not covered:
                finish_erasure(connection, erasure_id, now)
            return Erased(tuple(deleted), tuple(covered))

    def again(self, causes: Mapping[str, str], *, by: str, now: datetime, heed_holds: bool = True) -> Erased:
        """Delete calls that signed records say were deleted, where a restored catalogue does not know that.

        ``causes`` are what the records give, by call id. Without ``heed_holds`` no hold is asked: for a
        catalogue whose holds are of a time before the deletion, which none kept the calls from.
        """
        with self._database.write() as connection:
            lock_feed(connection)
            found = calls_in(connection, list(causes))
            covered = holds_of(connection, found) if heed_holds else {}
            free = [item for item in found if item.call.id not in covered]
            return Erased(tuple(_delete(connection, free, causes, by, now)), tuple(covered))


def _delete(
    connection: Connection, found: Sequence[CatalogueCall], causes: Mapping[str, str], by: str, now: datetime
) -> list[Deleted]:
    """Take the calls out. The caller holds the lock of the feed and has asked the holds."""
    ids = [item.call.id for item in found]
    if not ids:
        return []
    head = lock_feed(connection)
    lock_calls(connection, ids, alone=True)
    encrypted = set(
        connection.execute(select(call_keys.c.call_id).where(call_keys.c.call_id.in_(ids))).scalars()
    )
    places = _places(connection, found)
    removals = [
        Removal(
            call_id=item.call.id,
            target=target,
            names=_names(item),
            since=now,
            not_before=now,
            cause=causes[item.call.id],
            by=by,
            encrypted=item.call.id in encrypted,
        )
        for item in found
        for target in places[item.call.id]
    ]
    add_removals(connection, removals)
    append_changes(connection, head, ChangeKind.DELETED, ids)
    append_events(connection, [_event(item, causes, places, by, now) for item in found])
    connection.execute(delete(calls).where(calls.c.id.in_(ids)))
    return [_deleted(item, causes, places) for item in found]


def _places(connection: Connection, found: Sequence[CatalogueCall]) -> dict[str, tuple[str, ...]]:
    """The targets that hold something of each call, or may do so because a copy is being made."""
    places = {item.call.id: {copy.target for copy in item.copies} for item in found}
    query = select(copy_tasks.c.call_id, copy_tasks.c.target).where(copy_tasks.c.call_id.in_(list(places)))
    for row in connection.execute(query):
        places[row.call_id].add(row.target)
    return {call_id: tuple(sorted(targets)) for call_id, targets in places.items()}


def _names(item: CatalogueCall) -> tuple[str, ...]:
    """All blobs of the call, the same on every target: first its key, then its seal, then the others."""
    own = stem(item.call)
    key, sidecar = f"{own}.key", f"{own}.json"
    others = {copy.name for copy in item.copies} - {key, sidecar}
    return (key, sidecar, *sorted(others))


def _event(
    item: CatalogueCall,
    causes: Mapping[str, str],
    places: Mapping[str, Sequence[str]],
    by: str,
    now: datetime,
) -> AuditEntry:
    call = item.call
    before = {
        "start": rfc3339(call.start),
        "sha256": call.recording.sha256 if call.recording else None,
        "targets": list(places[call.id]),
    }
    return AuditEntry(
        at=now,
        actor=by,
        action=ACTION,
        object_kind="call",
        object_id=call.id,
        reason=causes[call.id],
        before=before,
    )


def _deleted(
    item: CatalogueCall, causes: Mapping[str, str], places: Mapping[str, tuple[str, ...]]
) -> Deleted:
    call = item.call
    return Deleted(
        call_id=call.id,
        start=call.start,
        cause=causes[call.id],
        bytes=sum(copy.bytes for copy in item.copies),
        seconds=call.recording.seconds if call.recording else 0.0,
        targets=places[call.id],
    )
