"""Voices of which no two packets are alike, as those of people, and their way through several dialogs."""

from collections.abc import Callable
from functools import cache

import numpy as np

from tests.recorder import frames
from tests.recorder.switchboard import AGENT, CUSTOMER, PACKET, PBX, Line, Wire, tone

SBC, INSIDE, SERVER = "203.0.113.9", "192.0.2.50", "192.0.2.60"
"""Two addresses of a border controller, and another host."""

Sound = Callable[[int], bytes]
"""Payload of a packet, by its number."""
HOP = 0.003
"""Seconds that a PBX takes to pass a packet on."""
_SECONDS = 60


@cache
def _noisy(hertz: int) -> bytes:
    samples = np.tile(tone(hertz), _SECONDS)
    # The lowest bits of mu-law: a noise that leaves the tone the loudest by far.
    noise = np.random.default_rng(hertz).integers(0, 4, len(samples), np.uint8)
    return (samples ^ noise).tobytes()


def voice(hertz: int, since: float = 0.0) -> Sound:
    """A tone with some noise, of a minute; the sound that began at ``since`` (s)."""
    first = round(since * 50)
    return lambda number: _noisy(hertz)[(number - first) * PACKET :][:PACKET]


def same(payload: bytes) -> Sound:
    """Always this."""
    return lambda number: payload


def says(
    line: Line,
    sound: Sound,
    start: float,
    end: float,
    *,
    called: bool = False,
    lag: float = 0.0,
    kind: int = 0,
) -> None:
    """RTP of payload type ``kind`` from one end of the line to the other."""
    way = slice(None, None, -1 if called else 1)
    hosts, ports = line.hosts[way], line.ports[way]
    ssrc = (sum(line.call_id.encode()) << 1 | called).to_bytes(4)
    for number in range(round(start * 50), round(end * 50)):
        head = bytes([0x80, kind]) + number.to_bytes(2) + (number * PACKET).to_bytes(4) + ssrc
        line.wire.put(number / 50 + lag, frames.udp(head + sound(number), *ports), *hosts)


def through(lines: list[Line], caller: Sound | None, called: Sound | None, start: float, end: float) -> None:
    """What both say, over all lines in their order, or back."""
    for number, line in enumerate(lines):
        if caller is not None:
            says(line, caller, start, end, lag=HOP * number)
        if called is not None:
            says(line, called, start, end, called=True, lag=HOP * (len(lines) - 1 - number))


def lines(wire: Wire, name: str, *hops: tuple[str, str, str, str]) -> list[Line]:
    """Dialogs that a call goes through, each of two hosts and two numbers."""
    return [
        wire.line(f"{name}{number}", (a, b), (caller, called))
        for number, (a, b, caller, called) in enumerate(hops)
    ]


def both_legs(wire: Wire, shown: str = CUSTOMER.number) -> list[Line]:
    """The customer's call to the hotline and the PBX's to an agent, whom it shows this number."""
    return lines(
        wire, "leg", (CUSTOMER.host, PBX, CUSTOMER.number, "800"), (PBX, AGENT.host, shown, AGENT.number)
    )


def begin(legs: list[Line], at: float = 0.0) -> None:
    for number, line in enumerate(legs):
        line.begins(at + 0.01 * number)


def end(legs: list[Line], at: float) -> None:
    for number, line in enumerate(legs):
        line.hangs_up(at + 0.01 * number)


CALLER, CALLED = voice(CUSTOMER.voice), voice(AGENT.voice)
