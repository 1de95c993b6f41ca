"""Master keys and where they come from."""

import base64

import pytest

from storage.encryption.masterkey import MasterKey, load_master, new_master_text
from storage.errors import KeyUnusable


def test_from_a_file_and_from_the_environment(tmp_path):
    text = new_master_text()
    (tmp_path / "master").write_text(text)
    from_file = load_master(f"file:{tmp_path}/master")
    from_environment = load_master("env:KEY", {"KEY": text})
    assert from_file.id == from_environment.id == MasterKey(base64.b64decode(text)).id
    assert from_file.wrapping == from_environment.wrapping
    assert len(from_file.id) == 16
    assert repr(from_file) == f"<MasterKey {from_file.id}>"
    assert load_master("env:KEY", {"KEY": new_master_text()}).id != from_file.id


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("file:/nowhere/master", "cannot be read: No such file"),
        ("env:MISSING", "which is not set"),
        ("env:SHORT", "32 bytes, not 3"),
        ("env:WORDS", "not base64"),
        ("http://key", "file:/path or env:NAME"),
        ("kms:/nowhere/master", "cannot be read"),
    ],
)
def test_what_is_wrong_is_said_without_the_secret(place, reason):
    environment = {"SHORT": base64.b64encode(b"abc").decode(), "WORDS": "not a key!"}
    with pytest.raises(KeyUnusable, match=reason) as raised:
        load_master(place, environment)
    assert "not a key!" not in str(raised.value)
