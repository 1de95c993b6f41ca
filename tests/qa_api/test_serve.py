import socket
import threading

import httpx
import pytest

from qa_api.errors import CannotListen
from qa_api.serve import Listener
from tests.qa_api.office import Office
from tests.waiting import PATIENCE


def test_a_taken_port_is_said_plainly(office: Office) -> None:
    with pytest.raises(CannotListen, match=rf"127.0.0.1 port {office.listener.port}: .*Choose another"):
        Listener(office.services, "127.0.0.1", office.listener.port)


def test_an_address_of_another_machine_is_refused(office: Office) -> None:
    with pytest.raises(CannotListen):
        Listener(office.services, "203.0.113.1", 0)


def test_answers_do_not_wait_for_acknowledgements(office: Office) -> None:
    assert office.listener.socket.proto == socket.IPPROTO_TCP


def test_stopping_lets_an_answer_that_has_begun_end(office: Office) -> None:
    entered, leave = threading.Event(), threading.Event()

    def slow() -> tuple[()]:
        entered.set()
        assert leave.wait(PATIENCE)
        return ()

    object.__setattr__(office.services, "health", slow)
    answers: list[httpx.Response] = []
    asking = threading.Thread(target=lambda: answers.append(office.browser().get("/healthz")))
    asking.start()
    assert entered.wait(PATIENCE)
    office.listener.stop()
    leave.set()
    asking.join(PATIENCE)
    assert answers[0].status_code == 200


def test_a_forwarded_address_is_believed_from_trusted_proxies_alone(office: Office) -> None:
    headers = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
    body = {"username": "agent", "password": "correct horse battery"}
    direct = office.browser().post("/api/v1/session", json=body, headers=headers)
    assert "Secure" not in direct.headers["set-cookie"]
    assert office.catalogue.audit.page(limit=1)[0].address == "127.0.0.1"
    behind = Listener(office.services, "127.0.0.1", 0, trusted_proxies="127.0.0.1")
    thread = threading.Thread(target=behind.run)
    thread.start()
    assert behind.wait_ready(PATIENCE)
    url = f"http://127.0.0.1:{behind.port}/api/v1/session"
    with httpx.Client(trust_env=False) as client:
        answer = client.post(url, json=body, headers=headers)
    behind.stop()
    thread.join(PATIENCE)
    assert "Secure" in answer.headers["set-cookie"]
    assert answer.headers["strict-transport-security"]
    assert office.catalogue.audit.page(limit=1)[0].address == "203.0.113.9"
