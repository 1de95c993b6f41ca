"""The audit log and its chain."""

import pytest
from sqlalchemy import text

from storage.catalogue import AuditEntry, Head, Verdict
from tests.storage.handoffs import START


@pytest.fixture
def audit(catalogue):
    """Five events."""
    for number in range(1, 6):
        entry = AuditEntry(
            at=START,
            actor=f"user-{number % 2}",
            action="call.play",
            address="::1",
            object_kind="call",
            object_id=f"call-{number}",
            reason="投诉",
            before=None if number == 1 else {"b": [1, None], "a": {"x": 1.5}},
            after={},
        )
        assert catalogue.audit.record(entry) == number
    return catalogue.audit


def change(audit, statement: str) -> None:
    with audit._database.write() as connection:
        connection.execute(text(statement))


def test_events_come_back_newest_first(audit):
    page = audit.page(limit=2)
    assert [event.position for event in page] == [5, 4]
    assert [event.position for event in audit.page(before=4)] == [3, 2, 1]
    event = page[0]
    assert (event.at, event.actor, event.reason) == (START, "user-1", "投诉")
    assert (event.before, event.after) == ({"a": {"x": 1.5}, "b": [1, None]}, {})
    assert audit.page(before=2)[0].before is None
    assert event.previous == page[1].hash


def test_events_are_found(audit):
    assert [event.position for event in audit.page(actor="user-0")] == [4, 2]
    assert [event.position for event in audit.page(object_id="call-3")] == [3]
    assert audit.page(action="call.export") == []
    assert [
        event.position for event in audit.page(before=4, limit=1, action="call.play", actor="user-0")
    ] == [2]


def test_an_empty_log_is_intact(catalogue):
    assert catalogue.audit.verify() == Verdict(intact=True, checked=0)
    assert catalogue.audit.head() == Head(0, "")


def test_an_untouched_log_is_intact(audit):
    assert audit.verify() == Verdict(intact=True, checked=5)


@pytest.mark.parametrize(
    "column", ["actor", "address", "reason", "action", "object_kind", "object_id", "before", "after"]
)
def test_any_altered_field_is_found(audit, column):
    change(audit, f"update audit_events set \"{column}\" = 'x' where position = 3")
    assert audit.verify() == Verdict(intact=False, checked=2, altered_at=3)


@pytest.mark.parametrize(
    ("statement", "at"),
    [
        ("update audit_events set at = '2026-11-21 19:25:46.324000' where position = 2", 2),
        ("update audit_events set hash = previous where position = 2", 2),
        ("delete from audit_events where position = 1", 1),
        ("delete from audit_events where position = 4", 4),
        ("delete from audit_events where position = 5", 5),
        ("delete from audit_events", 1),
        ("update audit_events set position = 9 where position = 5", 5),
        ("update heads set position = 6 where name = 'audit'", 6),
        ("update heads set hash = 'x' where name = 'audit'", 5),
    ],
)
def test_other_damage_is_found(audit, statement, at):
    change(audit, statement)
    verdict = audit.verify()
    assert (verdict.intact, verdict.altered_at) == (False, at)


def test_a_chain_written_anew_contradicts_a_head_kept_elsewhere(audit, catalogue):
    anchor = audit.head()
    assert audit.verify(anchor).intact
    change(audit, "delete from audit_events")
    change(audit, "update heads set position = 0, hash = '' where name = 'audit'")
    assert audit.verify().intact
    assert audit.verify(anchor) == Verdict(intact=False, checked=0, altered_at=1)
    for number in range(6):
        audit.record(AuditEntry(at=START, actor="forger", action=f"a{number}"))
    assert audit.verify().intact
    assert audit.verify(anchor) == Verdict(intact=False, checked=4, altered_at=5)


def test_a_long_chain_is_walked_in_portions(catalogue, monkeypatch):
    monkeypatch.setattr("storage.catalogue.audit._CHUNK", 3)
    for _ in range(7):
        catalogue.audit.record(AuditEntry(at=START, actor="a", action="b"))
    assert catalogue.audit.verify() == Verdict(intact=True, checked=7)
