"""A call of two phones that encrypt, made with libsrtp, as a batch of frames."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from pylibsrtp import Policy
from pylibsrtp import Session as LibSrtp

from recorder.batch import Batch
from recorder.media import MediaBlock, SrtpKey
from recorder.protocol.rtp import RtpPacket
from tests.recorder import frames
from tests.recorder.assembly.messages import Talk, sdp
from tests.recorder.finish.packets import packets, voice
from tests.recorder.finish.sealed import PROFILES, key
from tests.recorder.phones import CALLED, CALLER, sip

OURS, THEIRS = key(seed=1), key(seed=2)
SECURE = "RTP/SAVP 0"
Shape = Callable[[RtpPacket, int], RtpPacket]
"""What a phone does to its packets before it encrypts them: the packet and its number."""


@dataclass(frozen=True)
class Phone:
    """One that says ``said`` and encrypts it with ``key``; its description has the key where ``tells``."""

    said: MediaBlock
    key: SrtpKey | None
    ssrc: int
    tells: bool = True
    shape: Shape = lambda packet, _: packet

    def lines(self, *more: str) -> tuple[str, ...]:
        """What its session description says of keys."""
        if self.key is None or not self.tells:
            return more
        mki = f"|1:{self.key.mki}" if self.key.mki else ""
        return (f"a=crypto:1 {self.key.suite} inline:{self.key.secret}|2^31{mki}", *more)

    def packets(self) -> list[bytes]:
        """Its packets on the wire."""
        block = self.said
        rows = zip(
            block.payload_types.tolist(), block.sequences.tolist(), block.timestamps.tolist(), strict=True
        )
        plain = [
            self.shape(RtpPacket(kind, sequence & 0xFFFF, stamp, self.ssrc, body), number)
            for number, ((kind, sequence, stamp), body) in enumerate(zip(rows, block.bodies(), strict=True))
        ]
        if self.key is None:
            return [bytes(packet) for packet in plain]
        seal = LibSrtp(
            Policy(
                key=base64.b64decode(self.key.secret),
                ssrc_type=Policy.SSRC_ANY_OUTBOUND,
                srtp_profile=PROFILES[self.key.suite],
            )
        )
        return [seal.protect(bytes(packet)) for packet in plain]


ANN = Phone(packets(voice(4, seed=1)), OURS, 0x1111)
BEN = Phone(packets(voice(4, seed=2), sequence=65_500), THEIRS, 0x2222)


def udp(content: bytes, source: tuple[str, int], destination: tuple[str, int]) -> bytes:
    return frames.ethernet(
        frames.ipv4(frames.udp(content, source[1], destination[1]), source[0], destination[0])
    )


def call(
    caller: Phone = ANN, called: Phone = BEN, protocol: str = SECURE, before: Sequence[bytes] = ()
) -> Batch:
    """The call from INVITE to BYE, both parties speaking; ``before`` are frames before their media."""
    one = Talk()
    offer = sdp(*CALLER, *caller.lines(), protocol=protocol)
    answer = sdp(*CALLED, *called.lines(), protocol=protocol)
    made = [
        sip(bytes(one.request(body=offer)), CALLER[0], CALLED[0]),
        sip(bytes(one.response(200, answer)), CALLED[0], CALLER[0]),
        *before,
    ]
    spoken: list[bytes] = []
    for ours, theirs in zip(caller.packets(), called.packets(), strict=True):
        spoken += [udp(ours, CALLER, CALLED), udp(theirs, CALLED, CALLER)]
    end = sip(bytes(one.request("BYE", to_tag="b")), CALLER[0], CALLED[0])
    batch = frames.batch([*made, *spoken, end])
    at = len(made)
    batch.times[at:] = batch.times[at - 1] + 20_000_000 * (1 + np.arange(len(batch) - at) // 2)
    return batch


def untold(phone: Phone) -> Phone:
    """The same phone, whose key is not in its signalling."""
    return Phone(phone.said, phone.key, phone.ssrc, tells=False, shape=phone.shape)
