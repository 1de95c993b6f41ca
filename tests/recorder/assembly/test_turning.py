"""Dialogs of which one host called both parties."""

import pytest

from recorder.assembly.dialog import Dialog
from recorder.assembly.mediaend import MediaEnd
from recorder.assembly.referral import Referral
from recorder.assembly.turning import is_direct, is_opposite, turned
from recorder.protocol.address import pack
from storage.model import Side
from tests.recorder.assembly.messages import CALLED, CALLER, Talk

ONE, ANOTHER, THIRD = ((pack(f"192.0.2.{last}"), 4000) for last in (1, 2, 3))


def dialog(*ends: tuple[Side, tuple]) -> Dialog:
    found = Dialog.begun_by(Talk().request(), 1, CALLER, CALLED)
    assert found is not None
    found.ends = [MediaEnd(side, *place, "audio", {}, "sendrecv") for side, place in ends]
    return found


@pytest.mark.parametrize(
    ("first", "second", "direct", "opposite"),
    [
        ([(Side.A, ONE), (Side.B, ANOTHER)], [(Side.A, ONE), (Side.B, ANOTHER)], True, False),
        ([(Side.A, ONE), (Side.B, ANOTHER)], [(Side.A, ANOTHER), (Side.B, ONE)], True, True),
        ([(Side.A, ONE), (Side.B, ANOTHER)], [(Side.A, ONE), (Side.B, THIRD)], False, False),
        ([(Side.A, ONE), (Side.A, ANOTHER)], [(Side.A, ONE), (Side.A, ANOTHER)], False, False),
        ([], [], False, False),
    ],
)
def test_both_places_in_two_dialogs_are_one_flow_of_media(
    first: list, second: list, direct: bool, opposite: bool
) -> None:
    assert is_direct(dialog(*first), dialog(*second)) is direct
    assert is_opposite(dialog(*first), dialog(*second)) is opposite


def test_a_dialog_turned_twice_is_what_it_was() -> None:
    before = dialog((Side.A, ONE), (Side.B, ANOTHER))
    before.answered, before.referral = 7, Referral("1003", Side.A)
    before.holding.hold(Side.B)
    after = turned(before)
    assert [end.side for end in after.ends] == [Side.B, Side.A]
    assert (after.held, after.answered, after.number(Side.A)) == ({Side.A}, 7, before.number(Side.B))
    assert turned(after) == before
