"""``earwitness demo``: the page is up, its users can sign in, calls come."""

import http.client
import json
import os
import re
import socket
from pathlib import Path

from earwitness import address
from earwitness.demo import keeping
from earwitness.demo.scene import PASSWORD, VISITORS
from earwitness.ports import next_free
from tests.earwitness.processes import running
from tests.waiting import until


def ask(port: int, method: str, path: str, body: object = None, cookie: str = "") -> tuple[int, str, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Content-Type": "application/json", "Origin": f"http://127.0.0.1:{port}", "Cookie": cookie}
    connection.request(method, path, json.dumps(body) if body is not None else None, headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, (answer.getheader("Set-Cookie") or "").partition(";")[0], content


def test_its_users_sign_in_and_see_calls_that_come(tmp_path: Path) -> None:
    first = next_free("127.0.0.1", 10000 + os.getpid() % 10000)
    run = tmp_path / "data" / "run"
    run.mkdir(parents=True)
    address.announce(run, "127.0.0.1", first)
    tap = 'taps=[{kind="simulator", agents=4, talk_seconds=2, codecs=["PCMU"]}]'
    options = ["--port", str(first), "--set", tap, "--no-history", "--data", str(tmp_path / "data")]
    # Another program has the port that was asked for, and an earlier demo, which was killed, said it had it.
    with socket.create_server(("127.0.0.1", first)), running("demo", *options, folder=tmp_path) as process:
        assert process.stdout is not None
        text = ""
        while "Ctrl-C" not in text:
            line = process.stdout.readline()
            assert line, (tmp_path / "stderr.log").read_text()
            text += line
        port = int(re.findall(r"http://127\.0\.0\.1:(\d+)/", text)[0])
        assert port != first
        assert PASSWORD in text
        cookies = {}
        for visitor in VISITORS:
            assert visitor.username in text
            body = {"username": visitor.username, "password": PASSWORD}
            status, cookies[visitor.username], content = ask(port, "POST", "/api/v1/session", body)
            assert status == 201, content

        def calls() -> list[object]:
            status, _, content = ask(port, "GET", "/api/v1/calls", cookie=cookies["supervisor"])
            return list(json.loads(content)["items"]) if status == 200 else []

        assert until(calls)
        copies = tmp_path / "data" / keeping.COPY
        assert until(lambda: (copies / "index.html").exists() and list(copies.glob("20*/**/*.opus")))
        status, _, content = ask(port, "GET", "/api/v1/retention/rules", cookie=cookies["approver"])
        states = {rule["name"]: rule["state"] for rule in json.loads(content)["items"]}
        assert states == {"Unanswered calls": "in-force", "Sales": "proposed"}
