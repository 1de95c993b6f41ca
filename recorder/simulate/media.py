"""The RTP streams of an answered call: who sends what on which leg, with pauses and music while on hold."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from recorder.simulate.bank import PayloadBank
from recorder.simulate.chance import scramble_number
from recorder.simulate.codec import BYTES_PER_MS
from recorder.simulate.legs import Leg
from recorder.simulate.scenario import CallPlan
from recorder.simulate.streams import RTP_BYTES, Run
from recorder.simulate.truth import StreamTruth
from recorder.simulate.wire import Endpoint, headers
from storage.model import Side

FIRST_PACKET_NS = {Side.A: 22_000_000, Side.B: 12_000_000}
"""From the answer to the first packet of each party."""
RELAY_NS = 450_000
"""What the PBX needs to pass a packet on."""


@dataclass(frozen=True, slots=True)
class Ring:
    """A ring of payload rows: ``length`` entries from ``first`` on."""

    first: int
    length: int


@dataclass(frozen=True, slots=True)
class Sound:
    """What both parties say: a ring each, begun at ``offset``; and the music for those who wait."""

    sides: dict[Side, Ring]
    music: Ring
    offset: int


@dataclass(frozen=True, slots=True)
class _Piece:
    """Packets ``first`` up to ``last`` of a stream, as speech or as music."""

    first: int
    last: int
    music: bool = False


def make_runs(
    plan: CallPlan,
    legs: Sequence[Leg],
    answered_ns: int,
    sound: Sound,
    bank: PayloadBank,
    vlan: int | None,
) -> list[Run]:
    """The runs of every stream of the call; their truths are in them."""
    runs: list[Run] = []
    for side in (Side.A, Side.B):
        own_leg = 0 if side is Side.A else len(legs) - 1
        for index, leg in enumerate(legs):
            ends = (leg.caller.media, leg.callee.media)
            source, destination = ends if side is Side.A else ends[::-1]
            relayed = index != own_leg
            stream = _Stream(plan, side, index, relayed, source, destination, bank)
            first_ns = answered_ns + FIRST_PACKET_NS[side] + (RELAY_NS if relayed else 0)
            runs += stream.runs(
                first_ns, _pieces(plan, side, relayed, len(legs), bank.packet_ms), sound, vlan
            )
    return runs


def _pieces(plan: CallPlan, side: Side, relayed: bool, legs: int, packet_ms: int) -> list[_Piece]:
    """Which packets a stream has. Both phones pause while on hold; behind a PBX only the agent's side does,
    and the customer hears music."""
    packet = packet_ms * 1_000_000
    last = max(0, (plan.talk_ns - FIRST_PACKET_NS[side]) // packet)
    customers_own = side is not plan.agent_side and not relayed and legs == 2
    if plan.hold is None or customers_own:
        return [_Piece(0, last)]
    begin, end = ((offset - FIRST_PACKET_NS[side]) // packet for offset in plan.hold)
    pieces = [_Piece(0, begin), _Piece(end, last)]
    if side is plan.agent_side and relayed:
        pieces.insert(1, _Piece(begin, end, music=True))
    return pieces


class _Stream:
    def __init__(
        self,
        plan: CallPlan,
        side: Side,
        leg: int,
        relayed: bool,
        source: Endpoint,
        destination: Endpoint,
        bank: PayloadBank,
    ) -> None:
        codec = bank.codecs[plan.codec_index]
        self._key = scramble_number(plan.seed, f"stream{leg}{side}")
        self._start = scramble_number(plan.seed, f"start{leg}{side}")
        self._plan, self._side, self._bank = plan, side, bank
        self._source, self._destination = source, destination
        self._payload_type = codec.payload_type
        self._truth = StreamTruth(
            ssrc=self._key & 0xFFFFFFFF,
            source=str(source),
            destination=str(destination),
            leg=leg,
            party=side.value,
            relayed=relayed,
            codec=codec.name,
            packet_ms=bank.packet_ms,
        )

    def runs(self, first_ns: int, pieces: Sequence[_Piece], sound: Sound, vlan: int | None) -> list[Run]:
        """A run for each piece: sequence numbers go on without a gap, timestamps with the time."""
        header = self._header(vlan)
        sequence, timestamp = self._start & 0xFFFF, self._start >> 32
        step = self._bank.packet_ms * BYTES_PER_MS
        runs: list[Run] = []
        for piece in pieces:
            count = piece.last - piece.first
            if count <= 0:
                continue
            ring = sound.music if piece.music else sound.sides[self._side]
            runs.append(
                Run(
                    header=header,
                    first_ns=first_ns + piece.first * self._bank.packet_ms * 1_000_000,
                    count=count,
                    sequence=sequence,
                    timestamp=timestamp + piece.first * step,
                    ring_first=ring.first,
                    ring_length=ring.length,
                    ring_offset=0 if piece.music else sound.offset + piece.first,
                    codec_index=self._plan.codec_index,
                    mark=scramble_number(self._plan.seed, f"mark{self._side}"),
                    number=piece.first,
                    key=self._key,
                    marker=not runs or runs[-1].number + runs[-1].count < piece.first,
                    truth=self._truth,
                )
            )
            sequence += count
            self._truth.music += count if piece.music else 0
        return runs

    def _header(self, vlan: int | None) -> bytes:
        """Everything before the payload; marker, sequence number and timestamp zero (RFC 3550, 5.1)."""
        size = RTP_BYTES + self._bank.packet_ms * BYTES_PER_MS
        rtp = struct.pack("!BBHII", 0x80, self._payload_type, 0, 0, self._truth.ssrc)
        return headers(self._source, self._destination, size, vlan) + rtp
