"""The timeline: what legs tell, each thing once."""

from recorder.assembly.call import RunningCall
from recorder.assembly.events import timeline
from recorder.assembly.happening import Happening
from recorder.assembly.leg import Leg
from storage.model import Side

SECOND = 1_000_000_000


def told(*legs: list[tuple[float, str]]) -> list[tuple[float, str]]:
    """What a call tells whose legs tell this, by the second."""
    call = RunningCall("call")
    for number, leg in enumerate(legs):
        happenings = [Happening(round(at * SECOND), kind, Side.B) for at, kind in leg]
        call.legs.append(Leg(str(number), number, happenings=happenings))
    return [(event.at.timestamp(), event.kind) for event in timeline(call)]


def test_what_a_pbx_repeats_on_the_other_leg_is_told_once() -> None:
    assert told([(5, "hold"), (9, "resume")], [(5.1, "hold"), (9.9, "resume")]) == [
        (5, "hold"),
        (9, "resume"),
    ]


def test_who_holds_again_at_once_does() -> None:
    pressed = [(5.0, "hold"), (5.3, "resume"), (5.8, "hold"), (6.2, "resume"), (6.4, "hold")]
    assert told(pressed) == pressed
    assert told(pressed, [(at + 0.05, kind) for at, kind in pressed]) == pressed


def test_each_of_two_who_hold_at_once_is_told() -> None:
    one, another = (Happening(round(at * SECOND), "hold", side) for at, side in ((5, Side.A), (5.5, Side.B)))
    call = RunningCall("call", [Leg("1", 1, happenings=[one]), Leg("2", 2, happenings=[another])])
    assert [event.side for event in timeline(call)] == [Side.A, Side.B]


def test_what_both_hops_of_one_leg_tell_is_told_once() -> None:
    assert told([(5.0, "bad-sdp"), (5.002, "bad-sdp")]) == [(5.0, "bad-sdp")]
