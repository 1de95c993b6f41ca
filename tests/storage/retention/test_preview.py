"""The preview counts what the rules let go, by the rule that decides, and leaves out what is held."""

from datetime import UTC, datetime, timedelta

import pytest

from storage.catalogue import Copy
from storage.criteria import Criteria
from storage.retention.apply import apply_erasures, apply_retention
from storage.retention.erasures import Erasures
from storage.retention.holds import Holds
from storage.retention.preview import preview
from storage.retention.rules import Rules
from tests.storage.handoffs import START, a_call

NOW = START + timedelta(days=100)


def rule(catalogue, name, days, priority, **criteria):
    rules = Rules(catalogue)
    made = rules.propose(name, Criteria(**criteria), days, priority=priority, by="anna", now=NOW)
    return rules.approve(made.id, "ben", NOW)


@pytest.fixture
def ids(catalogue):
    """Twelve calls, a day apart, from a hundred days ago on."""
    made = []
    for number in range(12):
        start = START + timedelta(days=number)
        call = a_call(number, start=start, audio=b"x", agent=f"80{number % 2:02}")
        copies = [Copy(target, "a", 100, "", NOW) for target in ("local", "disk")]
        made.append((call, copies))
    catalogue.calls.add_many(made)
    return [call.id for call, _ in made]


def test_by_rule_and_without_what_is_held(catalogue, ids):
    rule(catalogue, "VIP", None, 1, tags=("vip",))
    first = rule(catalogue, "Agent 1", 95, 2, agents=("8001",))
    rest = rule(catalogue, "Rest", 90, 3)
    catalogue.tags.put(ids[0], "vip", "qa", NOW)
    Holds(catalogue).place("Court", "court", by="anna", now=NOW, call_ids=ids[2:3])
    found = preview(catalogue, NOW, first=3, at_once=5)
    assert [share.rule.name for share in found.shares] == ["VIP", "Agent 1", "Rest"]
    kept, one, other = found.shares
    assert (kept.calls, kept.held, kept.earliest) == (0, 0, None)
    assert (one.rule, one.first) == (first, (ids[1], ids[3]))
    assert (one.calls, one.bytes, one.seconds, one.held) == (2, 400, 120.0, 0)
    assert (other.rule, other.first) == (rest, (ids[4], ids[6], ids[8]))
    assert (other.calls, other.bytes, other.held) == (3, 600, 1)
    assert (other.earliest, other.latest) == (START + timedelta(days=4), START + timedelta(days=8))
    assert found.whole
    assert found.calls == 5


def test_holds_by_criteria(catalogue, ids):
    rule(catalogue, "All", 1, 1)
    Holds(catalogue).place("Court", "court", by="anna", now=NOW, criteria=Criteria(agents=("8000",)))
    (share,) = preview(catalogue, NOW).shares
    assert (share.calls, share.held) == (6, 6)


def test_a_proposed_rule_can_be_tried(catalogue, ids):
    rules = Rules(catalogue)
    rules.propose("All", Criteria(), 99, priority=1, by="anna", now=NOW)
    assert preview(catalogue, NOW).shares == ()
    assert preview(catalogue, NOW, rules=rules.all()).calls == 1


def test_rules_that_keep_for_ever(catalogue, ids):
    rule(catalogue, "All", None, 1)
    assert preview(catalogue, NOW).calls == 0


def test_it_can_be_stopped(catalogue, ids):
    rule(catalogue, "All", 1, 1)
    found = preview(catalogue, NOW, stop=lambda: True)
    assert not found.whole
    assert found.calls == 0


def test_the_day_it_ends(catalogue, ids):
    rule(catalogue, "All", 100, 1)
    assert preview(catalogue, datetime(2026, 11, 22, tzinfo=UTC)).calls == 0
    assert preview(catalogue, NOW).calls == 0
    assert preview(catalogue, NOW + timedelta(milliseconds=1)).calls == 1


def test_approved_erasures_are_a_share_of_their_own_and_counted_once(catalogue, ids):
    rule(catalogue, "Old", 95, 1)
    erasures = Erasures(catalogue)
    erasures.request(ids[5:6], "only asked for", by="anna", now=NOW)
    for wanted in (ids[1:3], [ids[2], ids[11]]):
        asked = erasures.request(wanted, "asked", by="anna", now=NOW)
        erasures.approve(asked.id, "ben", NOW)
    Holds(catalogue).place("Court", "court", by="anna", now=NOW, call_ids=ids[2:3])
    found = preview(catalogue, NOW, at_once=2)
    erased, old = found.shares
    assert (erased.rule, erased.first) == (None, (ids[1], ids[11]))
    assert (erased.calls, erased.bytes, erased.seconds, erased.held) == (2, 400, 120.0, 1)
    assert (erased.earliest, erased.latest) == (START + timedelta(days=1), START + timedelta(days=11))
    assert (old.calls, old.held, old.first) == (3, 0, (ids[0], *ids[3:5]))
    gone = [call for done in apply_erasures(catalogue, now=NOW).values() for call in done.deleted]
    gone += apply_retention(catalogue, by="retention", now=NOW).deleted
    assert len(gone) == found.calls


def test_erasures_are_shown_without_any_rule(catalogue, ids):
    asked = Erasures(catalogue).request(ids[:1], "asked", by="anna", now=NOW)
    assert preview(catalogue, NOW).shares == ()
    Erasures(catalogue).approve(asked.id, "ben", NOW)
    assert preview(catalogue, NOW).calls == 1
