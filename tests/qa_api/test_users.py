import pytest
from argon2 import PasswordHasher

from qa_api.errors import PasswordRefused, UserRefused
from qa_api.passwords import Passwords, check_policy
from qa_api.permissions import Role
from qa_api.users import Account, create_user
from storage.catalogue import Catalogue, sqlite_url
from storage.errors import NameTaken
from tests.qa_api.office import Office
from tests.qa_api.world import NOON, PASSWORD, cheap_passwords


@pytest.mark.parametrize(
    ("password", "rule"),
    [
        ("short", "too-short"),
        ("x" * 257, "too-long"),
        ("my-Agent7-secret", "contains-username"),
        ("1234567890", "too-common"),
        ("aaaaaaaaaaab", "too-common"),
    ],
)
def test_weak_passwords_are_refused_by_rule(password: str, rule: str) -> None:
    with pytest.raises(PasswordRefused) as refused:
        check_policy(password, "agent7")
    assert refused.value.parameters["rule"] == rule


def test_a_user_is_made_once_with_a_trail_and_without_the_password(tmp_path) -> None:
    catalogue = Catalogue(sqlite_url(tmp_path / "catalogue.db"))
    account = Account(username="Li.Wei", password=PASSWORD, role=Role.AGENT, agent="8001")
    assert PASSWORD not in repr(account)
    user = create_user(catalogue, account, now=NOON, passwords=cheap_passwords(), actor="admin")
    assert user.password_hash.startswith("$argon2id$")
    (event,) = catalogue.audit.page()
    assert (event.actor, event.action, event.object_id) == ("admin", "user.create", user.id)
    assert "argon2" not in str(event)
    with pytest.raises(NameTaken):
        create_user(catalogue, account, now=NOON, passwords=cheap_passwords())
    catalogue.close()


@pytest.mark.parametrize(
    ("changed", "rule"),
    [({"username": "a b"}, "username"), ({"username": ""}, "username"), ({"agent": ""}, "agent")],
)
def test_accounts_that_cannot_be(tmp_path, changed: dict[str, str], rule: str) -> None:
    values = {"username": "agent", "password": PASSWORD, "role": Role.AGENT, "agent": "8001"} | changed
    catalogue = Catalogue(sqlite_url(tmp_path / "catalogue.db"))
    with pytest.raises(UserRefused) as refused:
        create_user(catalogue, Account(**values), now=NOON, passwords=cheap_passwords())
    assert refused.value.parameters == {"rule": rule}
    assert catalogue.users.count() == 0
    catalogue.close()


def test_passwords_are_argon2id_with_the_parameters_of_the_rfc() -> None:
    hashed = Passwords().hash(PASSWORD)
    assert hashed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_nobody_is_never_right() -> None:
    passwords = cheap_passwords()
    assert not passwords.check(None, "nobody has this password")
    assert not passwords.check("no hash at all", PASSWORD)
    assert passwords.check(passwords.hash(PASSWORD), PASSWORD)


def test_a_hash_of_older_parameters_is_renewed_when_its_user_signs_in(office: Office) -> None:
    user = office.catalogue.users.named("agent")
    stronger = Passwords(PasswordHasher(time_cost=2, memory_cost=128, parallelism=1))
    object.__setattr__(office.services, "passwords", stronger)
    office.user("agent").get("/api/v1/session").raise_for_status()
    renewed = office.catalogue.users.named("agent").password_hash
    assert renewed != user.password_hash
    assert "m=128,t=2" in renewed
    office.user("agent")
    assert office.catalogue.users.named("agent").password_hash == renewed
