"""Who took a call that rang several, and who is left of them."""

from recorder.assembly.mediaend import MediaEnd
from recorder.assembly.takers import MOST, Takers
from storage.model import Side


def end(port: int, tag: str) -> MediaEnd:
    return MediaEnd(Side.B if tag else Side.A, (0, 1), port, "audio", {}, "sendrecv", tag=tag)


def taken(*tags: str) -> Takers:
    made = Takers()
    for tag in tags:
        made.take(tag)
    return made


def test_a_call_is_over_when_its_only_taker_leaves() -> None:
    assert taken("b").leave("b")


def test_of_two_takers_one_is_sent_away_however_often_that_is_seen() -> None:
    both = taken("b", "c")
    assert [both.leave("c"), both.leave("c"), both.leave("b")] == [False, False, True]


def test_a_call_whose_answer_was_not_seen_is_over_when_anybody_leaves() -> None:
    assert taken().leave("b")


def test_who_is_sent_away_and_whose_answer_was_not_seen_does_not_end_the_call_of_another_one() -> None:
    one = taken("b")
    assert [one.leave("c"), one.leave("c"), one.leave("b")] == [False, False, True]


def test_places_of_those_who_did_not_get_the_call_are_lost() -> None:
    ends = [end(4000, ""), end(5000, "b"), end(6000, "c")]
    assert taken().lost(ends) == frozenset()
    assert {port for _, port in taken("b").lost(ends)} == {6000}
    both = taken("b", "c")
    assert both.lost(ends) == frozenset()
    both.leave("c")
    assert {port for _, port in both.lost(ends)} == {6000}


def test_a_place_that_a_taker_has_too_is_not_lost() -> None:
    assert taken("b").lost([end(5000, "early"), end(5000, "b")]) == frozenset()


def test_takers_without_end_take_no_memory_without_end() -> None:
    assert len(taken(*(f"tag{number}" for number in range(2 * MOST))).ever) == MOST
