"""Tags: kept once, seen with the call, and told to those who follow the catalogue."""

from datetime import UTC, datetime

import pytest

from storage.catalogue import Agent
from storage.errors import BadTag, NotInCatalogue
from tests.storage.handoffs import a_call

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_a_tag_is_put_once_and_taken_off_once(catalogue):
    call = a_call()
    catalogue.calls.add(call)
    before = catalogue.changes.position()
    assert catalogue.tags.put(call.id, " complaint ", "qa", NOW)
    assert not catalogue.tags.put(call.id, "complaint", "other", NOW)
    assert catalogue.tags.put(call.id, "投诉", "qa", NOW)
    assert catalogue.calls.get(call.id).tags == ("complaint", "投诉")
    assert catalogue.tags.all() == ["complaint", "投诉"]
    assert catalogue.changes.position() == before + 2
    assert catalogue.tags.remove(call.id, "complaint")
    assert not catalogue.tags.remove(call.id, "complaint")
    assert catalogue.calls.get(call.id).tags == ("投诉",)


def test_tags_go_with_their_call(catalogue):
    call = a_call()
    catalogue.calls.add(call)
    catalogue.tags.put(call.id, "complaint", "qa", NOW)
    catalogue.calls.delete(call.id)
    assert catalogue.tags.all() == []


def test_the_tags_of_some_teams(catalogue):
    team = catalogue.teams.create("Sales")
    for number, (extension, of) in enumerate((("8001", team.id), ("8002", None))):
        catalogue.agents.put(Agent(extension, "", team=of))
        call = a_call(number, agent=extension)
        catalogue.calls.add(call)
        catalogue.tags.put(call.id, f"of {extension}", "qa", NOW)
    assert catalogue.tags.all(teams=(team.id,)) == ["of 8001"]
    assert catalogue.tags.all(teams=()) == []


@pytest.mark.parametrize("tag", ["", "  ", "x" * 65, "a\nb"])
def test_what_is_no_tag(catalogue, tag):
    call = a_call()
    catalogue.calls.add(call)
    with pytest.raises(BadTag, match="visible"):
        catalogue.tags.put(call.id, tag, "qa", NOW)


def test_a_call_that_is_not_there(catalogue):
    with pytest.raises(NotInCatalogue):
        catalogue.tags.put("nowhere", "complaint", "qa", NOW)
