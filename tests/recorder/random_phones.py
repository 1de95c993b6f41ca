"""A site of phones that speak SCCP, with calls of chance and their truth."""

import random
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

from recorder.protocol.sccp_messages import OUTBOUND, State
from tests.recorder.protocol import skinny
from tests.recorder.protocol.tcp_talk import Talk
from tests.recorder.skinny_phones import GATEWAY, MANAGER, Phone
from tests.recorder.wire import Place, Wire

Number = tuple[str, str]


@dataclass
class Conversation:
    """Who called whom, and how many packets each of the two sides sent."""

    from_: str
    to: str
    said: list[int] = field(default_factory=lambda: [0, 0])


@dataclass
class Line:
    """One call at a phone; media ports are those of the phone, and perhaps the same ones in its next call."""

    phone: Phone
    index: int

    @property
    def place(self) -> Place:
        return self.phone.place


@dataclass
class Site:
    """Phones that call each other and the world: held, sent on without asking, taken up at another phone of
    the line."""

    chance: random.Random
    wire: Wire = field(default_factory=Wire)
    conversations: list[Conversation] = field(default_factory=list)
    _acts: list[tuple[float, Callable[[], None]]] = field(default_factory=list)
    _free: list[float] = field(default_factory=list)
    _ports: list[int] = field(default_factory=list)
    _talks: list[Talk] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: iter(range(100, 10_000)))
    _keeps_port: bool = False

    @classmethod
    def of(cls, seed: int) -> "Site":
        site = cls(random.Random(seed))
        size = site.chance.randint(3, 6)
        site._free, site._ports = [0.0] * size, [20_000] * size
        site._talks = [Talk((f"192.0.2.{20 + index}", 50_000), MANAGER) for index in range(size)]
        site._keeps_port = site.chance.random() < 0.5
        for _ in range(site.chance.randint(2, 6)):
            site.chance.choice(
                [site._converses, site._converses, site._outside, site._sends_on, site._shares]
            )()
        # A connection says things in the order in which they are built.
        for _, act in sorted(site._acts, key=lambda act: act[0]):
            act()
        return site

    def _lines(self, count: int) -> tuple[float, list[Line]]:
        """Lines of phones that are free, and when."""
        chosen = self.chance.sample(range(len(self._free)), count)
        return max(self._free[index] for index in chosen) + self.chance.choice([0.3, 1.0, 3.0, 15.0]), [
            self._line(index) for index in chosen
        ]

    def _line(self, index: int) -> Line:
        number = next(self._numbers)
        if not self._keeps_port:
            self._ports[index] += 2
        phone = Phone(self.wire, f"192.0.2.{20 + index}", 16777000 + number, number, self._ports[index])
        phone.talk = self._talks[index]
        return Line(phone, index)

    def _at(self, at: float, act: Callable[..., None], *what: object) -> None:
        self._acts.append((at, partial(act, at, *what)))

    def _rings(self, at: float, caller: Line, called: Line) -> Conversation:
        """One phone calls, and another one rings."""
        numbers = _number(caller), _number(called)
        for act, what in _dials(caller.phone, *numbers):
            self._at(at, act, *what)
            at += 0.2
        self._at(at, called.phone.is_called, *numbers)
        return Conversation(numbers[0][0], numbers[1][0])

    def _talk(self, at: float, one: Line, another: Line, said: list[int]) -> float:
        """Both are connected, and speak until the time that is answered."""
        for step, (line, far) in enumerate(((one, another.place), (another, one.place))):
            self._connects(at + 0.01 * step, line, far)
        at = self._speak(at + 0.1, one.place, another.place, said)
        for line in (one, another):
            self._stops(at, line)
        return at

    def _connects(self, at: float, line: Line, far: Place) -> None:
        phone, port = line.phone, line.phone.port
        self._at(at, phone.enters, State.CONNECTED)
        self._at(at + 0.02, partial(_opens, phone, port, next(self._numbers), far))

    def _stops(self, at: float, line: Line) -> None:
        self._at(at, partial(_stops, line.phone))

    def _speak(self, at: float, one: Place, another: Place, said: list[int]) -> float:
        count = self.chance.randint(50, 150)
        for side, (source, destination) in enumerate(((one, another), (another, one))):
            ssrc = self.chance.getrandbits(32)
            for index in range(count):
                head = struct.pack("!BBHII", 0x80, 0, 700 + index, 9000 + 160 * index, ssrc)
                self.wire.udp(at + 0.02 * index, head + self.chance.randbytes(160), source, destination)
            said[side] += count
        return at + 0.02 * count + self.chance.uniform(0.0, 0.2)

    def _ends(self, at: float, conversation: Conversation, *lines: Line) -> None:
        for line in lines:
            self._at(at + 0.01, line.phone.enters, State.ON_HOOK)
            self._free[line.index] = max(self._free[line.index], at + 0.05)
        if not any(one is conversation for one in self.conversations):
            self.conversations.append(conversation)

    def _converses(self) -> None:
        """A call between two phones, which either may hold, and which goes on at other ports."""
        at, (caller, called) = self._lines(2)
        conversation = self._rings(at, caller, called)
        if self.chance.random() < 0.15:
            return self._ends(at + 5, conversation, caller, called)
        at = self._talk(at + 3, caller, called, conversation.said)
        for _ in range(self.chance.choice([0, 0, 1, 2])):
            holder = self.chance.choice([caller, called])
            self._at(at + 0.01, holder.phone.enters, State.HOLD)
            at = self._talk(at + self.chance.uniform(0.5, 8.0), caller, called, conversation.said)
        self._ends(at, conversation, caller, called)
        return None

    def _outside(self) -> None:
        """A call from a number outside, behind a gateway that is not seen."""
        at, (line,) = self._lines(1)
        number = f"1555{self.chance.randrange(10**7):07d}"
        far = GATEWAY[0], GATEWAY[1] + 2 * next(self._numbers)
        conversation = Conversation(number, _number(line)[0])
        self._at(at, line.phone.is_called, (number, ""), _number(line))
        self._connects(at + 2, line, far)
        at = self._speak(at + 2.1, far, line.place, conversation.said)
        self._stops(at, line)
        self._ends(at, conversation, line)

    def _sends_on(self) -> None:
        """Who is called sends the caller on to a third phone, without asking."""
        at, (caller, called, third) = self._lines(3)
        conversation = self._rings(at, caller, called)
        at = self._talk(at + 3, caller, called, conversation.said)
        self._ends(at, conversation, called)
        self._at(at + 0.1, third.phone.is_called, _number(caller), _number(third))
        at = self._talk(at + self.chance.uniform(1.0, 4.0), caller, third, conversation.said)
        self._ends(at, conversation, caller, third)

    def _shares(self) -> None:
        """A line of two phones: held at the one, and perhaps taken up at the other one."""
        at, (caller, first, second) = self._lines(3)
        second.phone.reference = first.phone.reference
        conversation = self._rings(at, caller, first)
        self._at(at + 1.3, second.phone.is_called, _number(caller), _number(first))
        self._at(at + 3, second.phone.enters, State.REMOTE)
        at = self._talk(at + 3, caller, first, conversation.said)
        if self.chance.random() < 0.6:
            for line in (first, second):
                self._at(at + 0.01, line.phone.enters, State.HOLD)
            at += self.chance.uniform(0.5, 5.0)
            self._at(at, first.phone.enters, State.REMOTE)
            at = self._talk(at, caller, second, conversation.said)
        self._ends(at, conversation, caller, first, second)


def _number(line: Line) -> Number:
    return f"80{line.index:02d}", f"name{line.index}"


def _dials(
    phone: Phone, caller: Number, called: Number
) -> list[tuple[Callable[..., None], tuple[object, ...]]]:
    shown = skinny.call_info(phone.reference, OUTBOUND, caller, called, phone.version)
    return [
        (phone.says, (skinny.off_hook(),)),
        (phone.is_told, (skinny.dialled(called[0], phone.reference, phone.version),)),
        (phone.enters, (State.PROCEED,)),
        (phone.is_told, (shown,)),
        (phone.enters, (State.RING_OUT,)),
    ]


def _opens(phone: Phone, port: int, party: int, far: Place, at: float) -> None:
    phone.port, phone.party = port, party
    phone.opens(at, far)


def _stops(phone: Phone, at: float) -> None:
    phone.is_told(at, skinny.close_receive(phone.reference, phone.party))
    phone.is_told(at, skinny.stop_media(phone.reference, phone.party))
