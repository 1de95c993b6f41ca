"""Which session descriptions are in force at what time."""

from recorder.assembly.meanings import MOST, Meanings
from recorder.media import Format
from storage.model import Side

OLD, NEW = {96: Format("G722")}, {96: Format("L16")}


def agreed() -> Meanings:
    """An offer of A, answered by B at 1."""
    made = Meanings()
    made.told(Side.A, OLD, 0, is_offer=True)
    made.told(Side.B, OLD, 1, is_offer=False)
    return made


def test_the_first_descriptions_count_from_the_beginning() -> None:
    assert agreed().eras() == [(0, {Side.A: OLD, Side.B: OLD})]


def test_nothing_was_described() -> None:
    assert Meanings().eras() == [(0, {})]


def test_an_offer_counts_from_its_answer_on() -> None:
    meanings = agreed()
    meanings.told(Side.B, NEW, 5, is_offer=True)
    assert len(meanings.eras()) == 1
    meanings.told(Side.A, OLD, 7, is_offer=False)
    assert meanings.eras()[1:] == [(7, {Side.A: OLD, Side.B: NEW})]


def test_both_sides_change_at_once() -> None:
    meanings = agreed()
    meanings.told(Side.A, NEW, 5, is_offer=True)
    meanings.told(Side.B, NEW, 7, is_offer=False)
    assert meanings.eras()[1:] == [(7, {Side.A: NEW, Side.B: NEW})]


def test_an_offer_that_is_refused_or_taken_back_never_counts() -> None:
    meanings = agreed()
    meanings.told(Side.A, NEW, 5, is_offer=True)
    meanings.refused()
    meanings.told(Side.B, OLD, 7, is_offer=False)
    assert len(meanings.eras()) == 1


def test_what_is_sent_again_changes_nothing() -> None:
    meanings = agreed()
    for time in range(2, 9):
        meanings.told(Side.A, OLD, time, is_offer=True)
        meanings.told(Side.B, OLD, time, is_offer=False)
    assert len(meanings.known) == 2


def test_a_caller_who_never_stops_changing_is_followed_for_a_while() -> None:
    meanings = agreed()
    for time in range(1000):
        meanings.told(Side.B, (OLD, NEW)[time % 2], time, is_offer=False)
    assert len(meanings.known) == MOST


def test_sides_that_change_places() -> None:
    meanings = agreed()
    meanings.told(Side.A, NEW, 5, is_offer=True)
    turned = meanings.turned({Side.A: Side.B, Side.B: Side.A})
    turned.told(Side.A, OLD, 7, is_offer=False)
    assert turned.eras()[-1] == (7, {Side.B: NEW, Side.A: OLD})
