"""Teams, agents, users and sessions."""

from dataclasses import replace
from datetime import timedelta

import pytest

from storage.catalogue import Agent, NewUser, Session
from storage.errors import NameTaken, NotInCatalogue
from tests.storage.handoffs import START, a_call

NOW = START
HOUR = timedelta(hours=1)


@pytest.fixture
def team(catalogue):
    return catalogue.teams.create("Sales")


@pytest.fixture
def user(catalogue, team):
    new = NewUser(username="Ann", password_hash="$argon2id$x", role="supervisor", teams=(team.id,))
    return catalogue.users.create(new, NOW)


def test_teams(catalogue, team):
    service = catalogue.teams.create("Service")
    assert catalogue.teams.all() == [team, service]
    assert catalogue.teams.get(team.id) == catalogue.teams.named("Sales") == team
    assert catalogue.teams.get("x") is None
    assert catalogue.teams.named("x") is None
    with pytest.raises(NameTaken, match="Sales"):
        catalogue.teams.create("Sales")


def test_agents_by_extension_or_number(catalogue, team):
    ann, bo = Agent("8001", "Ann", "02155558001", team.id), Agent("8002", "Bo", "8001")
    catalogue.agents.put(ann)
    catalogue.agents.put(bo)
    assert catalogue.agents.resolve("8001") == ann, "an extension goes before a number"
    assert catalogue.agents.resolve("02155558001") == ann
    assert catalogue.agents.resolve("8002") == bo
    assert catalogue.agents.resolve("9") is None
    assert catalogue.agents.resolve("") is None
    assert catalogue.agents.all() == [ann, bo]
    assert catalogue.agents.all([team.id]) == [ann]
    assert catalogue.agents.all([]) == []
    assert catalogue.agents.get_many(["8002", "9"]) == {"8002": bo}


def test_an_agent_is_changed_and_forgotten(catalogue):
    catalogue.agents.put(Agent("8001", "Ann"))
    catalogue.agents.put(Agent("8001", "Anna", "1"))
    assert catalogue.agents.all() == [Agent("8001", "Anna", "1")]
    assert catalogue.agents.delete("8001")
    assert not catalogue.agents.delete("8001")


def test_calls_are_told_of_when_their_agent_gets_another_name(catalogue):
    catalogue.calls.add_many([(a_call(1), ()), (a_call(2, agent="8002"), ())])

    def told(change) -> list[str]:
        position = catalogue.changes.position()
        change()
        return [each.call_id for each in catalogue.changes.after(position)]

    assert told(lambda: catalogue.agents.put(Agent("8001", "Ann"))) == [a_call(1).id]
    assert told(lambda: catalogue.agents.put(Agent("8001", "Ann", "1"))) == []
    assert told(lambda: catalogue.agents.put(Agent("8001", "Anna", "1"))) == [a_call(1).id]
    assert told(lambda: catalogue.agents.delete("8001")) == [a_call(1).id]
    assert told(lambda: catalogue.agents.delete("8001")) == []


def test_an_agent_needs_a_team_that_exists(catalogue):
    with pytest.raises(NotInCatalogue, match="no team x"):
        catalogue.agents.put(Agent("8001", team="x"))
    assert catalogue.agents.all() == []


def test_a_user_comes_back_as_made(catalogue, user, team):
    assert (user.username, user.display_name, user.teams, user.created) == ("ann", "Ann", (team.id,), NOW)
    assert catalogue.users.get(user.id) == catalogue.users.named("ANN") == user
    assert catalogue.users.all() == [user]
    assert catalogue.users.count() == 1
    assert catalogue.users.named("bo") is None
    assert "argon2" not in repr(user)


def test_names_of_users_differ_in_more_than_case(catalogue, user):
    with pytest.raises(NameTaken, match="ann"):
        catalogue.users.create(NewUser(username="aNN", password_hash="x", role="admin"), NOW)
    other = catalogue.users.create(NewUser(username="bo", password_hash="x", role="admin"), NOW)
    with pytest.raises(NameTaken):
        catalogue.users.save(replace(other, username="Ann"))
    assert catalogue.users.get(other.id) == other


def test_a_user_is_changed(catalogue, user):
    changed = replace(
        user, display_name="Anna", role="admin", teams=(), disabled=True, sees_numbers=True, language="zh"
    )
    catalogue.users.save(changed)
    assert catalogue.users.get(user.id) == changed
    catalogue.users.set_password_hash(user.id, "new")
    assert catalogue.users.get(user.id) == replace(changed, password_hash="new")
    with pytest.raises(NotInCatalogue):
        catalogue.users.save(replace(user, id="x", username="x"))


def test_a_user_needs_teams_that_exist(catalogue, user):
    with pytest.raises(NotInCatalogue, match="no team x"):
        catalogue.users.save(replace(user, teams=(*user.teams, "x")))
    with pytest.raises(NotInCatalogue):
        catalogue.users.create(NewUser(username="bo", password_hash="x", role="admin", teams=("x",)), NOW)
    assert catalogue.users.all() == [user]


def test_wrong_passwords_lock(catalogue, user):
    until = [catalogue.users.login_failed(user.id, NOW, allowed=3, lock_for=HOUR) for _ in range(4)]
    assert until == [None, None, NOW + HOUR, NOW + HOUR]
    assert catalogue.users.get(user.id) == replace(user, failed_attempts=4, locked_until=NOW + HOUR)
    catalogue.users.login_succeeded(user.id)
    assert catalogue.users.get(user.id) == user
    assert catalogue.users.login_failed("x", NOW, allowed=1, lock_for=HOUR) is None


def test_a_session_lives_until_it_expires(catalogue, user):
    made = catalogue.sessions.create("hash", user.id, address="::1", now=NOW, expires=NOW + HOUR)
    assert made == Session("hash", user.id, "::1", NOW, NOW, NOW + HOUR)
    assert catalogue.sessions.get("hash", NOW) == made
    assert catalogue.sessions.get("hash", NOW + HOUR) is None
    assert catalogue.sessions.get("other", NOW) is None


def test_a_session_notes_use_and_reason(catalogue, user):
    made = catalogue.sessions.create("hash", user.id, address="::1", now=NOW, expires=NOW + HOUR)
    catalogue.sessions.touch("hash", NOW + HOUR / 2)
    catalogue.sessions.state_reason("hash", "complaint 17", NOW + HOUR)
    assert catalogue.sessions.get("hash", NOW) == replace(
        made, seen=NOW + HOUR / 2, reason="complaint 17", reason_until=NOW + HOUR
    )


def test_sessions_end(catalogue, user):
    for name in "abcd":
        catalogue.sessions.create(name, user.id, address="", now=NOW, expires=NOW + HOUR)
    assert catalogue.sessions.end("a")
    assert not catalogue.sessions.end("a")
    assert catalogue.sessions.end_all(user.id, but="b") == 2
    assert catalogue.sessions.get("b", NOW) is not None
    assert catalogue.sessions.end_all(user.id) == 1


def test_old_sessions_are_swept(catalogue, user):
    catalogue.sessions.create("expired", user.id, address="", now=NOW, expires=NOW + HOUR)
    catalogue.sessions.create("idle", user.id, address="", now=NOW, expires=NOW + 9 * HOUR)
    catalogue.sessions.create("used", user.id, address="", now=NOW, expires=NOW + 9 * HOUR)
    catalogue.sessions.touch("used", NOW + HOUR)
    assert catalogue.sessions.sweep(NOW + HOUR, idle_since=NOW + HOUR / 2) == 2
    assert catalogue.sessions.get("used", NOW) is not None
