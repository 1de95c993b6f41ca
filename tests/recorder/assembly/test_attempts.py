"""Calls that are tried again in the same dialog, forked, refused, or seen in part."""

from dataclasses import replace

import pytest

from recorder.assembly.branches import MOST
from recorder.assembly.dialog import Dialog
from recorder.assembly.leg import Leg
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


def via(branch: str, number: int = 1, method: str = "INVITE") -> dict[str, str]:
    return {"Via": f"SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK{branch}", "CSeq": f"{number} {method}"}


def invite(branch: str, number: int = 1, to: str = "8002") -> SipMessage:
    return Talk(called=f"<sip:{to}@test>").request(body=sdp(), **via(branch, number))


def test_a_caller_who_gives_up_with_credentials_on_two_hops_has_cancelled() -> None:
    dialog, happened = follow(
        invite("first"),
        TALK.response(407, **via("first")),
        invite("own", 2),
        invite("hop", 2),
        TALK.request("CANCEL", **via("own", 2, "CANCEL")),
        TALK.request("CANCEL", **via("hop", 2, "CANCEL")),
        TALK.response(487, **via("hop", 2)),
        TALK.response(487, **via("own", 2)),
    )
    assert (dialog.state, happened[0]) == (CallState.CANCELLED, "cancelled")


FORK = (invite("one"), invite("two"))


def test_a_phone_that_is_busy_does_not_end_a_fork_of_which_the_caller_is_not_seen() -> None:
    dialog, _ = follow(*FORK, TALK.response(486, **via("one")))
    assert dialog.ended == 0
    dialog, _ = follow(*FORK, TALK.response(486, **via("one")), TALK.response(480, **via("two")))
    assert (dialog.ended, dialog.cause) == (3, 480)


def test_a_phone_that_is_cancelled_does_not_end_such_a_fork_but_all_of_them_do() -> None:
    cancel = {name: TALK.request("CANCEL", **via(name, 1, "CANCEL")) for name in ("one", "two")}
    dialog, _ = follow(*FORK, cancel["one"], TALK.response(487, **via("one")))
    assert (dialog.ended, dialog.cancelled) == (0, 0)
    dialog, _ = follow(*FORK, cancel["one"], cancel["two"])
    assert dialog.cancelled == 3


def test_what_a_proxy_says_itself_is_final_for_all_behind_it() -> None:
    behind = f"{via('two')['Via']}, {via('own')['Via']}"
    ringing = (invite("own"), TALK.request(Via=behind, CSeq="1 INVITE"))
    dialog, _ = follow(*ringing, TALK.response(408, **via("own")))
    assert (dialog.ended, dialog.cause) == (2, 408)
    dialog, _ = follow(*ringing, TALK.response(486, Via=behind, CSeq="1 INVITE"))
    assert dialog.ended == 0


@pytest.mark.parametrize("status", [302, 503])
def test_a_refusal_that_is_sent_again_does_not_end_the_next_attempt(status: int) -> None:
    begin = (invite("first"), TALK.response(status, **via("first")), invite("second", 2))
    dialog, _ = follow(*begin, TALK.response(status, **via("first")))
    assert (dialog.ended, dialog.cause) == (0, 0)
    dialog, _ = follow(*begin, TALK.response(status, **via("first")), TALK.response(486, **via("second", 2)))
    assert (dialog.ended, dialog.cause) == (4, 486)


def test_a_proxy_that_hunts_is_not_held_up_by_a_refusal_that_is_sent_again() -> None:
    refused = TALK.response(480, **via("one"))
    dialog, _ = follow(invite("one"), refused, invite("two"), refused, TALK.response(180, **via("two")))
    assert (dialog.ended, dialog.cause) == (0, 0)


@pytest.mark.parametrize("status", [302, 401, 407, 484])
def test_who_may_try_again_and_does_not_was_refused(status: int) -> None:
    dialog, _ = follow(invite("first"), TALK.response(status, **via("first")))
    assert (dialog.ended, dialog.refused) == (0, 1)
    leg = Leg("one", 0, dialog)
    leg.give_up()
    assert (leg.ended, dialog.ended, dialog.state, dialog.cause) == (1, 1, CallState.FAILED, status)


def test_digits_dialled_one_by_one_are_one_call_to_all_of_them() -> None:
    dialog, happened = follow(
        invite("a", 1, "80"),
        TALK.response(484, **via("a", 1)),
        invite("b", 2, "800"),
        TALK.response(484, **via("b", 2)),
        invite("c", 3, "8002"),
        TALK.response(200, **via("c", 3)),
    )
    assert (dialog.to_number, dialog.state, happened) == ("8002", CallState.ANSWERED, ["answered"])


def test_attempts_without_end_take_no_memory_without_end() -> None:
    messages = [
        message
        for number in range(1, 3 * MOST)
        for message in (invite(f"b{number}", number), TALK.response(407, **via(f"b{number}", number)))
    ]
    dialog, _ = follow(*messages, invite("last", 3 * MOST), TALK.response(486, **via("last", 3 * MOST)))
    assert len(dialog.branches.asked) <= MOST
    assert dialog.state is CallState.BUSY


def test_a_caller_with_another_tag_is_still_the_caller() -> None:
    again = Talk(caller="<sip:8001@test>;tag=other")
    dialog, _ = follow(
        invite("first"),
        TALK.response(401, **via("first")),
        again.request(body=sdp("192.0.2.1", 4002), **via("second", 2)),
        again.response(200, sdp("192.0.2.2", 5000), **via("second", 2)),
        again.request("BYE", to_tag="b", CSeq="3 BYE"),
    )
    assert [(end.side, end.port) for end in dialog.ends] == [(Side.A, 4000), (Side.A, 4002), (Side.B, 5000)]
    assert dialog.ended == 4


def test_both_sides_of_an_agent_that_keeps_the_call_id_are_told_apart() -> None:
    behind = Talk(caller="<sip:8001@test>;tag=agent", called="<sip:8002@test>")
    dialog, _ = follow(
        TALK.request(body=sdp("192.0.2.1", 4000)),
        behind.request(body=sdp("192.0.2.9", 6000)),
        behind.response(200, sdp("192.0.2.2", 5000)),
        TALK.response(200, sdp("192.0.2.9", 6002)),
    )
    assert [end.side for end in dialog.ends] == [Side.A, Side.A, Side.B, Side.B]


def test_both_sides_are_told_apart_though_the_agents_own_call_was_seen_from_its_answer_on() -> None:
    behind = Talk(caller="<sip:8001@test>;tag=agent", called="<sip:8002@test>")
    answer = behind.response(200, sdp("192.0.2.2", 5000))
    dialog, _ = follow(
        TALK.request(body=sdp("192.0.2.1", 4000)),
        under(answer, "phone"),
        behind.request("ACK", sdp("192.0.2.9", 6000), to_tag="phone"),
        TALK.response(200, sdp("192.0.2.9", 6002)),
    )
    assert [end.side for end in dialog.ends] == [Side.A, Side.B, Side.A, Side.B]


def under(message: SipMessage, tag: str) -> SipMessage:
    """The message of the called party under another tag."""
    fields = tuple((name, value.replace("tag=b", f"tag={tag}")) for name, value in message.fields)
    return SipMessage(message.start_line, fields, message.body)


def test_who_is_sent_away_of_two_who_answered_is_so_however_often_it_is_seen() -> None:
    away = TALK.request("BYE", to_tag="c")
    begin = (TALK.request(), TALK.response(200), under(TALK.response(200), "c"), away, away, away)
    dialog, _ = follow(*begin)
    assert dialog.ended == 0
    dialog, _ = follow(*begin, TALK.request("BYE", to_tag="b"))
    assert dialog.ended == 6


def test_an_acknowledgement_tells_of_an_answer_that_was_not_seen() -> None:
    dialog, happened = follow(invite("own"), TALK.request("ACK", to_tag="b", **via("its-own", 1, "ACK")))
    assert (dialog.answered, happened) == (1, ["answered"])


def test_an_acknowledgement_of_a_later_attempt_tells_of_it() -> None:
    ack = TALK.request("ACK", to_tag="b", **via("its-own", 2, "ACK"))
    dialog, _ = follow(invite("own"), TALK.response(407, **via("own")), ack)
    assert (dialog.answered, dialog.state) == (2, CallState.ANSWERED)


def test_an_acknowledgement_of_a_refusal_is_no_answer() -> None:
    dialog, _ = follow(invite("own"), TALK.request("ACK", to_tag="b", **via("own", 1, "ACK")))
    assert dialog.answered == 0
    refused = TALK.response(486, **via("own"))
    dialog, _ = follow(invite("own"), refused, TALK.request("ACK", to_tag="b", **via("hop", 1, "ACK")))
    assert dialog.state is CallState.BUSY


def test_an_acknowledgement_of_a_refusal_on_a_branch_that_was_not_seen_is_no_answer() -> None:
    """Of a fork the INVITE to one phone was lost, which is busy; the other one rings in vain."""
    refused = TALK.response(486, **via("other"))
    dialog, _ = follow(invite("one"), refused, TALK.request("ACK", to_tag="b", **via("other", 1, "ACK")))
    assert (dialog.answered, dialog.ended) == (0, 0)
    ack = TALK.request("ACK", to_tag="c", **via("its-own", 1, "ACK"))
    dialog, _ = follow(invite("one"), refused, ack)
    assert dialog.answered == 2


def test_phones_beyond_those_that_are_remembered_may_all_be_busy() -> None:
    phones = [invite(f"phone{number}") for number in range(2 * MOST)]
    last = f"phone{2 * MOST - 1}"
    ack = TALK.request("ACK", to_tag="b", **via(last, 1, "ACK"))
    refusals = [TALK.response(486, **via(f"phone{number}")) for number in range(1, 2 * MOST)]
    dialog, _ = follow(*phones, *refusals, ack)
    assert dialog.answered == 0


def test_a_late_acknowledgement_of_an_attempt_before_is_no_answer() -> None:
    dialog, _ = follow(invite("own", 2), TALK.request("ACK", to_tag="b", **via("first", 1, "ACK")))
    assert dialog.answered == 0


@pytest.mark.parametrize(
    ("status", "cause", "state"),
    [
        (503, 17, CallState.BUSY),
        (500, 19, CallState.MISSED),
        (503, 34, CallState.FAILED),
        (486, 34, CallState.BUSY),
    ],
)
def test_what_the_telephone_network_says_is_why(status: int, cause: int, state: CallState) -> None:
    why = f'SIP;cause={status}, Q.850;cause={cause};text="User, busy"'
    dialog = Dialog.begun_by(TALK.request(), 0, CALLER, CALLED)
    assert dialog is not None
    (told,) = dialog.handle(TALK.response(status, Reason=why), 1)
    assert (dialog.state, dialog.cause) == (state, status)
    assert (told.detail["status"], told.detail["q850"], told.detail["text"]) == (status, cause, "User, busy")


def test_why_somebody_hung_up_is_told() -> None:
    dialog, _ = follow(TALK.request(), TALK.response(200))
    (told,) = dialog.handle(TALK.request("BYE", to_tag="b", Reason="Q.850;cause=16"), 3)
    assert told.detail == {"q850": 16}


@pytest.mark.parametrize("name", ["Remote_Party_ID", "P_Preferred_Identity"])
def test_an_anonymous_caller_is_who_older_networks_say(name: str) -> None:
    hidden = Talk(caller='"Anonymous" <sip:anonymous@anonymous.invalid>;tag=a')
    dialog, _ = follow(hidden.request(**{name: '"Ann" <sip:+4930123@test>;party=calling;privacy=full'}))
    assert (dialog.from_number, dialog.from_name) == ("+4930123", "Ann")


def test_a_caller_may_give_up_by_hanging_up() -> None:
    ringing = TALK.response(180, **via("own"))
    dialog, happened = follow(
        invite("own"),
        ringing,
        TALK.request("BYE", to_tag="b", CSeq="2 BYE"),
        TALK.response(487, **via("own")),
    )
    assert (dialog.state, dialog.ended, happened) == (CallState.CANCELLED, 2, ["ringing", "bye"])


def test_a_key_that_is_told_of_again_with_credentials_was_pressed_once() -> None:
    def info(number: int, key: str) -> SipMessage:
        asked = TALK.request("INFO", to_tag="b", CSeq=f"{number} INFO")
        fields = (*asked.fields, ("Content-Type", "application/dtmf-relay"))
        return replace(asked, fields=fields, body=f"Signal={key}".encode())

    dialog, _ = follow(TALK.request(), TALK.response(200))
    challenge = TALK.response(407, method="INFO", CSeq="2 INFO")
    messages = [info(2, "5"), challenge, info(3, "5"), info(4, "5"), info(5, "6")]
    pressed = [one.detail["digit"] for message in messages for one in dialog.handle(message, 3)]
    assert pressed == ["5", "5", "6"]
