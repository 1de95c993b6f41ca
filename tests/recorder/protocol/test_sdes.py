"""Keys in ``a=crypto``: RFC 4568 and those that came after it."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.media import SrtpKey
from recorder.protocol.errors import SdesError
from recorder.protocol.sdes import MOST_KEYS, SUITES, Crypto, offered

SECRET = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz"
"""The key of the examples in RFC 4568, 9.1 and 4.1."""
NAME = "AES_CM_128_HMAC_SHA1_80"


def secret(suite: str) -> str:
    lengths = SUITES[suite]
    return base64.b64encode(bytes(range(lengths.key + lengths.salt))).decode()


@pytest.mark.parametrize("suite", SUITES)
def test_every_suite(suite: str) -> None:
    crypto = Crypto.parse(f"7 {suite} inline:{secret(suite)}")
    assert crypto == Crypto(7, (SrtpKey(suite, secret(suite)),))


def test_lifetime_and_identifier_of_the_key() -> None:
    assert Crypto.parse(f"1 {NAME} inline:{SECRET}|2^20|1:4 FEC_ORDER=FEC_SRTP").keys[0].mki == 4
    assert Crypto.parse(f"1 {NAME} inline:{SECRET}|1:4").keys[0].mki == 4
    assert Crypto.parse(f"1 {NAME} inline:{SECRET}|1048576").keys[0].mki == 0


def test_several_keys_in_one_line() -> None:
    line = f"2 {NAME} inline:{SECRET}|2^20|1:4;inline:{secret(NAME)}|2^20|2:4"
    assert [key.secret for key in Crypto.parse(line).keys] == [SECRET, secret(NAME)]


def test_session_parameters_that_change_the_packets() -> None:
    (key,) = Crypto.parse(f"1 {NAME} inline:{SECRET} UNENCRYPTED_SRTP UNAUTHENTICATED_SRTP WSH=64").keys
    assert (key.is_encrypting, key.is_authenticating) == (False, False)
    (key,) = Crypto.parse(f"1 {NAME} inline:{SECRET} UNENCRYPTED_SRTCP").keys
    assert (key.is_encrypting, key.is_authenticating) == (True, True)


def test_names_and_base64_as_telephones_write_them() -> None:
    padded = secret("AES_256_CM_HMAC_SHA1_80")
    assert padded.endswith("=")
    crypto = Crypto.parse(f"1 AES_CM_256_HMAC_SHA1_80 inline:{padded.rstrip('=')}")
    assert crypto.keys == (SrtpKey("AES_256_CM_HMAC_SHA1_80", padded),)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "1",
        f"x {NAME} inline:{SECRET}",
        f"1 ROT13 inline:{SECRET}",
        f"1 {NAME} outline:{SECRET}",
        f"1 {NAME} inline:{SECRET[:-4]}",
        f"1 {NAME} inline:{SECRET[:-1]}§",
        f"1 {NAME} inline:{SECRET}|1:0",
        f"1 {NAME} inline:{SECRET}|x:4",
        f"1 {NAME} inline:{SECRET} KDR=3",
    ],
)
def test_what_gives_no_key_is_told_without_the_key(value: str) -> None:
    with pytest.raises(SdesError) as caught:
        Crypto.parse(value)
    assert SECRET[:8] not in str(caught.value)


@given(st.text() | st.from_regex(r"\A1 AES_CM_128_HMAC_SHA1_80 inline:[ -~]{0,60}\Z"))
def test_any_text_is_parsed_or_refused(value: str) -> None:
    try:
        Crypto.parse(value)
    except SdesError:
        assert offered([value]) == ()


def test_the_keys_of_a_medium_are_those_that_make_sense() -> None:
    values = [f"1 UNKNOWN inline:{SECRET}", f"2 {NAME} inline:{SECRET}", f"3 {NAME} inline:{SECRET}"]
    assert offered(values) == (SrtpKey(NAME, SECRET),)
    many = [f"1 {NAME} inline:{base64.b64encode(bytes([n]) * 30).decode()}" for n in range(100)]
    assert len(offered(many)) == MOST_KEYS


def test_a_key_is_not_shown() -> None:
    assert SECRET not in repr(SrtpKey(NAME, SECRET))
