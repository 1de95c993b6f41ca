"""Keys of encrypted signalling: whether the recorder can use them is said before it begins."""

import os
from pathlib import Path

import pytest

from earwitness.host import tls_keys
from earwitness.host.finding import Level
from earwitness.settings import Settings, SignallingSettings
from tests.earwitness.test_commands import earwitness
from tests.recorder.protocol.tls_talk import pem


def settings(log: Path, user: str = "") -> Settings:
    key = log.with_name("key.pem")
    key.write_bytes(pem("rsa"))
    key.chmod(0o600)
    return Settings(user=user, signalling=SignallingSettings(tls_key_log=log, tls_rsa_keys=(key,)))


@pytest.mark.parametrize(("mode", "level"), [(0o600, Level.WELL), (0o604, Level.WARNING)])
def test_keys_that_can_be_used(tmp_path: Path, mode: int, level: Level) -> None:
    log = tmp_path / "keys"
    log.touch(mode)
    log.chmod(mode)
    (finding,) = tls_keys.check(settings(log))
    assert finding.level is level
    assert list(tls_keys.check(Settings())) == []


def test_keys_that_are_not_there(tmp_path: Path) -> None:
    (finding,) = tls_keys.check(settings(tmp_path / "keys"))
    assert finding.level is Level.WRONG
    assert "keys cannot be read: No such file" in finding.text


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts what another user goes on with")
def test_keys_that_only_root_can_read(tmp_path: Path) -> None:
    log = tmp_path / "keys"
    log.touch(0o640)
    (finding,) = tls_keys.check(settings(log, "nobody"))
    assert (finding.level, "not readable by nobody" in finding.text) == (Level.WRONG, True)
    (finding,) = tls_keys.check(settings(log, "nobody-of-that-name"))
    assert finding.level is Level.WRONG


def test_serve_does_not_begin_with_a_key_that_cannot_be_used(tmp_path: Path) -> None:
    log = tmp_path / "missing"
    done = earwitness("serve", "--set", f"signalling.tls_key_log={log}", data=tmp_path / "data")
    assert done.returncode == 1
    assert f"earwitness: The TLS key log {log} cannot be read: No such file or directory." in done.stderr
    assert "touch it" in done.stderr
    assert not (tmp_path / "data").exists()
