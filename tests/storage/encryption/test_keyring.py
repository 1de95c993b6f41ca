"""Data keys: wrapped, opened by whoever may and by nobody else, found in the catalogue or on the medium."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as new_ec_key
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from storage.encryption.keyring import CatalogueKeyring, KeyMaker, KeyOpener, MediumKeyring
from storage.encryption.recipients import Passphrase, load_recipient, load_recipient_key
from storage.encryption.refusal import GIVEN
from storage.encryption.wrapping import read_document
from storage.errors import KeyUnusable, WrongKey
from storage.targets import MemoryTarget
from tests.storage.encryption.keys import a_keyring, a_master
from tests.storage.handoffs import a_call

CALL = a_call(1).id


def pair(folder: Path, name: str, key) -> tuple[Path, Path]:
    private, public = folder / f"{name}.pem", folder / f"{name}.pub"
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return private, public


def test_opened_by_each_who_may(tmp_path):
    rsa = pair(tmp_path, "rsa", generate_private_key(65537, 2048))
    curve = pair(tmp_path, "curve", X25519PrivateKey.generate())
    recipients = [load_recipient(public) for _, public in (rsa, curve)]
    made = KeyMaker(a_master(), recipients, Passphrase("correct horse", rounds=10)).new(CALL)
    document = read_document(made.row.document)
    assert [wrapping.kind for wrapping in document.wrappings] == [
        "master",
        "recipient",
        "recipient",
        "passphrase",
    ]
    for opener in (
        KeyOpener([a_master(7), a_master()]),
        KeyOpener(private_keys=[load_recipient_key(rsa[0])]),
        KeyOpener(private_keys=[load_recipient_key(curve[0])]),
        KeyOpener(passphrases=[Passphrase("wrong"), Passphrase("correct horse")]),
    ):
        assert opener.open(document) == made.data
    assert made.data.hex() not in made.row.document
    assert made.data.hex() not in repr(made)


def test_opened_by_nobody_else(tmp_path):
    other = pair(tmp_path, "other", X25519PrivateKey.generate())
    made = KeyMaker(a_master(), (), Passphrase("correct horse", rounds=10)).new(CALL)
    for opener in (
        KeyOpener(),
        KeyOpener([a_master(7)]),
        KeyOpener(private_keys=[load_recipient_key(other[0])]),
        KeyOpener(passphrases=[Passphrase("wrong")]),
    ):
        with pytest.raises(WrongKey, match=a_master().id):
            opener.open(read_document(made.row.document))


def test_who_could_open_it_and_how_to_give_a_key_is_said(tmp_path):
    maker = KeyMaker(a_master(), (), Passphrase("correct horse", rounds=10))
    document = read_document(maker.new(CALL).row.document)
    theirs = KeyOpener(passphrases=[Passphrase("wrong")], remedy=GIVEN)
    with pytest.raises(WrongKey) as told:
        theirs.open(document, "The list of calls on the medium box-7")
    assert str(told.value) == (
        f"The list of calls on the medium box-7 is encrypted for the master key {a_master().id} or a "
        "passphrase, and the keys given here (a passphrase) do not open it. Give the passphrase with "
        "--passphrase-file FILE, or the master key or the private key of a recipient with --key-file FILE."
    )
    with pytest.raises(WrongKey, match=rf"The call {CALL} .*given here \(none\).*encryption\.master_key"):
        KeyOpener().open(document)


@given(st.integers(0, 8 * 48 - 1))
def test_a_wrapped_key_that_was_altered_opens_nothing(bit):
    document = json.loads(KeyMaker(a_master()).new(CALL).row.document)
    import base64

    changed = bytearray(base64.b64decode(document["wrappings"][0]["key"]))
    changed[bit // 8] ^= 1 << bit % 8
    document["wrappings"][0]["key"] = base64.b64encode(changed).decode()
    with pytest.raises(WrongKey):
        KeyOpener([a_master()]).open(read_document(json.dumps(document)))


def test_the_key_of_one_call_is_not_that_of_another():
    document = read_document(KeyMaker(a_master()).new(CALL).row.document)
    with pytest.raises(WrongKey):
        KeyOpener([a_master()]).open(document.model_copy(update={"call": "another"}))


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": "earwitness key 2"}'])
def test_what_is_no_wrapped_key_is_said(text):
    with pytest.raises(KeyUnusable, match="no wrapped key"):
        read_document(text)


def test_recipients_that_cannot_be(tmp_path):
    weak = pair(tmp_path, "weak", generate_private_key(65537, 1024))
    other = pair(tmp_path, "ec", new_ec_key(SECP256R1()))
    (tmp_path / "none").write_text("nothing")
    for path, reason in ((weak[1], "fewer than 2048"), (other[1], "neither"), (tmp_path / "none", "read")):
        with pytest.raises(KeyUnusable, match=reason):
            load_recipient(path)
    for path, reason in ((other[0], "neither"), (tmp_path / "none", "read"), (tmp_path / "gone", "read")):
        with pytest.raises(KeyUnusable, match=reason):
            load_recipient_key(path)


def test_found_in_the_catalogue_then_on_the_medium(catalogue):
    medium = MemoryTarget()
    keyring = a_keyring(catalogue, medium=medium)
    made = keyring.new(CALL)
    name = f"2026/11/21/{CALL}"
    assert keyring.data_key(f"{name}.opus") is None
    medium.put(f"{name}.key", made.row.document.encode())
    for blob in (".opus", ".peaks.dat", "-0123abcd.opus"):
        assert keyring.data_key(name + blob) == made.data
    assert keyring.of_call(CALL) is None
    catalogue.calls.add_many([(a_call(1), ())], keys=[made.row])
    medium.delete(f"{name}.key")
    assert keyring.data_key(f"{name}.opus") == made.data
    assert keyring.of_call(CALL) == made
    assert keyring.data_key("snapshots/a") is None
    with pytest.raises(WrongKey):
        a_keyring(catalogue, 2).data_key(f"{name}.opus")
    assert CatalogueKeyring(catalogue, KeyOpener()).new("x") is None


def test_a_key_under_the_name_of_another_call_is_refused():
    medium = MemoryTarget()
    medium.put("2026/11/21/other.key", KeyMaker(a_master()).new(CALL).row.document.encode())
    with pytest.raises(KeyUnusable, match="is the key of the call"):
        MediumKeyring(medium, KeyOpener([a_master()])).data_key("2026/11/21/other.opus")


def test_others_wrap_with_a_master_key_that_is_not_here(catalogue):
    clock = [0.0]
    keyring = CatalogueKeyring(
        catalogue, KeyOpener([a_master()]), KeyMaker(a_master()), clock=lambda: clock[0]
    )
    made = keyring.new(CALL)
    catalogue.calls.add_many([(a_call(1), ())], keys=[made.row])
    assert not keyring.outdated()
    catalogue.keys.restore([KeyMaker(a_master(2)).wrap(made.data, CALL).row])
    clock[0] += 1
    assert f"{a_master(2).id}, and it has {a_master().id}. Restart it" in keyring.outdated()
    catalogue.keys.restore([made.row])
    clock[0] += 1
    assert not keyring.outdated()
