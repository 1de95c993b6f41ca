"""Calls of chance through a PBX, or from it: their phones hold, move to other ports, start their sound anew,
and the PBX uses ports of calls that have just ended. What was said when is known."""

from dataclasses import dataclass, field
from random import Random
from typing import Self

from tests.recorder import frames
from tests.recorder.assembly.messages import sdp
from tests.recorder.switchboard import PACKET, PBX, Line, Wire
from tests.recorder.voices import HOP, Sound, lines, voice

PHONES = [f"192.0.2.{number}" for number in range(11, 16)]
CARRIERS = ["203.0.113.10", "203.0.113.20"]
CALLS = 6


@dataclass
class Conversation:
    """From which number somebody called, their voice and that of who answered (Hz), when each of them was
    heard (s), and who held or went on."""

    from_: str
    voices: tuple[int, int]
    answered: float
    end: float
    heard: list[tuple[int, float, float]] = field(default_factory=list)
    holds: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Site:
    """A PBX and its phones; ports of it are free again when their call is over."""

    chance: Random
    wire: Wire = field(default_factory=Wire)
    conversations: list[Conversation] = field(default_factory=list)
    _free: list[tuple[float, int]] = field(default_factory=list)
    _next: int = 20_000

    @classmethod
    def of(cls, seed: int) -> Self:
        """What this seed makes."""
        site, at = cls(Random(seed)), 0.5
        for number in range(CALLS):
            _Talk(site, number, round(at, 2)).goes()
            at += site.chance.choice([0.1, 0.5, 2.0, 4.0])
        return site

    def port(self, at: float, until: float) -> int:
        """One of the PBX, which the last call to have it may have left a moment ago."""
        free = [one for one in self._free if one[0] <= at]
        number = self.chance.choice(free)[1] if free else self._next
        self._next += 0 if free else 2
        self._free = [one for one in self._free if one[1] != number]
        self._free.append((until, number))
        return number


class _Talk:
    """One conversation while it is made."""

    def __init__(self, site: Site, number: int, at: float) -> None:
        self.site, self.chance = site, site.chance
        answered = at + 0.1
        end = round(answered + self.chance.uniform(2.5, 5), 2)
        self.made = Conversation(
            f"1555123{number:04}", (300 + 200 * number, 400 + 200 * number), answered, end
        )
        agent = self.chance.choice(PHONES)
        hops = (
            [(self.chance.choice(CARRIERS), PBX, self.made.from_, "800")]
            if self.chance.random() < 0.7
            else []
        )
        hops.append((PBX, agent, self.made.from_, str(1001 + PHONES.index(agent))))
        self.lines = lines(site.wire, f"call{number}-", *hops)
        until = end + self.chance.choice([0.05, 0.3, 1.5])
        for line in self.lines:
            self._places(line, [site.port(at, until) if host == PBX else port for host, port in _ends(line)])
        self.at, self.number = at, number
        self.sources = [self.chance.getrandbits(32) for _ in range(2)]
        self.cseq = 1

    def goes(self) -> None:
        """The call from its beginning to its end."""
        made, chance = self.made, self.chance
        self.site.conversations.append(made)
        for line in self.lines:
            line.begins(self.at)
        since = made.answered
        while chance.random() < 0.7 and since + 1.6 < made.end:
            until = round(since + chance.uniform(0.9, 1.4), 2)
            self._speaks(since, until)
            since = chance.choice([self._holds, self._moves, self._starts_again, self._is_refused])(until)
        self._speaks(since, made.end)
        for line in self.lines:
            line.hangs_up(made.end)

    def _speaks(self, start: float, end: float) -> None:
        for side, hertz in enumerate(self.made.voices):
            self.made.heard.append((side, start, end))
            for hop, line in enumerate(self.lines[:: -1 if side else 1]):
                self._sends(line, side, voice(hertz), start, end, hop)

    def _sends(self, line: Line, side: int, sound: Sound, start: float, end: float, hop: int) -> None:
        way = slice(None, None, -1 if side else 1)
        source = (self.sources[side] + hop & 0xFFFFFFFF).to_bytes(4)
        for number in range(round(start * 50), round(end * 50)):
            head = b"\x80\0" + number.to_bytes(2) + (number * PACKET).to_bytes(4) + source
            packet = frames.udp(head + sound(number), *line.ports[way])
            self.site.wire.put(number / 50 + HOP * hop, packet, *line.hosts[way])

    def _holds(self, at: float) -> float:
        line, side = self._phone()
        line.holds(at, called=bool(side), direction=self.chance.choice(["sendonly", "inactive"]))
        line.holds(at + 0.4, called=bool(side), direction="sendrecv")
        self.made.holds += [("hold", "AB"[side]), ("resume", "AB"[side])]
        return round(at + 0.4, 2)

    def _moves(self, at: float) -> float:
        line, side = self._phone()
        ports = list(line.ports)
        ports[side] += 1000
        self._places(line, ports)
        self._asks(line, side, at, line.ports[side])
        return at

    def _is_refused(self, at: float) -> float:
        """To be called at another port."""
        line, side = self._phone()
        self._asks(line, side, at, 9000, status=488)
        return at

    def _starts_again(self, at: float) -> float:
        self.sources[self.chance.choice([0, 1])] += 77
        return at

    def _asks(self, line: Line, side: int, at: float, port: int, status: int = 200) -> None:
        self.cseq += 1
        number, is_called = f"{self.cseq} INVITE", bool(side)
        body = sdp(line.hosts[side], port, "a=sendrecv")
        asked = line.talk.request(body=body, to_tag="b", from_called=is_called, CSeq=number)
        line.says(at, asked, from_called=is_called)
        answer = sdp(line.hosts[1 - side], line.ports[1 - side]) if status == 200 else b""
        told = line.talk.request(body=answer, to_tag="b", from_called=is_called, CSeq=number)
        told = type(told)(f"SIP/2.0 {status} Reason", told.fields, told.body)
        line.says(at + 0.01, told, from_called=not is_called)

    def _phone(self) -> tuple[Line, int]:
        """A line whose end is no PBX, and which end that is."""
        return self.chance.choice(
            [(line, line.hosts.index(host)) for line in self.lines for host, _ in _ends(line) if host != PBX]
        )

    def _places(self, line: Line, ports: list[int]) -> None:
        line.ports = (ports[0], ports[1])


def _ends(line: Line) -> list[tuple[str, int]]:
    return list(zip(line.hosts, line.ports, strict=True))
