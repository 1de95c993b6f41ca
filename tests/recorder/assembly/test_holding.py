"""Hold in all its forms, and what only looks like it (RFC 3264, 8.4)."""

import pytest

from recorder.assembly.dialog import Dialog
from recorder.protocol.sip import SipMessage
from storage.model import Side
from tests.recorder.assembly.messages import CALLED, CALLER, Talk, sdp

TALK = Talk()
HOLD = "a=sendonly"


def offer(
    *lines: str, number: int = 2, from_called: bool = False, port: int = 4000, method: str = "INVITE"
) -> SipMessage:
    body = sdp("192.0.2.2" if from_called else "192.0.2.1", port, *lines)
    cseq = f"{number} {method}"
    return TALK.request(method, body, to_tag="b", from_called=from_called, CSeq=cseq)


def answer(status: int, *lines: str, number: int = 2, method: str = "INVITE", port: int = 5000) -> SipMessage:
    body = sdp("192.0.2.2", port, *lines)
    return TALK.response(status, body, method, CSeq=f"{number} {method}")


def happened(*messages: SipMessage) -> list[tuple[str, Side | None]]:
    """What happened after the answer."""
    begin = (TALK.request(body=sdp()), TALK.response(200, sdp("192.0.2.2", 5000)))
    dialog = Dialog.begun_by(begin[0], 0, CALLER, CALLED)
    assert dialog is not None
    told = [one for message in (*begin, *messages) for one in dialog.handle(message, 1)]
    return [(one.kind, one.side) for one in told[1:]]


@pytest.mark.parametrize("status", [488, 491, 500])
def test_a_hold_that_is_refused_is_over_at_once(status: int) -> None:
    assert happened(offer(HOLD), answer(status)) == [("hold", Side.A), ("resume", Side.A)]


def test_the_end_of_a_hold_that_is_refused_leaves_it() -> None:
    kinds = [kind for kind, _ in happened(offer(HOLD), answer(200), offer(number=3), answer(488, number=3))]
    assert kinds == ["hold", "resume", "hold"]


def test_a_hold_that_is_sent_again_with_credentials_is_one() -> None:
    messages = (offer(HOLD), answer(407), offer(HOLD, number=3), answer(200, "a=recvonly", number=3))
    assert happened(*messages) == [("hold", Side.A)]


def test_a_hold_that_is_refused_even_with_credentials_has_not_come_about() -> None:
    messages = (offer(HOLD), answer(407), offer(HOLD, number=3), answer(488, number=3))
    assert happened(*messages) == [("hold", Side.A), ("resume", Side.A)]


def test_a_hold_that_was_refused_says_nothing_when_it_is_sent_again() -> None:
    """Its answer was lost behind the tap."""
    once = [("hold", Side.A), ("resume", Side.A)]
    assert happened(offer(HOLD), answer(488), offer(HOLD)) == once
    assert happened(offer(HOLD), answer(488), offer(HOLD), answer(488)) == once
    later = (offer(HOLD, number=3), answer(200, "a=recvonly", number=3))
    assert happened(offer(HOLD), answer(488), *later) == [*once, ("hold", Side.A)]


def test_who_went_on_by_an_answer_that_was_not_seen_did() -> None:
    messages = (offer(HOLD), answer(200), offer(number=3), offer(number=4), answer(488, number=4))
    assert happened(*messages) == [("hold", Side.A), ("resume", Side.A)]


def test_a_session_that_cannot_be_refreshed_stays_on_hold() -> None:
    messages = (offer(HOLD), answer(200, "a=recvonly"), offer(HOLD, number=3), answer(488, number=3))
    assert happened(*messages) == [("hold", Side.A)]


def test_an_agent_that_keeps_the_call_id_need_not_pass_a_hold_on() -> None:
    behind = Talk(caller="<sip:8001@test>;tag=agent", called="<sip:8002@test>")
    plain = sdp("192.0.2.9", 6000, "a=sendrecv")
    begins = behind.request(body=plain), behind.response(200, sdp("192.0.2.7", 7000))
    refresh = (
        behind.request(body=sdp("192.0.2.7", 7000), to_tag="b", from_called=True, CSeq="5 INVITE"),
        SipMessage.response(200, "OK", behind.request(to_tag="b", from_called=True, CSeq="5 INVITE").fields),
    )
    refreshed = SipMessage(
        refresh[1].start_line, (*refresh[1].fields, ("Content-Type", "application/sdp")), plain
    )
    messages = (*begins, offer(HOLD, number=4), answer(200, "a=recvonly", number=4), refresh[0], refreshed)
    assert happened(*messages) == [("hold", Side.A)]


def test_two_holds_that_cross_come_about_when_they_are_asked_for_again() -> None:
    theirs = offer(HOLD, from_called=True)
    refused = SipMessage("SIP/2.0 491 Request Pending", theirs.fields)
    kinds = happened(offer(HOLD), theirs, answer(491), refused, offer(HOLD, number=4), answer(200, number=4))
    assert kinds == [("hold", Side.A), ("resume", Side.A), ("hold", Side.A)]


def test_media_that_is_switched_off_is_on_hold() -> None:
    messages = (offer(port=0), answer(200, port=0), offer(number=3), answer(200, number=3))
    assert happened(*messages) == [("hold", Side.A), ("resume", Side.A)]


def test_a_medium_that_is_not_accepted_is_no_hold() -> None:
    assert happened(offer(), answer(200, port=0)) == []


@pytest.mark.parametrize("method", ["OPTIONS", "INFO", "NOTIFY"])
def test_what_is_no_offer_holds_nothing_and_names_no_place(method: str) -> None:
    dialog = Dialog.begun_by(TALK.request(body=sdp()), 0, CALLER, CALLED)
    assert dialog is not None
    capable = answer(200, "a=inactive", method=method, port=9)
    for message in (TALK.request(body=sdp()), answer(200, number=1), capable):
        told = dialog.handle(message, 1)
    assert (told, [end.port for end in dialog.ends]) == ([], [4000, 5000])


def test_what_a_refusal_would_rather_have_is_no_place() -> None:
    dialog = Dialog.begun_by(TALK.request(body=sdp()), 0, CALLER, CALLED)
    assert dialog is not None
    for message in (TALK.request(body=sdp()), answer(488, number=1, port=6000)):
        dialog.handle(message, 1)
    assert [end.port for end in dialog.ends] == [4000]


def test_each_of_two_who_hold_goes_on_by_itself() -> None:
    told = happened(
        offer(HOLD, method="UPDATE"),
        offer("a=inactive", number=3, from_called=True),
        offer("a=recvonly", number=4, method="UPDATE"),
        answer(200, HOLD, number=4, method="UPDATE"),
        offer(number=5, from_called=True),
    )
    assert told == [("hold", Side.A), ("resume", Side.A), ("hold", Side.B), ("resume", Side.B)]


@pytest.mark.parametrize(
    ("offered", "answered", "told"),
    [
        ("a=recvonly", "a=sendonly", ["answered"]),
        ("a=inactive", "a=inactive", ["answered"]),
        ("a=sendrecv", "a=sendonly", ["answered", "hold"]),
    ],
)
def test_who_answers_a_caller_that_sends_nothing_does_not_hold(
    offered: str, answered: str, told: list[str]
) -> None:
    begin = TALK.request(body=sdp("192.0.2.1", 4000, offered))
    dialog = Dialog.begun_by(begin, 0, CALLER, CALLED)
    assert dialog is not None
    messages = (begin, TALK.response(200, sdp("192.0.2.2", 5000, answered)))
    assert [one.kind for now, message in enumerate(messages) for one in dialog.handle(message, now)] == told


def test_a_call_that_a_server_begins_without_media_and_that_is_held_later_is_on_hold_then() -> None:
    begin = TALK.request(body=sdp("0.0.0.0", 4000))
    dialog = Dialog.begun_by(begin, 0, CALLER, CALLED)
    assert dialog is not None
    messages = (
        begin,
        answer(200, "a=recvonly", number=1),
        offer(number=2),
        offer(HOLD, number=3, from_called=True),
    )
    told = [
        (one.kind, one.side) for now, message in enumerate(messages) for one in dialog.handle(message, now)
    ]
    assert told == [("answered", Side.B), ("hold", Side.B)]
