"""What passes a tap: frames of several senders, each at its time."""

from dataclasses import dataclass, field

import numpy as np

from recorder.batch import Batch
from recorder.media import MediaBlock
from tests.recorder import frames
from tests.recorder.finish.packets import packets, voice
from tests.recorder.finish.sealed import bodies, headers
from tests.recorder.protocol.tcp_talk import Talk

Place = tuple[str, int]


@dataclass
class Wire:
    """Collects frames; times are seconds after ``frames.START``."""

    sent: list[tuple[float, bytes]] = field(default_factory=list)

    def tcp(
        self, at: float, talk: Talk, content: bytes, *, from_client: bool = True, size: int = 1 << 14
    ) -> None:
        """Content on a connection."""
        self.sent += [(at, frame) for frame in talk.say(content, size=size, from_client=from_client)]

    def udp(self, at: float, content: bytes, source: Place, destination: Place) -> None:
        """A datagram."""
        datagram = frames.udp(content, source[1], destination[1])
        self.sent.append((at, frames.ethernet(frames.ipv4(datagram, source[0], destination[0]))))

    def speech(
        self, at: float, seconds: float, source: Place, destination: Place, *, seed: int = 0, kind: int = 0
    ) -> MediaBlock:
        """RTP of somebody who speaks; another ``seed`` is another voice."""
        block = packets(voice(seconds, seed=seed), kind, sequence=1000 * seed, timestamp=9000 * seed)
        self.media(at, block, source, destination)
        return block

    def media(self, at: float, block: MediaBlock, source: Place, destination: Place) -> None:
        """The packets of a block, a packet every 20 ms."""
        for index, (head, body) in enumerate(zip(headers(block), bodies(block), strict=True)):
            self.udp(at + 0.02 * index, head + body, source, destination)

    def batch(self, start: float = 0.0, end: float = 1e9) -> Batch:
        """The frames between two times in their order."""
        chosen = sorted(
            ((at, frame) for at, frame in self.sent if start <= at < end), key=lambda pair: pair[0]
        )
        batch = frames.batch([frame for _, frame in chosen])
        batch.times[:] = frames.START + np.array([round(at * 1e9) for at, _ in chosen], np.int64)
        return batch
