"""``earwitness replay`` of calls whose signalling is encrypted."""

import json
from pathlib import Path

import pytest

from recorder.taps.pcap_writer import PcapWriter
from tests.earwitness.test_replay_says import replay
from tests.recorder.protocol import tls_talk
from tests.recorder.protocol.tls_talk import V1_2, V1_3, TlsTalk
from tests.recorder.recording import traffic
from tests.recorder.streamed import PlainLine, TlsLine, over_tcp, whole


def capture(folder: Path, version: object, ciphers: str, port: int = 5061) -> tuple[Path, Path]:
    """A file with a call over TLS, and the key log."""
    log, file = folder / "tls keys", folder / "calls.pcap"
    context = tls_talk.client_context(log, version, ciphers)
    talk = TlsTalk(context, tls_talk.server_context("rsa"))
    batches, _ = traffic(legs=1, calls=1, concurrent=1)
    with PcapWriter(file) as writer:
        writer.write(over_tcp(whole(batches), 1460, lambda: TlsLine(talk, PlainLine()), port))
    return file, log


@pytest.mark.parametrize("port", [5061, 15061])
def test_a_key_log_tells_who_spoke(tmp_path: Path, port: int) -> None:
    file, log = capture(tmp_path, V1_3, "", port)
    options = ["--tls-key-log", str(log), "--set", f"signalling.tcp_ports=[5061, {port}]", "--json"]
    done = replay(file, tmp_path / "data", *options)
    assert (done.returncode, done.stderr) == (0, "")
    call = json.loads(done.stdout)
    assert (call["state"], len(call["from"]) > 2, len(call["legs"])) == ("answered", True, 1)


def test_the_key_of_a_server_tells_who_spoke(tmp_path: Path) -> None:
    file, _ = capture(tmp_path, V1_2, "AES256-SHA256")
    key = tmp_path / "server.pem"
    key.write_bytes(tls_talk.pem("rsa"))
    done = replay(file, tmp_path / "data", "--tls-rsa-key", str(key), "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["state"] == "answered"


def test_without_a_key_the_media_is_recorded_and_the_reason_said(tmp_path: Path) -> None:
    file, _ = capture(tmp_path, V1_3, "")
    done = replay(file, tmp_path / "data", "--json")
    assert done.returncode == 0
    call = json.loads(done.stdout)
    assert (call["state"], call["recording"]["channels"]) == ("media-only", 2)
    assert done.stderr == (
        "earwitness: 1 connection of TLS could not be read: no key was given for them "
        "(--tls-key-log, --tls-rsa-key)\n"
    )


def test_a_key_that_is_none_is_refused_at_once(tmp_path: Path) -> None:
    file, log = capture(tmp_path, V1_3, "")
    done = replay(file, tmp_path / "data", "--tls-rsa-key", str(log))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"earwitness: {log} holds no private key in PEM (-----BEGIN PRIVATE KEY-----).\n"
