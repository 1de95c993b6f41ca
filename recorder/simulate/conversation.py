"""Two people taking turns: which payload row each of them sends at each packet time.

A ``Tape`` is one such conversation of some minutes, used again by many calls from different places on:
the sound repeats, but starting and ending calls cost nothing.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recorder.simulate.bank import PayloadBank, Rows, SpeakerRows

TAPE_SECONDS = 240


@dataclass(frozen=True, slots=True)
class Tape:
    """``rows`` is int32 of shape (2, packets): what A and B send; it is a ring, its end joins its start.

    ``openings`` are the packets at which B, the called party, begins to speak after a pause.
    """

    speakers: tuple[str, str]
    rows: Rows
    openings: NDArray[np.int64]


def converse(
    bank: PayloadBank, first: SpeakerRows, second: SpeakerRows, rng: np.random.Generator, seconds: float
) -> Tape:
    """A conversation between ``first`` (A) and ``second`` (B), who speaks first.

    Turns of one to three phrases; the next speaker comes in after about a quarter of a second, sometimes
    too early, so that both speak; now and then nobody says anything for some seconds.
    """
    parties = (first, second)
    a_second = 1000 // bank.packet_ms
    length = int(seconds * a_second)
    rows = np.stack([_room_rows(party, length) for party in parties])
    said_until = [0, 0]
    openings = []
    now, side = 0.5 * a_second, 1
    while now < length:
        if side == 1:
            openings.append(int(now))
        for _ in range(rng.integers(1, 4)):
            now = max(now, said_until[side])
            now = said_until[side] = _say(rows[side], parties[side], int(now), rng)
            now += rng.uniform(0.15, 0.6) * a_second
        if rng.random() < 0.15:
            _backchannel(rows, parties, said_until, 1 - side, now - rng.uniform(1.0, 2.0) * a_second)
        pause = rng.uniform(2.0, 6.0) if rng.random() < 0.06 else rng.normal(-0.05, 0.3)
        now += max(pause, -1.0) * a_second
        side = 1 - side
    return Tape((first.speaker.name, second.speaker.name), rows, np.array(openings, np.int64))


def make_tapes(bank: PayloadBank, count: int, seed: int) -> list[Tape]:
    """``count`` conversations between different pairs of the bank's speakers."""
    rng = np.random.default_rng((seed, 7))
    tapes = []
    for _ in range(count):
        first, second = rng.choice(len(bank.speakers), size=2, replace=False)
        tapes.append(converse(bank, bank.speakers[first], bank.speakers[second], rng, TAPE_SECONDS))
    return tapes


def _room_rows(party: SpeakerRows, length: int) -> Rows:
    return (party.room.first + np.arange(length) % party.room.count).astype(np.int32)


def _say(rows: Rows, party: SpeakerRows, at: int, rng: np.random.Generator) -> int:
    """Put a phrase on the track at ``at``; the packet at which it ends."""
    phrase = party.phrases[rng.integers(len(party.phrases))]
    end = min(at + phrase.count, len(rows))
    rows[at:end] = phrase.first + np.arange(max(0, end - at))
    return end


def _backchannel(
    rows: Rows, parties: tuple[SpeakerRows, SpeakerRows], said_until: list[int], side: int, at: float
) -> None:
    """The listener says half a second of something meanwhile, if free to."""
    start = int(at)
    if start <= said_until[side]:
        return
    phrase = min(parties[side].phrases, key=lambda each: each.count)
    end = min(start + phrase.count, rows.shape[1])
    rows[side, start:end] = phrase.first + np.arange(max(0, end - start))
    said_until[side] = end
