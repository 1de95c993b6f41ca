"""H.225.0 and H.245 against another implementation of PER, and Q.931 by its tables."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.protocol import address, h225, h245, h245_control, per
from recorder.protocol.errors import PerError, Q931Error
from recorder.protocol.h245_control import ChannelOpened, KeysPressed
from recorder.protocol.q931 import SETUP, Q931Message
from tests.recorder.protocol.h323_samples import ANSWER, CHANNELS, CONTROL, MESSAGES, OFFER
from tests.recorder.protocol.per_writer import written

CALL = "00112233445566778899aabbccddeeff"
CALLER, CALLED = (address.pack("192.0.2.61"), 5000), (address.pack("192.0.2.62"), 6000)


@pytest.mark.parametrize("name", [name for name in MESSAGES if name != "empty"])
def test_every_message_names_its_call(name: str) -> None:
    found = h225.parse(MESSAGES[name])
    assert found.kind == name.split(maxsplit=1)[0]
    assert found.call == CALL


def test_a_setup_tells_who_calls_whom_and_offers_channels() -> None:
    found = h225.parse(MESSAGES["setup"])
    assert (found.source, found.destination) == (("Anna", "8001"), ("8002",))
    assert (h225.number(found.source), h225.name(found.source)) == ("8001", "Anna")
    assert found.fast_start == tuple(OFFER)
    full = h225.parse(MESSAGES["setup with everything"])
    assert full.source == ("h323:anna@example.net", "*12#")
    assert full.fast_start == tuple(OFFER)


@pytest.mark.parametrize("name", ["alerting with channels", "progress", "connect", "facility"])
def test_any_answer_may_choose_channels(name: str) -> None:
    assert h225.parse(MESSAGES[name]).fast_start == tuple(ANSWER)


def test_a_facility_tells_where_to_a_call_goes() -> None:
    found = h225.parse(MESSAGES["facility"])
    assert (found.reason, found.forwarded) == ("callForwarded", ("8009",))


def test_a_release_tells_why() -> None:
    body = {
        "protocolIdentifier": bytes.fromhex("0008914a0007"),
        "reason": ("inConf", None),
        "callIdentifier": {"guid": bytes.fromhex(CALL)},
    }
    content = written(
        h225.USER_INFORMATION, {"h323-uu-pdu": {"h323-message-body": ("releaseComplete", body)}}
    )
    found = h225.parse(content)
    assert (found.kind, found.reason, found.call) == ("releaseComplete", "inConf", CALL)


def test_a_gateway_says_what_it_can_do_before_it_says_whom_it_calls() -> None:
    gateway = {
        "vendor": {"vendor": {"t35CountryCode": 181, "t35Extension": 0, "manufacturerCode": 18}},
        "gateway": {"protocol": [("voice", {}), ("h323", {})]},
        "mc": False,
        "undefinedNode": False,
    }
    setup = {
        "protocolIdentifier": bytes.fromhex("0008914a0004"),
        "sourceInfo": gateway,
        "destinationAddress": [("dialedDigits", "8002")],
        "activeMC": False,
        "conferenceID": bytes(16),
        "conferenceGoal": ("create", None),
        "callServices": {
            **{f"q{number}Full": True for number in (932, 951, 952, 953, 955, 956, 957)},
            "q954Info": {"conferenceCalling": True, "threePartyService": False},
        },
        "callType": ("pointToPoint", None),
        "callIdentifier": {"guid": bytes.fromhex(CALL)},
        "fastStart": OFFER,
    }
    content = written(h225.USER_INFORMATION, {"h323-uu-pdu": {"h323-message-body": ("setup", setup)}})
    found = h225.parse(content)
    assert (found.call, found.destination, found.fast_start) == (CALL, ("8002",), tuple(OFFER))


def test_an_offer_names_where_the_caller_receives() -> None:
    channels = [h245.logical_channel(one) for one in OFFER]
    assert [(one.is_forward, one.codec) for one in channels if one] == [
        (True, "g711Alaw64k"),
        (True, "g711Ulaw64k"),
        (False, "g711Alaw64k"),
        (False, "g711Ulaw64k"),
    ]
    assert [(one.address, one.port) for one in channels if one] == [((0, 0), 0)] * 2 + [CALLER] * 2
    assert {one.control for one in channels if one} == {(CALLER[0], 5001)}


def test_an_answer_names_where_both_receive() -> None:
    forward, reverse = (h245.logical_channel(one) for one in ANSWER)
    assert forward is not None
    assert reverse is not None
    assert (forward.address, forward.port) == CALLED
    assert (reverse.address, reverse.port) == CALLER
    assert forward.formats[0].encoding == "PCMU"


@pytest.mark.parametrize(
    ("name", "codec", "kinds", "place"),
    [
        ("g729", "g729AnnexAwAnnexB", [18], CALLED),
        ("g7231", "g7231", [4], CALLED),
        ("full", "g722-64k", [9], CALLED),
        ("ipv6 gsm", "gsmFullRate", [3], (address.pack("2001:db8::7"), 24_000)),
    ],
)
def test_codecs_and_addresses(
    name: str, codec: str, kinds: list[int], place: tuple[address.Words, int]
) -> None:
    found = h245.logical_channel(CHANNELS[name])
    assert found is not None
    assert (found.codec, list(found.formats), (found.address, found.port)) == (codec, kinds, place)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ack of the caller", ChannelOpened(*CALLER)),
        ("ack of the called", ChannelOpened(*CALLED)),
        ("ack of video", None),
        ("keys", KeysPressed("4#")),
        ("signal", KeysPressed("7")),
    ],
)
def test_messages_in_the_tunnel(name: str, expected: object) -> None:
    assert h245_control.message(CONTROL[name]) == expected


@pytest.mark.parametrize("name", ["reject", "request", "end"])
def test_other_messages_in_the_tunnel_are_not_read(name: str) -> None:
    with pytest.raises(PerError):
        h245_control.message(CONTROL[name])


def test_the_tunnel_carries_several_messages() -> None:
    found = h225.parse(MESSAGES["facility of the called"])
    assert found.control == tuple(CONTROL[name] for name in ("ack of the called", "ack of video", "request"))


def test_video_is_not_read() -> None:
    with pytest.raises(PerError, match=r"^videoData is not read$"):
        h245.logical_channel(CHANNELS["video"])


@pytest.mark.parametrize("name", MESSAGES)
def test_what_is_cut_is_refused(name: str) -> None:
    content = MESSAGES[name]
    for end in range(len(content)):
        with contextlib.suppress(PerError):
            h225.parse(content[:end])


@given(st.binary(max_size=200), st.sampled_from([*MESSAGES.values()]), st.integers(0, 300))
def test_any_bytes_are_read_or_refused(data: bytes, sample: bytes, at: int) -> None:
    for content in (data, sample[:at] + data, sample[:at] + data + sample[at + len(data) :]):
        with contextlib.suppress(PerError):
            for element in h225.parse(content).fast_start:
                with contextlib.suppress(PerError):
                    h245.logical_channel(element)
        for read in (h245.logical_channel, h245_control.message):
            with contextlib.suppress(PerError):
                read(content)


texts = st.dictionaries(st.sampled_from(["a", "c", "e"]), st.binary(max_size=200))


@given(texts, st.integers(0, 300), st.integers(0, 255), st.lists(st.booleans(), max_size=9))
def test_what_is_written_is_read(values: dict[str, bytes], word: int, byte: int, flags: list[bool]) -> None:
    kind = per.sequence(
        per.optional("a", per.OctetString()),
        per.Component("b", per.Integer(0, 300)),
        per.optional("c", per.OctetString()),
        per.Component("d", per.SequenceOf(per.Boolean())),
        extensions=(None, per.Component("e", per.OctetString()), per.Component("f", per.Integer(0, 255))),
    )
    value = {**values, "b": word, "d": flags, "f": byte}
    assert kind.read(per.Bits(written(kind, value))) == value


def ie(kind: int, content: bytes) -> bytes:
    return bytes([kind, len(content)]) + content


def test_a_setup_of_q931() -> None:
    content = (
        bytes.fromhex("0802 1234 05")
        + bytes.fromhex("0403 8090a3")
        + ie(0x28, b"Anna")
        + ie(0x6C, b"\x01\x80" + b"8001")
        + bytes([0xA1])
        + ie(0x70, b"\x81" + b"8002")
        + b"\x7e\x00\x04\x05abc"
    )
    found = Q931Message.parse(content)
    assert found == Q931Message(SETUP, 0x1234, True, "8001", "8002", "Anna", user=b"abc")


@pytest.mark.parametrize(
    ("element", "calling", "is_restricted"),
    [
        (b"\x81" + b"5551", "5551", False),
        (b"\x01\xa0" + b"5551", "5551", True),
        (b"\x21\x83" + b"5551", "5551", False),
        (b"\x81", "", False),
        (b"", "", False),
    ],
)
def test_the_number_of_the_caller(element: bytes, calling: str, is_restricted: bool) -> None:
    found = Q931Message.parse(bytes.fromhex("0802000105") + ie(0x6C, element))
    assert (found.calling, found.is_restricted) == (calling, is_restricted)


@pytest.mark.parametrize(
    ("element", "cause"), [(b"\x80\x91", 17), (b"\x00\x80\x90", 16), (b"\x80", 0), (b"\0\0", 0)]
)
def test_causes(element: bytes, cause: int) -> None:
    found = Q931Message.parse(bytes.fromhex("080280015a") + ie(0x08, element))
    assert (found.cause, found.is_from_caller, found.reference) == (cause, False, 1)


def test_elements_of_other_code_sets_are_passed_over() -> None:
    head = bytes.fromhex("0802000105")
    shifted = head + b"\x9d" + ie(0x70, b"\x81999") + ie(0x70, b"\x818002") + b"\x95" + ie(0x28, b"no")
    found = Q931Message.parse(shifted)
    assert (found.called, found.display) == ("8002", "")


def test_a_cut_element_ends_a_message() -> None:
    found = Q931Message.parse(bytes.fromhex("0802000105") + ie(0x70, b"\x818002") + b"\x28\x09Ann")
    assert (found.called, found.display) == ("8002", "")


@pytest.mark.parametrize("content", [b"", b"\x08", b"\x08\x00\x05", b"\x09\x02\0\1\5", b"\x08\x02\0\1"])
def test_what_is_no_message_is_refused(content: bytes) -> None:
    with pytest.raises(Q931Error):
        Q931Message.parse(content)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_message_or_none(data: bytes) -> None:
    for content in (data, b"\x08\x02\0\1\5" + data):
        with contextlib.suppress(Q931Error):
            Q931Message.parse(content)
