"""The signing key and its file."""

import stat
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from storage.errors import KeyUnusable
from storage.seals.keys import public_key, seal_key, write_secret


def test_is_made_once_and_closed_to_others(tmp_path):
    path = tmp_path / "keys" / "seal.pem"
    key = seal_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again = seal_key(path)
    assert again.chain == key.chain
    assert again.sign(b"x") == key.sign(b"x")
    assert sorted(file.name for file in path.parent.iterdir()) == ["seal.pem", "seal.pub"]


def test_the_public_key_checks(tmp_path):
    key = seal_key(tmp_path / "seal.pem")
    public = public_key((tmp_path / "seal.pub").read_bytes(), "here")
    assert public.id == key.chain
    assert public.signed(b"data", key.sign(b"data"))
    assert not public.signed(b"other", key.sign(b"data"))
    assert not public.signed(b"data", b"short")


def test_made_by_several_at_once_it_is_one(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        chains = list(pool.map(lambda _: seal_key(tmp_path / "seal.pem").chain, range(8)))
    assert len(set(chains)) == 1


def test_what_is_no_such_key_is_said(tmp_path):
    other = X25519PrivateKey.generate()
    (tmp_path / "bad.pem").write_text("nonsense")
    (tmp_path / "other.pem").write_bytes(
        other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    for name, reason in (("bad.pem", "cannot be read"), ("other.pem", "not Ed25519")):
        with pytest.raises(KeyUnusable, match=reason):
            seal_key(tmp_path / name)
    with pytest.raises(KeyUnusable, match="no public key"):
        public_key(b"nonsense", "here")
    with pytest.raises(KeyUnusable, match="not Ed25519"):
        public_key(other.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), "here")


def test_a_place_that_takes_no_key_is_named_and_not_the_temporary_file(tmp_path):
    with pytest.raises(KeyUnusable) as missing:
        write_secret(tmp_path / "nosuch" / "deep" / "k", b"secret")
    folder = tmp_path / "nosuch" / "deep"
    assert str(missing.value) == (
        f"There is no folder {folder} to put the key in. Make it first: mkdir -p -m 700 {folder}"
    )
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(KeyUnusable) as refused:
        write_secret(tmp_path / "file" / "k", b"secret")
    assert str(refused.value) == (
        f"The key cannot be written to {tmp_path / 'file' / 'k'}: Not a directory. "
        "Choose a folder that you may write to."
    )
    assert [each.name for each in tmp_path.iterdir()] == ["file"]
