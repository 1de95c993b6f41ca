"""Calls of two voices as blocks of packets, ready to be finished, for the benchmarks of finishing."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recorder.media import Channel, Format, MediaBlock, RecordingPlan, Source
from recorder.simulate.codec import codec, encode
from recorder.simulate.voice import SPEAKERS, Speaker, phrases, room

START = 1_795_289_148_000_000_000
NS = 1_000_000_000
RATE = 8000
PACKET = 160
KINDS = ("both talk", "turns, noise between", "turns, silence between")


@dataclass(frozen=True, slots=True)
class TalkingCall:
    """``samples`` of both parties are what the packets decode to."""

    seconds: int
    plan: RecordingPlan
    samples: tuple[NDArray[np.int16], NDArray[np.int16]]
    blocks: tuple[MediaBlock, MediaBlock]

    @property
    def packets(self) -> int:
        """Packets of both streams."""
        return sum(len(block) for block in self.blocks)

    def steps(self, seconds: float) -> list[list[MediaBlock]]:
        """The packets as a worker gets them: some seconds at a time."""
        size = round(seconds * RATE / PACKET)
        count = len(self.blocks[0])
        return [[_part(block, slice(i, i + size)) for block in self.blocks] for i in range(0, count, size)]


def talking_calls(count: int, seconds: int, kind: str) -> list[TalkingCall]:
    """Calls of the kind (see ``KINDS``) between varying speakers, PCMU."""
    return [_call(number, seconds, kind) for number in range(count)]


def _call(number: int, seconds: int, kind: str) -> TalkingCall:
    sides = [_side(SPEAKERS[(number + 3 * side) % len(SPEAKERS)], seconds) for side in (0, 1)]
    if kind != KINDS[0]:
        turn = np.arange(seconds * RATE) // (RATE * 4) % 2
        for side, samples in enumerate(sides):
            rest = room(SPEAKERS[side], RATE, len(samples)) if kind == KINDS[1] else np.int16(0)
            sides[side] = np.where(turn == side, samples, rest).astype(np.int16)
    plan = RecordingPlan(
        START, RATE, tuple(Channel((Source(name, {0: Format("PCMU")}),)) for name in ("a", "b"))
    )
    first, second = sides
    return TalkingCall(seconds, plan, (first, second), (_block("a", first), _block("b", second)))


def _side(speaker: Speaker, seconds: int) -> NDArray[np.int16]:
    spoken = np.concatenate(phrases(speaker, RATE, 12))
    return np.resize(spoken, seconds * RATE)


def _block(stream: str, samples: NDArray[np.int16]) -> MediaBlock:
    payload = encode(codec("PCMU"), samples)
    index = np.arange(len(payload) // PACKET)
    return MediaBlock(
        stream,
        START + index * (NS * PACKET // RATE),
        index + 7,
        index * PACKET + 11,
        np.zeros(len(index), np.uint8),
        index == 0,
        np.full(len(index), PACKET, np.int32),
        payload,
    )


def _part(block: MediaBlock, which: slice) -> MediaBlock:
    return MediaBlock(
        block.stream,
        block.times[which],
        block.sequences[which],
        block.timestamps[which],
        block.payload_types[which],
        block.markers[which],
        block.lengths[which],
        block.payload[which.start * PACKET : which.stop * PACKET],
    )
