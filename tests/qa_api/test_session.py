from dataclasses import replace

from qa_api.guard import COOKIE
from tests.qa_api.office import Office
from tests.qa_api.world import PASSWORD

SESSION = "/api/v1/session"


def test_signing_in_sets_a_cookie_that_scripts_and_other_sites_do_not_get(office: Office) -> None:
    answer = office.browser().sign_in("Supervisor")
    assert answer.status_code == 201
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    shown = answer.json()
    assert shown["user"] == {
        "username": "supervisor",
        "display_name": "supervisor",
        "role": "supervisor",
        "teams": ["Sales"],
        "extension": "",
        "language": "en",
        "sees_whole_numbers": False,
    }
    assert "calls.release" in shown["permissions"]
    assert shown["reason"] == {"required": False, "text": None, "until": None}


def test_the_catalogue_keeps_no_token(office: Office) -> None:
    browser = office.user("agent")
    token = browser.cookies[COOKIE]
    assert len(token) >= 43
    assert token.encode() not in (office.folder / "catalogue.db").read_bytes()
    assert token.encode() not in (office.folder / "catalogue.db-wal").read_bytes()


def test_the_same_answer_for_a_wrong_password_and_an_unknown_user(office: Office) -> None:
    wrong = office.browser().sign_in("agent", "not this one")
    unknown = office.browser().sign_in("nobody", "not this one")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()
    assert wrong.json()["code"] == "wrong-credentials"
    assert wrong.headers["content-type"] == "application/problem+json"


def test_a_disabled_user_is_a_stranger(office: Office) -> None:
    browser = office.user("evaluator")
    user = office.catalogue.users.named("evaluator")
    assert user
    office.catalogue.users.save(replace(user, disabled=True))
    assert browser.get(SESSION).status_code == 401
    assert office.browser().sign_in("evaluator").json()["code"] == "wrong-credentials"


def test_without_a_session_nothing_is_shown(office: Office) -> None:
    answer = office.browser().get(SESSION)
    assert (answer.status_code, answer.json()["code"]) == (401, "not-signed-in")


def test_signing_out_ends_the_session_on_the_server(office: Office) -> None:
    browser = office.user("agent")
    token = browser.cookies[COOKIE]
    assert browser.delete(SESSION).status_code == 204
    stolen = office.browser()
    stolen.cookies.set(COOKIE, token)
    assert stolen.get(SESSION).status_code == 401
    assert office.actions()[-2:] == ["session.begin", "session.end"]


def test_a_session_ends_when_it_is_not_used(office: Office) -> None:
    browser = office.user("agent")
    office.clock.advance(minutes=29)
    assert browser.get(SESSION).status_code == 200
    office.clock.advance(minutes=29)
    assert browser.get(SESSION).status_code == 200
    office.clock.advance(minutes=31)
    assert browser.get(SESSION).status_code == 401


def test_a_session_ends_however_much_it_is_used(office: Office) -> None:
    browser = office.user("agent")
    for _ in range(24):
        assert browser.get(SESSION).status_code == 200
        office.clock.advance(minutes=29.9)
    office.clock.advance(minutes=5)
    assert browser.get(SESSION).status_code == 401


def test_signing_in_again_ends_the_session_of_this_browser(office: Office) -> None:
    browser = office.user("agent")
    before = browser.cookies[COOKIE]
    browser.sign_in("agent")
    assert browser.cookies[COOKIE] != before
    stolen = office.browser()
    stolen.cookies.set(COOKIE, before)
    assert stolen.get(SESSION).status_code == 401


def test_an_unsafe_request_needs_the_token_of_its_session(office: Office) -> None:
    browser = office.user("agent")
    other = office.user("agent")
    for token in ("", "guess", other.headers["X-CSRF-Token"], "ü".encode()):
        answer = browser.delete(SESSION, headers={"X-CSRF-Token": token})
        assert (answer.status_code, answer.json()["code"]) == (403, "csrf")
    assert browser.get(SESSION).json()["csrf_token"] == browser.headers["X-CSRF-Token"]
    assert browser.delete(SESSION).status_code == 204


def test_another_sites_page_is_refused_even_with_the_token(office: Office) -> None:
    browser = office.user("agent")
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": f"http://127.0.0.1:{office.listener.port + 1}"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ):
        answer = browser.delete(SESSION, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "origin"), headers
        body = {"username": "agent", "password": PASSWORD}
        assert browser.post(SESSION, json=body, headers=headers).json()["code"] == "origin"
    assert browser.delete(SESSION, headers={"Origin": office.url}).status_code == 204


def test_guessing_locks_the_user_and_time_unlocks(office: Office) -> None:
    browser = office.browser()
    for _ in range(5):
        assert browser.sign_in("agent", "a wrong guess").status_code == 401
    refused = browser.sign_in("agent")
    assert (refused.status_code, refused.json()["code"]) == (429, "locked-out")
    wait = int(refused.headers["Retry-After"])
    assert refused.json()["parameters"] == {"retry_after": wait}
    assert office.browser().sign_in("supervisor").status_code == 201
    office.clock.advance(seconds=wait)
    assert browser.sign_in("agent").status_code == 201
    assert office.actions().count("session.refused") == 5


def test_sign_ins_during_a_lock_out_are_audited_once_for_each_of_them(office: Office) -> None:
    browser = office.browser()
    for _ in range(9):
        browser.sign_in("agent", "a wrong guess")
    (event,) = office.catalogue.audit.page(action="session.locked")
    assert (event.actor, event.address, event.after) == ("agent", "127.0.0.1", {"retry_after": 5})
    office.clock.advance(seconds=5)
    for _ in range(3):
        browser.sign_in("agent", "a wrong guess")
    assert office.actions().count("session.locked") == 2


def test_changing_the_password_ends_the_other_sessions(office: Office) -> None:
    browser, other = office.user("agent"), office.user("agent")
    change = {"current": PASSWORD, "new": "another long secret"}
    assert browser.put(f"{SESSION}/password", json={**change, "current": "wrong"}).status_code == 401
    weak = browser.put(f"{SESSION}/password", json={**change, "new": "short"})
    assert (weak.status_code, weak.json()["code"]) == (422, "password-policy")
    assert weak.json()["parameters"] == {"rule": "too-short", "minimum": 10}
    done = browser.put(f"{SESSION}/password", json=change)
    assert done.status_code == 200
    assert other.get(SESSION).status_code == 401
    assert browser.get(SESSION).json()["csrf_token"] == done.json()["csrf_token"]
    assert office.browser().sign_in("agent").status_code == 401
    assert office.browser().sign_in("agent", change["new"]).status_code == 201


def test_passwords_appear_nowhere(office: Office) -> None:
    office.browser().sign_in("agent", "my secret guess")
    broken = office.browser().post(SESSION, json={"username": "agent", "password": ["my secret guess"]})
    assert broken.status_code == 422
    assert "my secret guess" not in broken.text + office.whole_log()
