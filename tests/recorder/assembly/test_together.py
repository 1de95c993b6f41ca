"""Whose voices on one side are of several people, and which are copies."""

from dataclasses import dataclass

import pytest

from recorder.assembly.call import RunningCall
from recorder.assembly.dialog import Dialog
from recorder.assembly.leg import Leg, LegStream
from recorder.assembly.together import beside, repeated
from recorder.protocol.address import pack
from storage.model import Side
from tests.recorder.frames import SECOND

CUSTOMER, PBX, AGENT, COLLEAGUE, PROXY = (pack(f"192.0.2.{last}") for last in range(1, 6))


@dataclass
class Spoken:
    """What is said on a leg, from one host to the other."""

    source: tuple[int, int]
    destination: tuple[int, int]
    start: float = 0
    end: float = 10
    answered: bool = True
    side: Side = Side.B


def call(*spoken: Spoken) -> RunningCall:
    """A leg each in this order; the called party's voice goes back to where the leg comes from."""
    found = RunningCall("call")
    for number, one in enumerate(spoken):
        dialog = Dialog.unnamed("sip", f"{number}", (one.source, 5060), (one.destination, 5060), number)
        dialog.answered = int(one.start * SECOND) + 1 if one.answered else 0
        leg = Leg(f"{number}", number, dialog, ended=int(one.end * SECOND))
        ways = (one.source, one.destination) if one.side is Side.A else (one.destination, one.source)
        key = (*ways[0], *ways[1], number << 16 | number, number)
        times = int(one.start * SECOND), int(one.end * SECOND)
        leg.streams["x"] = LegStream(f"stream {number}", key, one.side, leg.id, *times)
        found.legs.append(leg)
    return found


FIRST = Spoken(CUSTOMER, PBX)


@pytest.mark.parametrize(
    ("later", "found"),
    [
        ([Spoken(PBX, AGENT), Spoken(PBX, COLLEAGUE, 4)], {"stream 2"}),
        ([Spoken(PBX, PROXY), Spoken(PBX, PROXY, 4)], {"stream 2"}),
        ([Spoken(PBX, AGENT, 0, 4), Spoken(PBX, COLLEAGUE, 4)], set()),
        ([Spoken(PBX, AGENT), Spoken(PBX, COLLEAGUE, 4, answered=False)], set()),
        ([Spoken(PBX, PROXY), Spoken(PROXY, AGENT)], set()),
        ([Spoken(PBX, PROXY), Spoken(PROXY, PBX), Spoken(PBX, AGENT)], set()),
        ([], set()),
    ],
    ids=["conference", "behind-one-host", "transfer", "rung", "chain", "loop", "alone"],
)
def test_who_is_called_in_addition_is_heard_beside_the_others(later: list[Spoken], found: set[str]) -> None:
    assert beside(call(FIRST, *later)) == found


@pytest.mark.parametrize(
    ("later", "found"),
    [
        ([Spoken(PBX, PROXY), Spoken(PROXY, AGENT)], {"stream 1"}),
        ([Spoken(PBX, AGENT, 0, 4), Spoken(PBX, COLLEAGUE, 4)], set()),
        ([Spoken(PBX, AGENT), Spoken(PBX, COLLEAGUE, 4)], set()),
    ],
    ids=["chain", "transfer", "conference"],
)
def test_of_a_chain_only_what_is_nearest_to_the_called_party_counts(
    later: list[Spoken], found: set[str]
) -> None:
    assert repeated(call(FIRST, *later), Side.B) == found


def test_of_a_chain_only_what_is_nearest_to_the_caller_counts() -> None:
    legs = [Spoken(CUSTOMER, PBX, side=Side.A), Spoken(PBX, AGENT, side=Side.A)]
    assert repeated(call(*legs), Side.A) == {"stream 1"}
    apart = [Spoken(CUSTOMER, PBX, 0, 4, side=Side.A), Spoken(CUSTOMER, AGENT, 4, side=Side.A)]
    assert repeated(call(*apart), Side.A) == set()
