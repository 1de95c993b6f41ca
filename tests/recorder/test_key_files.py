"""Files with keys of TLS."""

from pathlib import Path

import pytest

from recorder.errors import KeyFileError
from recorder.key_files import KeyLogFile, rsa_key, tls_keys
from recorder.protocol.tls_exchange import Exchange
from recorder.protocol.tls_hello import ClientHello, ServerHello
from recorder.protocol.tls_keylog import MASTER
from recorder.protocol.tls_keys import TlsKeys
from recorder.protocol.tls_schedule import write_keys
from recorder.protocol.tls_suites import SUITES
from tests.recorder.protocol import tls_talk


def line(number: int) -> str:
    return f"{MASTER} {number:064x} {number:096x}\n"


def random(number: int) -> bytes:
    return number.to_bytes(32, "big")


def test_a_log_is_read_on_when_it_grows(tmp_path: Path) -> None:
    log = tmp_path / "keys"
    log.write_text(line(1))
    keys = tls_keys(log, ())
    assert keys is not None
    assert keys.secret(random(1), MASTER) == (1).to_bytes(48, "big")
    assert keys.secret(random(2), MASTER) is None
    with log.open("a") as file:
        file.write(line(2)[:50])
    assert keys.secret(random(2), MASTER) is None
    with log.open("a") as file:
        file.write(line(2)[50:])
    assert keys.secret(random(2), MASTER) == (2).to_bytes(48, "big")


def test_only_what_is_new_is_read(tmp_path: Path) -> None:
    log = tmp_path / "keys"
    log.write_text(line(1) * 10_000)
    file = KeyLogFile(log)
    pieces = list(iter(file.more, b""))
    assert b"".join(pieces) == log.read_bytes()
    assert max(map(len, pieces)) < log.stat().st_size
    with log.open("a") as more:
        more.write(line(2))
    assert file.more() == line(2).encode()
    assert file.more() == b""


def test_of_a_long_log_only_the_end_is_read(tmp_path: Path) -> None:
    log = tmp_path / "keys"
    log.write_text("".join(map(line, range(1000))))
    file = KeyLogFile(log, tail=len(line(0)) * 10 + 50)
    keys = TlsKeys(file.more)
    known = [number for number in range(1000) if keys.secret(random(number), MASTER)]
    assert known == list(range(990, 1000))
    with log.open("a") as more:
        more.write(line(1000))
    assert keys.secret(random(1000), MASTER)


@pytest.mark.parametrize("is_emptied", [True, False])
def test_a_log_that_is_rotated_is_read_from_its_start(tmp_path: Path, is_emptied: bool) -> None:
    log = tmp_path / "keys"
    log.write_text(line(1) * 3 + "CLIENT_RAN")
    keys = tls_keys(log, ())
    assert keys is not None
    assert keys.secret(random(1), MASTER)
    if not is_emptied:
        log.rename(tmp_path / "keys.1")
        assert keys.secret(random(2), MASTER) is None
    log.write_text(line(2))
    assert keys.secret(random(2), MASTER)
    assert keys.secret(random(1), MASTER)


def test_a_log_that_is_not_there_is_told_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match=r"key log .*keys cannot be read: No such file.* touch it"):
        tls_keys(tmp_path / "keys", ())


def test_keys_of_servers_are_read_or_refused_with_the_reason(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    file.write_bytes(tls_talk.pem("rsa"))
    assert rsa_key(file).key_size == 2048
    for content, reason in [
        (tls_talk.pem("rsa", b"secret"), "protected by a password"),
        (tls_talk.pem("ec"), "is not RSA"),
        (b"nothing", "holds no private key"),
        (tls_talk.certificate("rsa"), "holds no private key"),
    ]:
        file.write_bytes(content)
        with pytest.raises(KeyFileError, match=reason):
            rsa_key(file)
    with pytest.raises(KeyFileError, match="cannot be read: No such file"):
        rsa_key(tmp_path / "missing")


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    log = tmp_path / "keys"
    log.write_text(line(0xABCDEF))
    keys = tls_keys(log, ())
    assert keys is not None
    master = keys.secret(random(0xABCDEF), MASTER)
    assert master is not None
    hello = (
        ClientHello(0x0303, random(0xABCDEF), b"", b""),
        ServerHello(0x0303, bytes(32), b"", 0x9C, 0, False, False),
    )
    exchange = Exchange(keys, *hello)
    assert exchange.openers()
    shown = repr([keys, exchange, *write_keys(master, *hello, SUITES[0x9C]), exchange.traffic(True)])
    assert "abcdef" not in shown
    assert repr(master)[2:-1] not in shown


def test_without_files_there_are_no_keys() -> None:
    assert tls_keys(None, ()) is None
