"""Many calls at once, through other hosts or none, with hidden numbers, of one company, or with the same
announcement: each conversation is one call, and its voices are its own."""

import random
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.recorder.frames import SECOND, START
from tests.recorder.switchboard import CUSTOMER, PBX, Line, Wire, heard
from tests.recorder.voices import INSIDE, through, voice

CALLS = 8
PATH = (CUSTOMER.host, INSIDE, PBX)
COMPANY = "4989555555"


@dataclass
class Planned:
    """One conversation: its dialogs, the voices of both, and when they speak (s)."""

    legs: list[Line]
    caller: int
    called: int
    start: float
    end: float


def planned(wire: Wire, number: int, dice: random.Random) -> Planned:
    """A call of chance, on the wire."""
    begin = dice.randrange(300) / 50
    end, hops = begin + dice.randrange(200, 400) / 50, dice.choice((1, 2, 3))
    hosts = (CUSTOMER.host, *PATH[len(PATH) - hops + 1 :], f"192.0.4.{number + 1}")
    caller = dice.choice((f"49170{number:07d}", COMPANY))
    is_hidden, is_announced = dice.random() < 0.5, dice.random() < 0.4
    legs = []
    for hop in range(hops):
        hidden, plain = (f"x{number}{hop}", f"y{number}{hop}"), (caller, f"20{number}")
        ends = hidden if is_hidden and hop else plain
        legs.append(wire.line(f"{number}-{hop}", (hosts[hop], hosts[hop + 1]), ends))
        legs[-1].begins(begin + 0.02 * hop)
    start = begin + 0.3
    if is_announced:
        through(legs, None, voice(dice.choice((300, 350)), since=start), start, start + 1.5)
        start += 1.5
    call = Planned(legs, 1000 + 100 * number, 2500 + 50 * number, start, end)
    through(legs, voice(call.caller), voice(call.called), start, end)
    for hop, line in enumerate(legs):
        line.hangs_up(end + 0.02 * hop, called=dice.random() < 0.5)
    return call


@pytest.mark.parametrize("seed", [5, 6, 18, 38, 44])
@pytest.mark.parametrize("is_live", [True, False], ids=["live", "file"])
def test_conversations_at_the_same_time_stay_apart_and_whole(
    tmp_path: Path, seed: int, is_live: bool
) -> None:
    wire, dice = Wire(), random.Random(seed)
    plan = [planned(wire, number, dice) for number in range(CALLS)]
    found = wire.watched(tmp_path) if is_live else wire.recorded(tmp_path)
    legs = [{leg.call_id for leg in call.legs} for call, _ in found]
    assert sorted(map(sorted, legs)) == sorted(sorted(line.call_id for line in one.legs) for one in plan)
    for call, folder in found:
        one = next(one for one in plan if one.legs[0].call_id in {leg.call_id for leg in call.legs})
        assert call.recording is not None
        offset = call.recording.start.timestamp() - START / SECOND
        when = one.start - offset + 0.2, one.end - offset - 0.3
        assert heard(folder, 0, *when) == pytest.approx(one.caller, abs=100)
        assert heard(folder, 1, *when) == pytest.approx(one.called, abs=100)
        assert call.parties[0].packets.received == round((one.end - one.start) * 50)
