"""Which legs are one call, however many calls there are."""

from dataclasses import dataclass, field

import pytest

from recorder.assembly.book import CallBook
from recorder.assembly.call import RunningCall
from recorder.assembly.leg import Leg
from recorder.assembly.limits import Limits
from recorder.assembly.referral import Referral
from recorder.assembly.signalling import Signalling
from recorder.protocol.address import pack
from storage.model import Relation, Side
from tests.recorder.assembly.messages import Talk
from tests.recorder.frames import SECOND, START

PHONE, PBX, DESK, PROXY = (pack(f"192.0.2.{last}") for last in range(1, 5))


@dataclass
class Line:
    """Dials through a book; each call takes a second."""

    book: CallBook = field(default_factory=CallBook)
    now: int = START
    count: int = 0

    def __post_init__(self) -> None:
        self.signalling = Signalling(self.book)

    def dial(self, caller: str, called: str, hosts: tuple = (PHONE, PBX), seconds: float = 1, **more) -> Leg:
        self.count += 1
        self.now += int(seconds * SECOND)
        talk = Talk(f"{self.count}@test", f"<sip:{caller}@test>;tag=a", f"<sip:{called}@test>")
        ends = [(host, 5060) for host in hosts]
        followed = self.signalling.take(talk.request(**more), self.now, *ends)
        assert followed is not None
        return followed.leg

    def answer(self, leg: Leg) -> None:
        assert leg.dialog is not None
        leg.dialog.answered = self.now

    def call(self, leg: Leg) -> RunningCall:
        call = self.book.of(leg.id)
        assert call is not None
        return call


def test_the_same_caller_through_the_host_it_called_is_one_call() -> None:
    line = Line()
    first = line.dial("100", "800")
    assert line.call(line.dial("100", "201", (PBX, DESK), 60)) is line.call(first)
    assert line.call(line.dial("100", "202", (DESK, PHONE))) is line.call(first)
    assert line.call(line.dial("101", "203", (PBX, DESK))) is not line.call(first)


def test_the_same_called_number_is_one_call_only_within_ten_seconds() -> None:
    line = Line()
    first = line.dial("100", "800")
    assert line.call(line.dial("9", "800", (PBX, DESK), 9)) is line.call(first)
    later = Line()
    first = later.dial("100", "800")
    assert later.call(later.dial("9", "800", (PBX, DESK), 11)) is not later.call(first)


def test_a_session_is_one_call_whatever_its_numbers() -> None:
    line = Line()
    session = {"Session-ID": "ab30317f1a784dc48ff824d0d3715d86;remote=00000000000000000000000000000000"}
    first = line.dial("100", "800", **session)
    assert line.call(line.dial("77", "88", (DESK, PHONE), **session)) is line.call(first)


def test_a_session_that_is_learnt_later_counts() -> None:
    line = Line()
    session = {"Session-ID": "ab30317f1a784dc48ff824d0d3715d86;remote=00000000000000000000000000000000"}
    first = line.dial("100", "800")
    talk = Talk("1@test", "<sip:100@test>;tag=a", "<sip:800@test>")
    line.signalling.take(talk.response(180, **session), line.now, (PBX, 5060), (PHONE, 5060))
    assert line.call(line.dial("77", "88", (DESK, PHONE), **session)) is line.call(first)


def test_both_numbers_tell_more_than_one() -> None:
    line = Line()
    other = line.dial("100", "800")
    right = line.dial("101", "800")
    assert line.call(line.dial("101", "800", (PBX, DESK))) is line.call(right)
    assert len(line.call(other).legs) == 1


def test_many_calls_of_one_number_are_told_apart_by_the_other() -> None:
    line = Line()
    legs = [line.dial("100", f"{600 + n}", seconds=0.01) for n in range(200)]
    assert line.call(line.dial("100", "650", (PBX, DESK))) is line.call(legs[50])
    assert len(line.call(line.dial("100", "", (PBX, DESK))).legs) == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (("+4917012345678", "800"), ("017012345678", "201")),
        (("+49 (170) 1234-5678", "800"), ("0017012345678", "201")),
        (("201", "9001701234567"), ("+49891234800", "01701234567")),
        (("anonymous", "800"), ("anonymous", "201")),
    ],
    ids=["caller", "separators", "called", "withheld"],
)
def test_numbers_that_a_pbx_writes_otherwise_are_the_same(
    before: tuple[str, str], after: tuple[str, str]
) -> None:
    line = Line()
    first = line.dial(*before)
    assert line.call(line.dial(*after, (PBX, DESK))) is line.call(first)


def test_a_proxy_before_the_pbx_is_on_the_way() -> None:
    line = Line()
    first = line.dial("100", "800", (PHONE, PROXY))
    talk = Talk("1@test", "<sip:100@test>;tag=a", "<sip:800@test>")
    line.signalling.take(talk.request(), line.now, (PROXY, 5060), (PBX, 5060))
    assert line.call(line.dial("100", "201", (PBX, PROXY))) is line.call(first)
    line.book.drop(line.call(first))
    assert len(line.book._continuations) == 0


def test_what_comes_in_as_the_first_leg_did_is_another_call() -> None:
    """A call that was sent on to the carrier, and a second call of the same number from there."""
    line = Line()
    first = line.dial("100", "800")
    assert line.call(line.dial("100", "0170", (PBX, PHONE))) is line.call(first)
    assert line.call(line.dial("100", "801")) is not line.call(first)


def test_what_comes_from_a_trunk_is_another_call() -> None:
    """Agents call the carrier with the number with which a colleague calls from outside."""
    line = Line(CallBook(is_outside=lambda place: place[0] == DESK))
    first = line.dial("100", "0170")
    assert line.call(line.dial("100", "0170", (PBX, DESK))) is line.call(first)
    assert line.call(line.dial("100", "800", (DESK, PBX))) is not line.call(first)


def test_callers_who_are_not_told_are_one_only_a_moment_after_and_alone() -> None:
    line = Line()
    first = line.dial("anonymous", "800")
    assert line.call(line.dial("anonymous", "201", (PBX, DESK), 11)) is not line.call(first)
    others = [line.dial("anonymous", "800"), line.dial("anonymous", "801")]
    assert line.call(line.dial("anonymous", "202", (PBX, DESK))) not in map(line.call, [first, *others])


def test_of_callers_who_are_not_told_it_may_be_who_waits_longer_that_goes_on() -> None:
    """Nothing tells, as a queue comes to the oldest first: the audio will."""
    line = Line()
    first = line.dial("anonymous", "800")
    second = line.dial("anonymous", "800", seconds=12)
    third = line.dial("anonymous", "201", (PBX, DESK))
    assert line.call(third) not in (line.call(first), line.call(second))


def test_of_callers_who_are_not_told_who_talks_to_somebody_goes_on_no_more() -> None:
    line = Line()
    first = line.dial("anonymous", "800")
    line.answer(line.dial("anonymous", "201", (PBX, DESK)))
    second = line.dial("anonymous", "800", seconds=12)
    assert line.call(line.dial("anonymous", "202", (PBX, DESK))) is line.call(second)
    assert len(line.call(first).legs) == 2


def test_of_two_calls_of_a_number_the_one_that_waits_goes_on() -> None:
    line = Line()
    first = line.dial("100", "800")
    line.answer(line.dial("100", "201", (PBX, DESK)))
    second = line.dial("100", "800")
    assert line.call(line.dial("100", "202", (PBX, DESK))) is line.call(second)
    assert len(line.call(first).legs) == 2


def test_of_two_calls_of_a_number_the_one_that_is_transferred_goes_to_the_target() -> None:
    line = Line()
    first = line.dial("100", "800")
    agent = line.dial("100", "201", (PBX, DESK))
    line.answer(agent)
    second = line.dial("100", "800")
    assert agent.dialog is not None
    agent.dialog.referral = Referral("202", Side.B)
    assert line.call(line.dial("100", "202", (PBX, DESK))) is line.call(first)
    assert len(line.call(second).legs) == 1


def test_who_was_transferred_on_is_not_who_is_sent_to_the_same_target_next() -> None:
    line = Line()
    first = line.dial("100", "800")
    agent, target = line.dial("100", "201", (PBX, DESK)), line.dial("100", "202", (PBX, DESK))
    line.answer(target)
    assert agent.dialog is not None
    assert target.dialog is not None
    agent.dialog.referral = Referral("202", Side.B)
    target.ended = target.dialog.ended = line.now
    line.answer(line.dial("100", "203", (PBX, DESK)))
    second = line.dial("100", "801")
    assert line.call(line.dial("100", "202", (PBX, DESK))) is line.call(second)
    assert len(line.call(first).legs) == 4


def test_who_is_transferred_to_a_number_that_they_had_reached_before_goes_there_again() -> None:
    line = Line()
    first = line.dial("100", "800")
    target = line.dial("100", "202", (PBX, DESK))
    line.answer(target)
    assert target.dialog is not None
    target.ended = target.dialog.ended = line.now
    agent = line.dial("100", "201", (PBX, DESK))
    line.answer(agent)
    line.dial("100", "801")
    assert agent.dialog is not None
    agent.dialog.referral = Referral("202", Side.B)
    assert line.call(line.dial("100", "202", (PBX, DESK))) is line.call(first)


def test_a_session_tells_more_than_numbers() -> None:
    """A second agent is asked to join, while the next call of the same company waits."""
    line = Line()
    one, two = ({"Session-ID": f"{number:032x};remote={0:032x}"} for number in (1, 2))
    first = line.dial("100", "800", **one)
    line.answer(line.dial("100", "201", (PBX, DESK), **one))
    second = line.dial("100", "801", **two)
    assert line.call(line.dial("100", "202", (PBX, DESK), **one)) is line.call(first)
    assert line.call(line.dial("100", "203", (PBX, DESK), **two)) is line.call(second)


def test_calls_that_turn_out_to_be_one_are_not_related_to_what_is_no_more() -> None:
    line = Line()
    one, other, third = (line.dial(str(number), "800") for number in range(100, 103))
    line.book.relate(one.id, Relation.CONSULTED_ABOUT, other.id, Relation.CONSULTATION)
    line.book.relate(other.id, Relation.CONSULTED_ABOUT, third.id, Relation.CONSULTATION)
    line.book.link(one.id, other.id)
    assert set(line.call(one).related) == {line.call(third).id}
    assert set(line.call(third).related) == {line.call(one).id}


def test_calls_that_nobody_answers_are_bounded_and_the_oldest_go() -> None:
    line = Line(CallBook(limits=Limits(unanswered=100)))
    answered = line.dial("1", "2")
    talk = Talk("1@test", "<sip:1@test>;tag=a", "<sip:2@test>")
    line.signalling.take(talk.response(200), line.now, (PBX, 5060), (PHONE, 5060))
    for n in range(1000):
        leg = line.dial(f"{n}", f"x{n}", (PHONE, DESK), 0.001)
        for call in line.book.crowd():
            assert call is not line.call(answered)
            line.book.drop(call)
    assert 100 <= len(line.book.calls) <= 127
    assert line.call(leg)
    assert line.call(answered)


def test_legs_that_all_say_to_be_of_one_session_are_bounded_as_well() -> None:
    line = Line(CallBook(limits=Limits(unanswered=100, legs=40)))
    session = {"Session-ID": "ab30317f1a784dc48ff824d0d3715d86;remote=00000000000000000000000000000000"}
    for n in range(1000):
        line.dial(f"{n}", f"x{n}", (PHONE, DESK), 0.001, **session)
        for call in line.book.crowd():
            for leg in call.legs:
                line.signalling.lose(leg)
            line.book.drop(call)
        assert sum(len(call.legs) for call in line.book.calls.values()) <= 126
        assert all(len(call.legs) <= 40 for call in line.book.calls.values())


def test_calls_that_are_answered_and_silent_are_given_up_where_there_are_too_many() -> None:
    line = Line(CallBook(limits=Limits(silent=10)))
    legs = [line.dial(f"{n}", f"x{n}", (PHONE, DESK)) for n in range(20)]
    for leg in legs[:15]:
        line.answer(leg)
    assert line.book.silent() == [line.call(leg) for leg in legs[:5]]


def test_a_book_that_is_empty_again_holds_nothing() -> None:
    line = Line()
    session = {"Session-ID": "ab30317f1a784dc48ff824d0d3715d86;remote=00000000000000000000000000000000"}
    legs = [line.dial(f"{n % 7}", f"{n}", **session) for n in range(20)]
    for leg in legs:
        if (call := line.book.of(leg.id)) is not None:
            line.book.drop(call)
    assert not line.book.calls
    assert len(line.book._continuations) == 0
