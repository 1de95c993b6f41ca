"""Keys as somebody writes them down."""

import base64

import pytest

from recorder.errors import BadKey
from recorder.finish.supplied import SuppliedKey, supplied
from recorder.media import SrtpKey
from storage.model import Side
from tests.recorder.finish.sealed import key

AES = key()
GCM = key("AEAD_AES_256_GCM", seed=3)
SECRET = base64.b64decode(AES.secret)


def test_a_key_for_a_side():
    (found,) = supplied([f"B:{AES.suite}:{AES.secret}"])
    assert found == SuppliedKey((Side.B,), AES)


@pytest.mark.parametrize(
    "line",
    [
        f"a:{AES.suite.lower()}:{AES.secret}",
        f" A : {AES.suite} : {SECRET.hex()} ",
        f"A:{AES.suite}:{SECRET.hex().upper()}",
        f"A:SRTP_AES128_CM_HMAC_SHA1_80:{AES.secret.rstrip('=')}",
        f"A:{AES.suite}:{AES.secret}:0",
    ],
)
def test_all_ways_of_writing_it(line):
    assert supplied([line]) == (SuppliedKey((Side.A,), AES),)


def test_the_mki_and_both_sides():
    (found,) = supplied([f"*:{AES.suite}:{AES.secret}:4"])
    assert found == SuppliedKey((Side.A, Side.B), SrtpKey(AES.suite, AES.secret, 4))


def test_what_dtls_exports_is_two_keys():
    """RFC 5764, 4.2: both keys, then both salts."""
    other = base64.b64decode(key(seed=7).secret)
    exported = SECRET[:16] + other[:16] + SECRET[16:] + other[16:]
    found = supplied([f"*:{AES.suite}:{exported.hex()}"])
    assert [one.key for one in found] == [AES, key(seed=7)]


def test_lines_that_say_nothing_are_passed_over_and_keys_are_not_doubled():
    lines = ["# from the phone", "", f"B:{GCM.suite}:{GCM.secret}\n", f"B:{GCM.suite}:{GCM.secret}"]
    assert supplied(lines) == (SuppliedKey((Side.B,), GCM),)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("B", "key 1 is not SIDE:SUITE:SECRET"),
        (f"C:{AES.suite}:{AES.secret}", "for no side"),
        (f"B:AES_CM_512:{AES.secret}", "of no known suite; known are AES_CM_128_HMAC_SHA1_80,"),
        (f"B:{AES.suite}:{AES.secret[:-4]}", "30 bytes"),
        (f"B:{AES.suite}:{'é' * 40}", "30 bytes"),
        (f"B:{AES.suite}:{AES.secret}:129", "0 to 128 bytes"),
        (f"B:{AES.suite}:{AES.secret}:-1", "0 to 128 bytes"),
        (f"B:{AES.suite}:{AES.secret}:1:1", "is not SIDE:SUITE:SECRET"),
    ],
)
def test_what_is_no_key_is_told_without_showing_it(line, says):
    with pytest.raises(BadKey) as caught:
        supplied([line])
    assert says in str(caught.value)
    assert AES.secret[:8] not in str(caught.value)
