"""Traffic whose signalling is said over TCP connections, plain or wrapped."""

from collections.abc import Callable
from typing import Protocol

import numpy as np

from recorder.batch import Batch
from recorder.protocol import udp
from tests.recorder.protocol.tcp_talk import Talk
from tests.recorder.protocol.tls_talk import TlsTalk
from tests.recorder.protocol.websocket_frames import REQUEST, RESPONSE, frame

Said = list[tuple[bool, bytes]]
"""Bytes, each with whether the client sent them."""


class Line(Protocol):
    """What a connection carries: how it begins, and how a message is said on it."""

    def begin(self) -> Said: ...
    def say(self, content: bytes, from_client: bool) -> Said: ...


class PlainLine:
    """Messages as they are."""

    def begin(self) -> Said:
        return []

    def say(self, content: bytes, from_client: bool) -> Said:
        return [(from_client, content)]


class WebSocketLine:
    """Messages in frames."""

    def begin(self) -> Said:
        return [(True, REQUEST), (False, RESPONSE)]

    def say(self, content: bytes, from_client: bool) -> Said:
        return [(from_client, frame(content, mask=b"mask" if from_client else b""))]


class TlsLine:
    """What another line says, encrypted."""

    def __init__(self, talk: TlsTalk, inner: Line) -> None:
        self._talk = talk
        self._inner = inner

    def begin(self) -> Said:
        self._talk.shake_hands()
        return [
            *self._taken(),
            *(one for who, data in self._inner.begin() for one in self._sealed(data, who)),
        ]

    def say(self, content: bytes, from_client: bool) -> Said:
        return [one for who, data in self._inner.say(content, from_client) for one in self._sealed(data, who)]

    def _sealed(self, content: bytes, from_client: bool) -> Said:
        self._talk.say(content, from_client)
        return self._taken()

    def _taken(self) -> Said:
        said, self._talk.said = self._talk.said, []
        return said


def over_tcp(batch: Batch, size: int, line: Callable[[], Line] = PlainLine, port: int | None = None) -> Batch:
    """The batch with its SIP datagrams said over TCP connections, in segments of ``size`` bytes.

    The second of two ends listens on ``port``; without one each host has a port of its own.
    """
    found = udp.parse(batch)
    is_sip = found.destination_ports == 5060
    talks: dict[frozenset, tuple[Talk, Line]] = {}
    frames: list[tuple[int, bytes]] = []
    for row, at in enumerate(found.frames.tolist()):
        start = int(batch.offsets[at])
        if not is_sip[row]:
            frames.append((at, batch.data[start : start + int(batch.lengths[at])].tobytes()))
            continue
        ways = [_host(words) for words in (found.sources[row].tolist(), found.destinations[row].tolist())]
        said: Said = []
        if frozenset(ways) not in talks:
            client, server = ((host, 40000 + number) for host, number in ways)
            server = (server[0], port) if port else (server[0], server[1] - 40000 + 5060)
            talks[frozenset(ways)] = Talk(client, server), line()
            frames += [(at, one) for one in talks[frozenset(ways)][0].open()]
            said = talks[frozenset(ways)][1].begin()
        talk, carried = talks[frozenset(ways)]
        said += carried.say(found.payload(row), talk.client[0] == ways[0][0])
        for who, data in said:
            frames += [(at, one) for one in talk.say(data, size=size, from_client=who)]
    return _batch(batch, frames)


def whole(batches: list[Batch]) -> Batch:
    """All batches as one."""
    sizes = np.cumsum([0, *(len(batch.data) for batch in batches)])
    names = ("lengths", "wire_lengths", "times")
    return Batch(
        np.concatenate([batch.data for batch in batches]),
        np.concatenate([batch.offsets + size for batch, size in zip(batches, sizes[:-1], strict=True)]),
        *(np.concatenate([getattr(batch, name) for batch in batches]) for name in names),
    )


def _host(words: list[int]) -> tuple[str, int]:
    """An address, and a number that tells it from the others."""
    return ".".join(str(words[1] >> shift & 0xFF) for shift in (24, 16, 8, 0)), words[1] & 0xFFF


def _batch(batch: Batch, frames: list[tuple[int, bytes]]) -> Batch:
    lengths = np.array([len(one) for _, one in frames], np.int32)
    return Batch(
        data=np.frombuffer(b"".join(one for _, one in frames), np.uint8),
        offsets=np.cumsum(lengths, dtype=np.int64) - lengths,
        lengths=lengths,
        wire_lengths=lengths,
        times=batch.times[[at for at, _ in frames]],
    )
