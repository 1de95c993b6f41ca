"""What only a snapshot brings back is counted, and a restore is an event."""

from datetime import UTC, datetime

from storage.catalogue import AuditEntry, NewUser
from storage.restore.event import ACTION, history
from storage.restore.people import People, people_of

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_people_are_counted(fresh):
    assert people_of(fresh) == People(0, 0, 0, 0, 0, 0, 0)
    fresh.teams.create("客服")
    fresh.users.create(NewUser(username="anna", password_hash="x", role="supervisor"), NOW)
    fresh.audit.record(AuditEntry(at=NOW, actor="anna", action="call.play"))
    assert people_of(fresh) == People(users=1, teams=1, tags=0, rules=0, holds=0, erasures=0, audit_events=1)


def test_each_restore_begins_another_history(fresh):
    assert history(fresh) == ""
    seen = []
    for action in (ACTION, "call.play", ACTION):
        fresh.audit.record(AuditEntry(at=NOW, actor="anna", action=action))
        seen.append(history(fresh))
    assert seen[0] == seen[1] != seen[2]
