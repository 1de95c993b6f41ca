"""What can be heard of a call as it is archived, and not as it is finished anew, or the other way round."""

from datetime import UTC, datetime

import pytest

from recorder.finish.unheard import seconds_beyond, seconds_unheard
from storage.model import Call, CallState, Gap, Side

A, B = Side.A, Side.B
START = datetime(2026, 11, 21, tzinfo=UTC)


def missing(*spans: tuple[float, float], side: Side = A, cause: str = "encrypted") -> Call:
    """A call with gaps from when to when, in seconds."""
    gaps = tuple(Gap(side=side, start=start, seconds=end - start, cause=cause) for start, end in spans)
    return Call(id="c", start=START, end=START, duration=0, state=CallState.ANSWERED, gaps=gaps)


def beyond(one: Call, other: Call) -> float:
    return seconds_beyond(one, other, A, {"encrypted", "codec"})


def test_what_nobody_hears_any_more_is_told() -> None:
    assert beyond(missing((0, 5)), missing()) == 5
    assert beyond(missing((0, 5), (7, 8)), missing((0, 5))) == 1
    assert beyond(missing((0, 5)), missing((1, 2))) == pytest.approx(4 - 2 * 0.12)
    assert beyond(missing((0, 5)), missing((0, 9))) == 0


def test_another_side_and_another_cause_are_not_asked_for() -> None:
    assert beyond(missing((0, 5), side=B), missing()) == 0
    assert beyond(missing((0, 5), cause="lost"), missing()) == 0
    assert beyond(missing((0, 5)), missing((0, 5), cause="codec")) == 0
    assert beyond(missing((0, 5)), missing((0, 5), cause="lost")) == 5


@pytest.mark.parametrize("shift", [-0.1, -0.001, 0.001, 0.1])
def test_what_only_moved_a_little_is_the_same(shift: float) -> None:
    """Where packets belong that nothing decodes is told with others, in the clock of their codec."""
    before, now = ([(at + by, at + 0.5 + by) for at in range(20)] for by in (0.2, 0.2 + shift))
    assert beyond(missing(*before), missing(*now)) == beyond(missing(*now), missing(*before)) == 0


def test_how_much_cannot_be_heard_is_told_exactly() -> None:
    assert seconds_unheard(missing((0, 0.02), (0.01, 0.05), (3, 4)), A, {"encrypted"}) == pytest.approx(1.05)
    assert seconds_unheard(missing((0, 5)), B, {"encrypted"}) == 0
    assert seconds_unheard(missing((0, 5)), A, {"codec"}) == 0


@pytest.mark.parametrize("milliseconds", [30, 60, 120])
def test_a_version_that_took_all_packets_for_20_ms_said_the_same(milliseconds: int) -> None:
    every = [at / 1000 for at in range(0, 6000, milliseconds)]
    before = missing(*((start, start + 0.02) for start in every))
    assert beyond(missing((0, 6)), before) == 0
    assert beyond(before, missing((0, 6))) == 0
