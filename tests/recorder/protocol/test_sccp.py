"""Messages of SCCP in the layouts of its versions."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.protocol import address, sccp
from recorder.protocol.errors import SccpError
from recorder.protocol.sccp_messages import (
    CallInfo,
    CallState,
    Cipher,
    Dialled,
    Hook,
    KeypadButton,
    MediaStopped,
    OpenReceiveChannel,
    OpenReceiveChannelAck,
    Register,
    SoftKey,
    StartMediaTransmission,
)
from tests.recorder.protocol import skinny

CALLER, CALLED = ("8001", "李明"), ("15551230001", "Zoë")
KEY, SALT = bytes(range(16)), bytes(range(14))
VERSIONS = [0, 3, 10, 11, 15, 16, 17, 18, 20, 22]


@pytest.mark.parametrize("version", VERSIONS)
def test_who_is_in_a_call_is_read_in_every_version(version: int) -> None:
    caller = CALLER if version >= 11 else ("8001", "Jose é")
    content = skinny.call_info(7, 2, caller, CALLED, version)
    assert sccp.parse(content) == CallInfo(7, 2, *caller, *CALLED)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("where", [("192.0.2.7", 16384), ("2001:db8::7", 24000)])
def test_where_media_goes_is_read_in_every_version(version: int, where: tuple[str, int]) -> None:
    if ":" in where[0] and version < 17:
        where = ("203.0.113.9", 5000)
    place = address.pack(where[0])
    start = sccp.parse(skinny.start_media(9, 5, where, 11, version=version))
    assert start == StartMediaTransmission(9, 5, place, where[1], 11, 0, 9, Cipher(), 101)
    ack = sccp.parse(skinny.receives(5, where, version=version))
    assert ack == OpenReceiveChannelAck(True, place, where[1], 5, 0)
    assert sccp.parse(skinny.receives(5, where, reference=9, version=version, status=2)) == (
        OpenReceiveChannelAck(False, place, where[1], 5, 9)
    )


@pytest.mark.parametrize("version", VERSIONS)
def test_a_channel_says_how_it_is_coded_and_encrypted(version: int) -> None:
    secret = skinny.cipher(2, KEY, SALT)
    content = skinny.open_receive(9, 5, 0x56, version=version, parameters=b"\0\x74\0\0", secret=secret)
    dynamic = 0x74 if version >= 11 else 0
    assert sccp.parse(content) == OpenReceiveChannel(9, 5, 0x56, dynamic, 9, Cipher(2, KEY, SALT), 101)


@pytest.mark.parametrize("version", [0, 17, 18, 22])
def test_the_small_messages(version: int) -> None:
    assert sccp.parse(skinny.dialled("0015551230001", 9, version)) == Dialled("0015551230001", 9)
    assert sccp.parse(skinny.state(5, 9, version)) == CallState(9, 5)
    assert sccp.parse(skinny.register("SEP001122334455")) == Register("SEP001122334455")
    assert sccp.parse(skinny.on_hook(9)) == Hook(False, 9)
    assert sccp.parse(skinny.off_hook()) == Hook(True, 0)
    assert sccp.parse(skinny.soft_key(9, 3)) == SoftKey(9, 3)
    assert sccp.parse(skinny.stop_media(9, 5)) == MediaStopped(9, 5, 9, True)
    assert sccp.parse(skinny.close_receive(9, 5)) == MediaStopped(9, 5, 9, False)


@pytest.mark.parametrize(("number", "key"), [(0, "0"), (9, "9"), (10, "A"), (14, "*"), (15, "#")])
def test_keys_have_their_numbers(number: int, key: str) -> None:
    assert sccp.parse(skinny.keypad(number, reference=9)) == KeypadButton(key, 9)


def test_old_messages_end_earlier() -> None:
    assert sccp.parse(skinny.message(0x06)) == Hook(True, 0)
    assert sccp.parse(skinny.message(0x03, skinny.numbers(4))) == KeypadButton("4", 0)
    assert sccp.parse(skinny.message(0x04, b"8001".ljust(24, b"\0"))) == Dialled("8001", 0)
    short = skinny.start_media(9, 5, ("192.0.2.7", 4000))[: 12 + 36]
    assert sccp.parse(short) == StartMediaTransmission(
        9, 5, address.pack("192.0.2.7"), 4000, 4, 0, 0, Cipher(), 0
    )


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"\4\0\0\0", "4 bytes are no SCCP message"),
        (skinny.message(0x100), "an SCCP message of kind 0x100 tells of no call"),
        (skinny.message(0x111, skinny.numbers(5, 1)), "an SCCP message ends after 8 bytes of fields"),
        (skinny.keypad(17), "no key has the number 17"),
    ],
)
def test_what_is_none_says_why(content: bytes, why: str) -> None:
    with pytest.raises(SccpError, match=f"^{why}$"):
        sccp.parse(content)


@given(st.sampled_from(sorted(sccp.KINDS)), st.binary(max_size=300), st.integers(0, 30))
def test_any_fields_are_read_or_refused(kind: int, fields: bytes, version: int) -> None:
    with contextlib.suppress(SccpError):
        sccp.parse(skinny.message(kind, fields, version))
