"""Retention rules: two people for each change that lets calls go, and the first rule met decides."""

from datetime import UTC, datetime, timedelta

import pytest

from storage.catalogue import CatalogueCall
from storage.criteria import Criteria
from storage.errors import BadRule, NotInCatalogue, NotNow, SamePerson
from storage.retention.rules import Rules, RuleState, deciding
from tests.storage.handoffs import START, a_call

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def rules(catalogue):
    return Rules(catalogue)


def proposed(rules, days=90, *, priority=10, **criteria):
    return rules.propose("Old calls", Criteria(**criteria), days, priority=priority, by="Anna", now=NOW)


def in_force(rules, days=90, **options):
    return rules.approve(proposed(rules, days, **options).id, "ben", NOW)


def test_a_rule_names_teams_that_there_are(catalogue, rules):
    team = catalogue.teams.create("Sales")
    assert proposed(rules, teams=("Sales",)).criteria == Criteria(teams=(team.id,))
    with pytest.raises(BadRule, match="There is no team nowhere"):
        proposed(rules, teams=(team.id, "nowhere"))
    assert len(rules.all()) == 1


def test_one_proposes_and_another_approves(rules):
    rule = proposed(rules, numbers=("+8621*",))
    assert (rule.state, rule.proposed_by) == (RuleState.PROPOSED, "anna")
    assert rules.in_force() == []
    with pytest.raises(SamePerson, match="second person"):
        rules.approve(rule.id, " ANNA ", NOW)
    assert rules.in_force() == []
    approved = rules.approve(rule.id, "ben", NOW)
    assert (approved.state, approved.approved_by) == (RuleState.IN_FORCE, "ben")
    assert rules.in_force() == [approved] == rules.all()
    assert approved.criteria == Criteria(numbers=("+8621*",))
    with pytest.raises(NotNow, match="in-force"):
        rules.approve(rule.id, "carl", NOW)


def test_a_proposal_can_be_refused_by_anybody(rules):
    rule = proposed(rules)
    assert rules.refuse(rule.id, "anna", NOW).state is RuleState.REFUSED
    with pytest.raises(NotNow, match="refused"):
        rules.approve(rule.id, "ben", NOW)
    assert rules.in_force() == []


def test_one_asks_to_retire_and_another_does(rules):
    rule = in_force(rules)
    with pytest.raises(NotNow):
        rules.retire(rule.id, "ben", NOW)
    assert rules.ask_retirement(rule.id, "ben", NOW).state is RuleState.RETIRING
    with pytest.raises(SamePerson):
        rules.retire(rule.id, "Ben", NOW)
    assert len(rules.in_force()) == 1
    assert rules.keep(rule.id).state is RuleState.IN_FORCE
    rules.ask_retirement(rule.id, "anna", NOW)
    assert rules.retire(rule.id, "ben", NOW).state is RuleState.RETIRED
    assert rules.in_force() == []
    assert rules.get(rule.id).retired_at == NOW


@pytest.mark.parametrize("days", [0, -1, 40_000])
def test_days_that_make_no_rule(rules, days):
    with pytest.raises(BadRule, match="36500"):
        proposed(rules, days)


@pytest.mark.parametrize("name", ["", " ", "x" * 201, "a\nb"])
def test_names_that_make_no_rule(rules, name):
    with pytest.raises(BadRule, match="visible"):
        rules.propose(name, Criteria(), 1, priority=1, by="anna", now=NOW)


def test_a_rule_that_is_not_there(rules):
    with pytest.raises(NotInCatalogue):
        rules.approve("nowhere", "ben", NOW)


def test_the_first_rule_that_a_call_meets_decides(rules):
    late = in_force(rules, 30, priority=20)
    early = in_force(rules, None, priority=10, tags=("vip",))
    assert rules.in_force() == [early, late]
    plain, tagged = (CatalogueCall(a_call(), None, None, (), tags) for tags in ((), ("vip",)))
    assert deciding(rules.in_force(), plain) == late
    assert deciding(rules.in_force(), tagged) == early
    assert deciding([early], plain) is None
    assert not early.over(tagged.call.start, NOW + timedelta(days=30_000))
    assert not late.over(plain.call.start, START + timedelta(days=30))
    assert late.over(plain.call.start, START + timedelta(days=30, milliseconds=1))
    assert not late.over(None, START + timedelta(days=30_000)), "nobody knows how old it is"
