"""A dialog from its INVITE to its end, as the messages tell it."""

import pytest

from recorder.assembly.dialog import Dialog
from recorder.assembly.referral import Referral
from recorder.protocol.address import pack
from recorder.protocol.sip import SipMessage
from storage.model import CallState, Side
from tests.recorder.assembly.messages import CALLED, CALLER, Talk, sdp

TALK = Talk()


def follow(*messages: SipMessage) -> tuple[Dialog, list[str]]:
    """The dialog after the messages, one a second, and what happened."""
    dialog = Dialog.begun_by(messages[0], 0, CALLER, CALLED)
    assert dialog is not None
    happened = [one.kind for now, message in enumerate(messages) for one in dialog.handle(message, now)]
    return dialog, happened


ANSWERED = (TALK.request(), TALK.response(180), TALK.response(200), TALK.request("ACK", to_tag="b"))


def test_an_answered_call_rings_is_answered_and_ends_by_whoever_hangs_up() -> None:
    dialog, happened = follow(*ANSWERED, TALK.request("BYE", to_tag="b", from_called=True))
    assert happened == ["ringing", "answered", "bye"]
    assert (dialog.ringing, dialog.answered, dialog.ended) == (1, 2, 4)
    assert dialog.state is CallState.ANSWERED
    assert (dialog.from_number, dialog.from_name, dialog.to_number) == ("8001", "Ann", "8002")


def test_repeated_messages_change_nothing() -> None:
    once, _ = follow(*ANSWERED)
    twice, happened = follow(*(message for message in ANSWERED for _ in range(2)))
    assert happened == ["ringing", "answered"]
    assert once.state == twice.state


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (486, CallState.BUSY),
        (600, CallState.BUSY),
        (480, CallState.MISSED),
        (408, CallState.MISSED),
        (404, CallState.FAILED),
        (503, CallState.FAILED),
        (603, CallState.FAILED),
    ],
)
def test_a_final_answer_says_why_there_was_no_call(status: int, state: CallState) -> None:
    dialog, _ = follow(TALK.request(), TALK.response(180), TALK.response(status))
    assert (dialog.state, dialog.cause, dialog.ended) == (state, status, 2)


def test_a_caller_who_gives_up_cancels() -> None:
    dialog, happened = follow(TALK.request(), TALK.response(180), TALK.request("CANCEL"), TALK.response(487))
    assert dialog.state is CallState.CANCELLED
    assert happened == ["ringing", "cancelled", "rejected"]


def test_a_challenge_is_not_the_end() -> None:
    dialog, happened = follow(TALK.request(), TALK.response(407), TALK.request(), TALK.response(200))
    assert dialog.state is CallState.ANSWERED
    assert happened == ["answered"]


def test_an_error_to_a_re_invite_does_not_end_the_call() -> None:
    dialog, _ = follow(*ANSWERED, TALK.request(to_tag="b"), TALK.response(491))
    assert dialog.ended == 0


@pytest.mark.parametrize("line", ["a=sendonly", "a=inactive"])
def test_hold_and_resume_belong_to_the_side_that_asked(line: str) -> None:
    hold = TALK.request(body=sdp("192.0.2.1", 4000, line), to_tag="b")
    answer = TALK.response(200, sdp("192.0.2.2", 5000, "a=recvonly"))
    resume = TALK.request(body=sdp(), to_tag="b")
    dialog, happened = follow(*ANSWERED, hold, answer)
    assert happened[-1] == "hold"
    assert dialog.held == {Side.A}
    dialog, happened = follow(*ANSWERED, hold, answer, resume)
    assert happened[-2:] == ["hold", "resume"]
    assert dialog.held == frozenset()


def test_hold_the_old_way_is_no_place_to_send_media_to() -> None:
    dialog, happened = follow(*ANSWERED, TALK.request(body=sdp("0.0.0.0", 4000), to_tag="b"))
    assert happened[-1] == "hold"
    assert dialog.ends == []


def test_offer_and_answer_say_where_each_side_receives() -> None:
    dialog, _ = follow(TALK.request(body=sdp()), TALK.response(200, sdp("192.0.2.2", 5000)))
    assert [(end.side, end.address, end.port) for end in dialog.ends] == [
        (Side.A, pack("192.0.2.1"), 4000),
        (Side.B, pack("192.0.2.2"), 5000),
    ]


def test_a_late_offer_comes_with_the_answer_and_is_answered_by_the_ack() -> None:
    dialog, _ = follow(
        TALK.request(),
        TALK.response(200, sdp("192.0.2.2", 5000)),
        TALK.request("ACK", sdp(), to_tag="b"),
    )
    assert [end.side for end in dialog.ends] == [Side.B, Side.A]


def test_encrypted_media_is_never_taken_for_clear() -> None:
    dialog, _ = follow(TALK.request(body=sdp(protocol="RTP/SAVP 0")))
    assert dialog.ends[0].formats[0].encoding == "SRTP/PCMU"


def test_a_body_that_is_no_sdp_is_noted_and_nothing_else() -> None:
    dialog, happened = follow(TALK.request(body=b"\xff\xfe nothing"))
    assert happened == ["bad-sdp"]
    assert dialog.ends == []


def test_an_anonymous_caller_is_who_the_network_says() -> None:
    hidden = Talk(caller='"Anonymous" <sip:anonymous@anonymous.invalid>;tag=a')
    dialog, _ = follow(hidden.request(P_Asserted_Identity='"Ann" <sip:+4930123@test>'))
    assert (dialog.from_number, dialog.from_name) == ("+4930123", "Ann")


def test_a_dialog_seen_from_its_answer_on_is_followed_all_the_same() -> None:
    dialog = Dialog.begun_by(TALK.response(200), 5, CALLED, CALLER)
    assert dialog is not None
    assert (dialog.source, dialog.from_number) == (CALLER, "8001")


@pytest.mark.parametrize(
    "message",
    [TALK.request("BYE"), TALK.request("OPTIONS"), TALK.response(486), TALK.response(200, method="BYE")],
)
def test_other_messages_begin_nothing(message: SipMessage) -> None:
    assert Dialog.begun_by(message, 0, CALLER, CALLED) is None


def test_what_people_are_called_can_be_stored_whatever_bytes_came() -> None:
    strange = SipMessage.parse(
        b'INVITE sip:1@t SIP/2.0\r\nFrom: "\xff\x07J\xc3\xbcrg" <sip:1;x=y@t>;tag=a\r\nTo: <sip:2@t>\r\n'
        b"Call-ID: \xfe\r\nCSeq: 1 INVITE\r\n\r\n"
    )
    dialog, _ = follow(strange)
    (dialog.from_name + dialog.call_id).encode()
    assert dialog.from_name.endswith("Jürg")
    assert dialog.from_number == "1"


def info(number: int, key: str, from_called: bool = False) -> SipMessage:
    body = f"Signal={key}\r\nDuration=160\r\n".encode()
    request = TALK.request("INFO", to_tag="b", from_called=from_called)
    fields = [(name, f"{number} INFO" if name == "CSeq" else value) for name, value in request.fields[:-1]]
    return SipMessage.request(
        "INFO", "sip:8002@test", [*fields, ("Content-Type", "application/dtmf-relay")], body
    )


def test_keys_in_signalling_are_told_once_however_often_they_are_sent() -> None:
    keys = [info(2, "1"), info(2, "1"), info(3, "1"), info(2, "5", from_called=True), info(4, "hf")]
    dialog, _ = follow(*ANSWERED)
    found = [(one.side, one.detail["digit"]) for message in keys for one in dialog.handle(message, 9)]
    assert found == [(Side.A, "1"), (Side.A, "1"), (Side.B, "5")]


def forked(branch: str, who: str = "8002") -> SipMessage:
    """The INVITE on one branch."""
    fields = TALK.request(Via=f"SIP/2.0/UDP 192.0.2.9;branch={branch}").fields
    return SipMessage(f"INVITE sip:{who}@test SIP/2.0", fields)


def via(branch: str) -> dict[str, str]:
    return {"Via": f"SIP/2.0/UDP 192.0.2.9;branch={branch}"}


def test_a_fork_rings_until_every_branch_has_refused() -> None:
    begin = (forked("own"), forked("one", "8011"), forked("two", "8012"))
    dialog, _ = follow(*begin, TALK.response(486, **via("one")))
    assert dialog.ended == 0
    dialog, _ = follow(
        *begin,
        TALK.response(486, **via("one")),
        TALK.response(480, **via("two")),
        TALK.response(480, **via("own")),
    )
    assert (dialog.ended, dialog.cause) == (5, 480)


def test_the_phone_that_takes_a_fork_is_the_one_reached() -> None:
    dialog, happened = follow(
        forked("own"),
        forked("one", "8011"),
        forked("two", "8012"),
        TALK.response(200, **via("two")),
        TALK.request("CANCEL", **via("one")),
        TALK.response(487, **via("one")),
    )
    assert (dialog.state, dialog.reached, dialog.ended) == (CallState.ANSWERED, "8012", 0)
    assert happened == ["answered"]


def test_a_hunt_goes_on_although_the_first_phone_was_cancelled() -> None:
    dialog, happened = follow(
        forked("own"),
        forked("one", "8011"),
        TALK.request("CANCEL", **via("one")),
        forked("two", "8012"),
        TALK.response(487, **via("one")),
        TALK.response(200, **via("two")),
    )
    assert (dialog.state, dialog.reached, dialog.ended) == (CallState.ANSWERED, "8012", 0)
    assert happened == ["answered"]


def test_a_hunt_seen_behind_the_proxy_alone_goes_on_too() -> None:
    dialog, _ = follow(
        forked("one", "8011"), TALK.response(480, **via("one")), forked("two", "8012"), TALK.response(180)
    )
    assert (dialog.ended, dialog.cause) == (0, 0)


def test_the_second_phone_to_answer_a_fork_is_sent_away_without_ending_the_call() -> None:
    late = SipMessage(
        "SIP/2.0 200 OK",
        tuple((name, value.replace("tag=b", "tag=c")) for name, value in TALK.response(200).fields),
    )
    begin = (*ANSWERED, late, TALK.request("BYE", to_tag="c"))
    dialog, happened = follow(*begin)
    assert (dialog.ended, happened) == (0, ["ringing", "answered"])
    dialog, _ = follow(*begin, TALK.request("BYE", to_tag="b"))
    assert dialog.ended == 6


@pytest.mark.parametrize("method", ["PRACK", "UPDATE"])
def test_media_may_be_agreed_on_before_the_answer(method: str) -> None:
    dialog, _ = follow(
        TALK.request(body=sdp()),
        TALK.response(183, sdp("192.0.2.2", 5000)),
        TALK.request(method, sdp("192.0.2.1", 4002), to_tag="b"),
        TALK.response(200, sdp("192.0.2.2", 5002), method=method),
    )
    assert dialog.answered == 0
    assert [end.port for end in dialog.ends] == [4000, 5000, 4002, 5002]


def test_a_session_that_is_refreshed_goes_on_as_it_was() -> None:
    refresh = (TALK.request(body=sdp(), to_tag="b"), TALK.response(422), TALK.request("UPDATE", to_tag="b"))
    dialog, happened = follow(*ANSWERED, *refresh, TALK.response(200, method="UPDATE"))
    assert (dialog.ended, happened) == (0, ["ringing", "answered"])


def test_a_transfer_that_fails_is_told() -> None:
    refer = TALK.request("REFER", to_tag="b", Refer_To="<sip:8003@test?Replaces=two%40test%3Bto-tag%3Dx>")
    fields = [*TALK.request("NOTIFY", to_tag="b").fields, ("Content-Type", "message/sipfrag")]
    failed = SipMessage("NOTIFY sip:8001@test SIP/2.0", tuple(fields), b"SIP/2.0 486 Busy Here\r\n")
    dialog, happened = follow(*ANSWERED, refer)
    assert (dialog.referral, happened[-1]) == (
        Referral("8003", Side.A, is_attended=True, replaces="two@test"),
        "transfer",
    )
    dialog, happened = follow(*ANSWERED, refer, failed)
    assert (dialog.referral, happened[-1]) == (None, "transfer-failed")


def test_a_side_that_is_a_conference_says_so_once() -> None:
    focus = {"Contact": "<sip:600@test>;isfocus"}
    dialog, happened = follow(TALK.request(), TALK.response(180, **focus), TALK.response(200, **focus))
    assert dialog.focus
    assert happened == ["ringing", "conference", "answered"]
