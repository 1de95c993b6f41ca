"""Master keys that a key management service keeps closed: moto's, over HTTP."""

import base64
from pathlib import Path

import pytest

from storage.encryption.kms import new_encrypted
from storage.encryption.masterkey import load_master
from storage.errors import KeyUnusable
from tests.s3 import Server


@pytest.fixture
def service(s3_server: Server, monkeypatch: pytest.MonkeyPatch) -> str:
    """The id of a key of the service, to which the environment leads."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", s3_server.endpoint)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    found: str = s3_server.client("kms").create_key()["KeyMetadata"]["KeyId"]
    return found


def test_made_closed_and_opened_again(service: str, tmp_path: Path) -> None:
    path = tmp_path / "master.kms"
    path.write_text(new_encrypted(service))
    assert load_master(f"kms:{path}").id == load_master(f"kms:{path}").id
    other = tmp_path / "other.kms"
    other.write_text(new_encrypted(service))
    assert load_master(f"kms:{other}").id != load_master(f"kms:{path}").id


def test_what_the_service_does_not_open_is_said(service: str, tmp_path: Path) -> None:
    path = tmp_path / "master.kms"
    closed = bytearray(base64.b64decode(new_encrypted(service)))
    closed[-1] ^= 1
    path.write_text(base64.b64encode(closed).decode())
    with pytest.raises(KeyUnusable, match="does not open"):
        load_master(f"kms:{path}")
    with pytest.raises(KeyUnusable, match="does not open no-such-key"):
        new_encrypted("no-such-key")


def test_a_service_that_is_not_there_is_said(
    service: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "master.kms"
    path.write_text(new_encrypted(service))
    monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", "http://127.0.0.1:1")
    with pytest.raises(KeyUnusable, match="does not open"):
        load_master(f"kms:{path}")
