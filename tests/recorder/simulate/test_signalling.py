"""The generated dialogs against the rules of RFC 3261, read by the project's own parser."""

import pytest

from recorder.protocol.sdp import SessionDescription, agreed
from recorder.protocol.sip import SipMessage
from recorder.simulate.options import Outcomes, SimulationOptions
from recorder.simulate.truth import CallTruth
from storage.model import CallState, Direction
from tests.recorder.simulate.traffic import Traffic, record


def busy_day(legs: int) -> Traffic:
    options = SimulationOptions(
        concurrent=30,
        calls=60,
        duration=None,
        talk_seconds=9,
        ring_seconds=0.5,
        hold=0.5,
        legs=legs,
        outcomes=Outcomes(0.1, 0.1, 0.1, 0.2),
        directions=(0.5, 0.3, 0.2),
        seed=5,
    )
    return record(options)


@pytest.fixture(scope="module", params=[1, 2], ids=["direct", "through a PBX"])
def traffic(request: pytest.FixtureRequest) -> Traffic:
    return busy_day(request.param)


def test_every_kind_of_call_is_there(traffic: Traffic) -> None:
    states = {call.state for call in traffic.truths.calls}
    assert states == set(CallState) - {CallState.MEDIA_ONLY}
    assert {call.direction for call in traffic.truths.calls} == set(Direction) - {Direction.UNKNOWN}
    assert any(call.holds for call in traffic.truths.calls)


def test_all_messages_parse_whole_and_belong_to_a_leg(traffic: Traffic) -> None:
    known = {leg.call_id for call in traffic.truths.calls for leg in call.legs}
    for _, message in traffic.sip:
        assert message.content_length == len(message.body)
        assert not message.is_cut
        assert message.call_id in known
        assert message.branch.startswith("z9hG4bK")
        assert message.from_.tag
    assert known == {message.call_id for _, message in traffic.sip}


def test_responses_answer_a_request_of_the_same_transaction(traffic: Traffic) -> None:
    seen = set()
    for _, message in traffic.sip:
        key = (message.call_id, message.branch, message.cseq)
        if message.is_request:
            assert message.cseq.method == message.method
            seen.add(key)
        else:
            assert key in seen
            assert message.status == 100 or message.to.tag


def test_acknowledgements_follow_the_rules(traffic: Traffic) -> None:
    for leg in (leg for call in traffic.truths.calls for leg in call.legs):
        messages = traffic.dialog(leg.call_id)
        invites = {m.cseq.number: m for m in messages if m.is_request and m.method == "INVITE"}
        finals = {m.cseq.number: m for m in messages if not m.is_request and m.status >= 200}
        acks = [m for m in messages if m.is_request and m.method == "ACK"]
        assert len(acks) == len(invites)
        for ack in acks:
            same_transaction = ack.branch == invites[ack.cseq.number].branch
            assert same_transaction == (finals[ack.cseq.number].status >= 300)


def test_cancel_is_in_the_transaction_of_the_invite(traffic: Traffic) -> None:
    cancels = [message for _, message in traffic.sip if message.is_request and message.method == "CANCEL"]
    assert cancels
    for cancel in cancels:
        invite = traffic.dialog(cancel.call_id)[0]
        assert (cancel.branch, cancel.uri, cancel.cseq.number) == (
            invite.branch,
            invite.uri,
            invite.cseq.number,
        )
        assert not cancel.to.tag


def test_each_sender_counts_its_requests_up(traffic: Traffic) -> None:
    last: dict[tuple[str, str], int] = {}
    for _, message in traffic.sip:
        if message.is_request and message.method not in ("ACK", "CANCEL"):
            sender = (message.call_id, message.from_.tag)
            assert message.cseq.number > last.get(sender, 0)
            last[sender] = message.cseq.number


def test_legs_end_with_the_status_of_the_truth(traffic: Traffic) -> None:
    for call in traffic.truths.calls:
        for leg in call.legs:
            messages = traffic.dialog(leg.call_id)
            assert messages[0].method == "INVITE"
            finals = [m.status for m in messages if not m.is_request and m.cseq.method == "INVITE"]
            if leg.status is None:
                assert finals[-1] == 200
                assert messages[-2].method == "BYE"
            else:
                assert finals[-1] == leg.status
                assert not any(m.is_request and m.method == "BYE" for m in messages)


def test_answered_is_when_the_caller_is_told(traffic: Traffic) -> None:
    for call in (call for call in traffic.truths.calls if call.answered_ns):
        first = call.legs[0]
        told = [
            at
            for at, m in traffic.sip
            if m.call_id == first.call_id
            and not m.is_request
            and (m.status, m.cseq.method) == (200, "INVITE")
        ]
        assert told[0] == call.answered_ns == first.answered_ns
        assert call.start_ns < call.answered_ns < call.end_ns


def test_numbers_and_names_are_those_of_the_truth(traffic: Traffic) -> None:
    for call in traffic.truths.calls:
        invite = traffic.dialog(call.legs[0].call_id)[0]
        assert invite.from_.user == call.from_number
        assert invite.from_.display == call.from_name
        assert invite.to.user == call.to_number
        if call.direction is Direction.INBOUND:
            assert [identity.user for identity in invite.asserted_identities] == [call.from_number]


def test_offer_and_answer_agree_on_the_codec_and_say_where_the_media_go(traffic: Traffic) -> None:
    for call in (call for call in traffic.truths.calls if call.answered_ns):
        for index, leg in enumerate(call.legs):
            messages = traffic.dialog(leg.call_id)
            offer = described(messages[0])
            answer = described(next(m for m in messages if not m.is_request and m.status == 200))
            assert agreed(offer, answer)
            audio = answer.media[0]
            assert next(iter(audio.formats.values())).encoding == call.codec
            targets = {stream.destination for stream in call.streams if stream.leg == index}
            offered = offer.media[0]
            assert targets == {
                f"{offered.address}:{offered.port}",
                f"{audio.address}:{audio.port}",
            }


def test_hold_is_said_by_the_agent_and_taken_back(traffic: Traffic) -> None:
    held = [call for call in traffic.truths.calls if call.holds]
    for call in held:
        leg = agents_leg(call)
        again = [m for m in traffic.dialog(leg.call_id) if m.is_request and m.method == "INVITE"][1:]
        assert [described(m).media[0].direction for m in again] == ["sendonly", "sendrecv"]
        versions = [int(described(m).version) for m in again]
        assert versions == sorted(set(versions))


def agents_leg(call: CallTruth):
    return call.legs[-1] if call.direction is Direction.INBOUND else call.legs[0]


def described(message: SipMessage) -> SessionDescription:
    assert message.sdp is not None
    return SessionDescription.parse(message.sdp)
