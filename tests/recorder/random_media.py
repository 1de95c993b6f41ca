"""Random scenes of media without signalling, with their truth: who spoke to whom, and how much came."""

import random
import struct
from dataclasses import dataclass, field

from tests.recorder.wire import Place, Wire

KINDS = {0: (160, 160), 8: (160, 160), 9: (160, 160), 18: (20, 160), 111: (0, 960)}
"""Bytes of a payload (0: any number) and ticks between packets, by payload type."""
HOSTS = [f"192.0.2.{number}" for number in range(1, 6)]
RELAY, OUTSIDE = "192.0.2.9", "203.0.113.1"
Way = tuple[Place, Place]


@dataclass
class Conversation:
    """What is between two parties: packets that came of each, and the places that they used."""

    start: float
    end: float
    came: list[int]
    places: set[Place]


@dataclass
class Scene:
    """Some conversations at once, and traffic that is none: direct, through a relay, or before and
    behind a translator of addresses; with losses, copies, late packets, pauses and new SSRCs."""

    chance: random.Random
    wire: Wire = field(default_factory=Wire)
    conversations: list[Conversation] = field(default_factory=list)
    _used: dict[Place, float] = field(default_factory=dict)

    @classmethod
    def of(cls, seed: int) -> "Scene":
        scene = cls(random.Random(seed))
        for _ in range(scene.chance.randint(1, 5)):
            scene._converse()
        for _ in range(scene.chance.randint(0, 2)):
            scene._disturb()
        return scene

    def _converse(self) -> None:
        chance, start = self.chance, self.chance.uniform(0.0, 30.0)
        shape = chance.choices(["direct", "relayed", "translated"], [5, 2, 1])[0]
        one, another = (self._place(host, start) for host in chance.sample(HOSTS, 2))
        ways = [[(one, another)], [(another, one)]]
        if shape == "direct" and chance.random() < 0.2:
            ways.pop()
        if shape == "relayed":
            near, far = self._place(RELAY, start), self._place(RELAY, start)
            ways = [[(one, near), (far, another)], [(another, far), (near, one)]]
        elif shape == "translated":
            seen = self._place(OUTSIDE, start)
            ways = [[(one, another), (seen, another)], [(another, seen), (another, one)]]
        kind, seconds = chance.choice(list(KINDS)), chance.uniform(4.0, 12.0)
        # Who is heard alone for long may not be known again behind a relay.
        late = 0.2 if shape != "direct" else chance.choice([0.0, 0.3, 2.0])
        streams = [self._stream(start + late * at, seconds, way, kind) for at, way in enumerate(ways)]
        end = max(last for _, last in streams)
        places = {place for way in ways for hop in way for place in hop}
        self._used.update(dict.fromkeys(places, end))
        came = [*(number for number, _ in streams), 0][:2]
        self.conversations.append(Conversation(start, end, came, places))

    def _place(self, host: str, start: float) -> Place:
        """One of few ports, as they are used again, but not at once."""
        free = [
            port for port in range(10_000, 10_016, 2) if self._used.get((host, port), -99.0) < start - 15.0
        ]
        place = host, self.chance.choice(free) if free else 20_000 + 2 * len(self._used)
        self._used[place] = 1e9
        return place

    def _stream(self, at: float, seconds: float, way: list[Way], kind: int) -> tuple[int, float]:
        """How many packets came, and when the last one did."""
        chance, (size, ticks) = self.chance, KINDS[kind]
        lost, copied, overtaken = (chance.choice([0.0, 0.0, 0.02]) for _ in range(3))
        pauses, anew = chance.random() < 0.2, chance.choice([0, 0, 0, round(seconds * 25)])
        ssrc, number, stamp = chance.getrandbits(32), chance.choice([700, 65_500]), chance.getrandbits(32)
        came, last = 0, at
        for index in range(round(seconds * 50)):
            if pauses and chance.random() < 0.01:
                gap = chance.randint(20, 100)
                at, stamp = at + 0.02 * gap, stamp + ticks * gap
            if anew and index == anew:
                ssrc, number, stamp = (chance.getrandbits(bits) for bits in (32, 16, 32))
            head = struct.pack("!BBHII", 0x80, kind, number & 0xFFFF, stamp & 0xFFFFFFFF, ssrc)
            content = head + chance.randbytes(size or chance.randint(20, 90))
            number, stamp = number + 1, stamp + ticks
            if chance.random() >= lost:
                late = 0.03 if chance.random() < overtaken else 0.0
                for hop, ends in enumerate(way):
                    self.wire.udp(at + late + 0.0007 * hop, content, *ends)
                    if chance.random() < copied:
                        self.wire.udp(at + late + 0.0007 * hop + 0.0003, content, *ends)
                came, last = came + 1, at
            at += 0.02
        return came, last

    def _disturb(self) -> None:
        """Names asked for, a game that counts, a camera, keys agreed on."""
        chance = self.chance
        at, kind = chance.uniform(0.0, 30.0), chance.randrange(4)
        source = f"198.51.100.{chance.randint(1, 9)}", chance.randint(1024, 60_000)
        for number in range(chance.randint(5, 300)):
            content = (
                struct.pack("!H", chance.getrandbits(16)) + chance.randbytes(40),
                struct.pack("!HHII", 0x8000 + number, number, 0, 0) + chance.randbytes(50),
                struct.pack("!BBHII", 0x80, 97, number, number // 4 * 3600, 77) + chance.randbytes(900),
                bytes([chance.randint(20, 63)]) + chance.randbytes(100),
            )[kind]
            self.wire.udp(at + 0.01 * number, content, source, ("198.51.100.10", 5000))
