"""Sites of chance with many calls at once that signalling hardly tells apart: callers of one company, one
queue, hidden numbers, music and announcements for all. Every conversation is one call, and no two are."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

from recorder.assembly.numbering import Numbering
from recorder.assembly.trunks import Trunk
from recorder.capture import CaptureOptions
from tests.recorder.recording import call_files, captured
from tests.recorder.switchboard import PBX, Line, Wire
from tests.recorder.voices import INSIDE, SBC, Sound, begin, end, says, through, voice

CARRIER, COMPANY, MAIN = "198.51.100.7", "+4989555555", "+4969700800"
SAME_ENDING = ("+49301234567", "+49401234567", "+43911234567")
MUSIC = voice(300)
CALLS = 14


@dataclass
class Site:
    """Calls between agents and the world, through a border controller or none."""

    dice: random.Random
    wire: Wire = field(default_factory=Wire)
    truth: list[list[Line]] = field(default_factory=list)
    voices: "Iterator[int]" = field(default_factory=lambda: count(400, 100))

    def __post_init__(self) -> None:
        self.border = self.dice.choice(([], [(SBC, SBC)], [(SBC, INSIDE)]))
        self.shown = self.dice.choice((None, "queue", "anonymous"))
        # Of calls with one number nothing but the address tells which come in.
        outside = (CARRIER, INSIDE) if self.border == [(SBC, INSIDE)] else (CARRIER,)
        self.options = CaptureOptions(numbering=Numbering(trunks=tuple(map(Trunk.parse, outside))))
        agents = list(range(20, 20 + 2 * CALLS))
        self.dice.shuffle(agents)
        self.agents = iter(agents)
        for _ in range(CALLS):
            kind = self.dice.choice(
                (self.calls_in, self.calls_in, self.calls_out, self.calls_back, self.sent_on)
            )
            kind(self.dice.randrange(200) / 50)

    def calls_in(self, at: float) -> None:
        """A customer waits with music, and talks to an agent."""
        caller = self.customer()
        way, agent = self.into(caller), self.agent(caller)
        start = at + self.dice.randrange(50, 200) / 50
        begin(way, at)
        sound, other = self.sound(), self.sound()
        through(way, sound, MUSIC, at + 0.3, start)
        agent.begins(start - 0.2)
        self.talk([*way, agent], sound, other, start)

    def calls_out(self, at: float) -> None:
        """An agent calls a customer."""
        agent, called = 200 + next(self.agents), self.customer()
        first = self.line((f"10.0.1.{agent - 200}", PBX), (str(agent), called.replace("+49", "00")))
        legs = [first, *self.out(MAIN, called)]
        begin(legs, at)
        self.talk(legs, self.sound(), self.sound(), at + 0.5)

    def calls_back(self, at: float) -> None:
        """The PBX calls an agent, then a customer."""
        agent, way = self.agent("callback"), self.out(MAIN, self.customer())
        agent.begins(at)
        begin(way, at + 1)
        sound, other = self.sound(), self.sound()
        self.truth.append([agent, *way])
        stop = at + 5
        says(agent, sound, at + 1.3, stop, called=True)
        through(way, sound, other, at + 1.3, stop)
        says(agent, other, at + 1.3, stop, lag=0.01)
        end([agent, *way], stop)

    def sent_on(self, at: float) -> None:
        """A customer is welcomed, and sent on to a mobile with their own number."""
        caller = self.customer()
        way, further = self.into(caller), self.out(caller, f"+49151{self.dice.randrange(10**7):07d}")
        begin(way, at)
        sound = self.sound()
        through(way, sound, voice(350, since=at + 0.3), at + 0.3, at + 2)
        begin(further, at + 1.5)
        self.talk([*way, *further], sound, self.sound(), at + 2)

    def talk(self, legs: list[Line], caller: Sound, called: Sound, start: float) -> None:
        self.truth.append(legs)
        stop = start + self.dice.randrange(150, 300) / 50
        through(legs, caller, called, start, stop)
        end(legs, stop)

    def into(self, caller: str) -> list[Line]:
        """From the carrier to the PBX."""
        hosts = [CARRIER, *(host for border in self.border for host in border), PBX]
        return [self.line(pair, (caller, MAIN)) for pair in zip(hosts[::2], hosts[1::2], strict=True)]

    def out(self, caller: str, called: str) -> list[Line]:
        """From the PBX to the carrier."""
        hosts = [PBX, *(host for border in self.border for host in border[::-1]), CARRIER]
        return [self.line(pair, (caller, called)) for pair in zip(hosts[::2], hosts[1::2], strict=True)]

    def agent(self, caller: str) -> Line:
        number = next(self.agents)
        return self.line((PBX, f"10.0.1.{number}"), (self.shown or caller, str(200 + number)))

    def customer(self) -> str:
        return self.dice.choice((COMPANY, *SAME_ENDING, f"+49170{self.dice.randrange(10**7):07d}"))

    def sound(self) -> Sound:
        return voice(next(self.voices))

    def line(self, hosts: tuple[str, str], numbers: tuple[str, str]) -> Line:
        return self.wire.line(f"call{self.dice.getrandbits(40):x}", hosts, numbers)


@pytest.mark.parametrize("seed", range(8))
def test_every_conversation_of_a_busy_site_is_one_call(tmp_path: Path, seed: int) -> None:
    site = Site(random.Random(seed))
    files = call_files(captured(tmp_path, [site.wire.batch()], site.options))
    found = sorted(sorted(leg.call_id for leg in file.call.legs) for file in files)
    assert found == sorted(sorted(line.call_id for line in legs) for legs in site.truth)
