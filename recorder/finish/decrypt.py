"""Encrypted streams: opened where a key fits, else told from what can be heard."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from recorder.finish.randomness import WINDOW, is_random
from recorder.finish.srtp import Packets, Session, session
from recorder.media import Format, MediaBlock, Source, SrtpKey

PREFIX = "SRTP/"
LOCKED = 0x80
"""Added to the payload type of packets that stay encrypted; RTP has only 7 bits of it."""
_TURNS = 64
"""Turns of the sequence number, 22 minutes each at 20 ms, that a stream may have made before it was seen."""
_HEADER = np.dtype(
    [("flags", "u1"), ("type", "u1"), ("sequence", ">u2"), ("timestamp", ">u4"), ("ssrc", ">u4")]
)
_GUARDED = frozenset({"PCMU", "PCMA"})
_TOGETHER = 50
"""Packets that are judged at a time where nothing says whether they are encrypted."""
_TRUSTED = 20
"""Judgements in a row, 20 s at 20 ms, after which a stream that is sound is looked at once a block."""


@dataclass(slots=True)
class Encryption:
    """What was found of a stream: packets opened by suite, packets that stayed ``locked``, and those of
    them that only look so (``guessed``)."""

    opened: Counter[str] = field(default_factory=Counter)
    locked: int = 0
    guessed: int = 0
    since: int = 0
    """Capture time of the first encrypted packet (ns), 0 where there was none."""

    def __bool__(self) -> bool:
        return bool(self.since)


class Opener:
    """Opens the packets of one stream. A key fits where packets are authentic with it.

    Keys are tried again where the one in use fits no longer: a re-INVITE may bring another (RFC 4568, 7.3).
    """

    def __init__(self, source: Source) -> None:
        self.found = Encryption()
        self.formats: dict[int, Format] = {}
        self._source = source
        self._keys: list[tuple[SrtpKey, Session]] = []
        self._current: tuple[SrtpKey, Session] | None = None
        # Capture counts turns from one (see ``StreamTable.open``), senders from zero.
        self._turns = -1
        self._is_noise = False
        self._sound = 0
        self.learn(source)

    def learn(self, source: Source) -> None:
        """More is known of the formats and keys of this stream; formats in use stay what they are."""
        formats = {**source.formats, **self._source.formats}
        self._source = replace(source, formats=formats)
        self.formats = {}
        for number, one in formats.items():
            clear = replace(one, encoding=one.encoding.removeprefix(PREFIX))
            self.formats[number] = clear
            self.formats[number | LOCKED] = replace(clear, encoding=PREFIX + clear.encoding)
        known = dict(self._keys)
        self._keys = [(key, known.get(key) or session(key)) for key in source.keys]

    def open(self, block: MediaBlock) -> MediaBlock:
        """The block with its payload in clear. Packets that stay encrypted have ``LOCKED`` added to their
        payload type, by which ``formats`` knows them."""
        if not len(block):
            return block
        if self._keys:
            block, closed = self._unlocked(block)
        else:
            closed = np.arange(len(block))
        if self._is_secure and len(closed):
            self.found.locked += len(closed)
            block = self._marked(block, closed)
        return block if self._is_certain else self._guarded(block)

    @property
    def _is_secure(self) -> bool:
        """Whether signalling says that all of the stream is encrypted."""
        return any(one.encoding.startswith(PREFIX) for one in self._source.formats.values())

    @property
    def _is_certain(self) -> bool:
        """Whether what was opened was opened with the right key, without a doubt."""
        return self._is_secure and all(key.is_authenticating for key, _ in self._keys)

    def _marked(self, block: MediaBlock, which: NDArray[np.int64]) -> MediaBlock:
        """The block with those packets marked as encrypted."""
        self.found.since = self.found.since or int(block.times[which[0]])
        types = block.payload_types.copy()
        types[which] |= LOCKED
        return replace(block, payload_types=types)

    def _guarded(self, block: MediaBlock) -> MediaBlock:
        """The block with G.711 that is no sound marked: ZRTP, or a key that was never seen."""
        guarded = [number for number, one in self.formats.items() if one.encoding in _GUARDED]
        which = np.flatnonzero(np.isin(block.payload_types, guarded))
        if not len(which):
            return block
        ends = np.cumsum(block.lengths, dtype=np.int64)
        random = []
        for start in range(0, len(which), _TOGETHER):
            some = which[start : start + _TOGETHER]
            heard = block.payload[int(ends[some[0]] - block.lengths[some[0]]) : int(ends[some[-1]])]
            if len(heard) >= WINDOW:
                self._is_noise = is_random(heard)
                self._sound = 0 if self._is_noise else self._sound + 1
            if self._sound > _TRUSTED:
                break
            if self._is_noise:
                random.append(some)
        if not random:
            return block
        self.found.guessed += sum(len(some) for some in random)
        return self._marked(block, np.concatenate(random))

    def _unlocked(self, block: MediaBlock) -> tuple[MediaBlock, NDArray[np.int64]]:
        """The block with what a key opens in clear, and which packets none does; those stay as they are."""
        packets = _packets(block, self._source.ssrc)
        payloads: list[bytes | None] = [None] * len(block)
        closed = np.arange(len(block))
        if self._current is not None:
            closed = self._try(packets, closed, payloads)
        for number, at in enumerate(self._probes(len(closed))):
            while at < len(closed) and self._fits(packets.some(closed[at : at + 1]), widely=number < 3):
                closed = np.concatenate((closed[:at], self._try(packets, closed[at:], payloads)))
        if len(closed) < len(block) and not self.found.since:
            self.found.since = int(block.times[0])
        whole = [body if one is None else one for one, body in zip(payloads, packets.bodies, strict=True)]
        lengths = np.array([len(one) for one in whole], np.int32)
        return replace(block, lengths=lengths, payload=np.frombuffer(b"".join(whole), np.uint8)), closed

    @staticmethod
    def _probes(count: int) -> Iterator[int]:
        """Which of the packets that nothing opens yet to try all keys on: fewer and fewer."""
        at, step = 0, 1
        while at < count:
            yield at
            at += step
            step *= 2

    def _fits(self, packet: Packets, *, widely: bool) -> bool:
        """Whether some key and number of turns opens the packet; they are in use from then on.

        Tried ``widely``, the sender may have made any number of turns, else the number known or none, as
        with a new key.
        """
        own = int(packet.indices[0]) >> 16
        guesses = dict.fromkeys((self._turns, -own, *(range(-own, _TURNS - own) if widely else ())))
        for key, one in self._keys:
            # Without authentication any key opens everything: only the likeliest guess is worth it.
            for turns in guesses if key.is_authenticating else (-1,):
                if own + turns >= 0 and one.open(packet.moved(turns))[0] is not None:
                    self._current, self._turns = (key, one), turns
                    return True
        return False

    def _try(
        self, packets: Packets, which: NDArray[np.int64], payloads: list[bytes | None]
    ) -> NDArray[np.int64]:
        """Open those packets with the key in use; answers which it does not open."""
        assert self._current is not None
        key, one = self._current
        opened = one.open(packets.some(which).moved(self._turns))
        for at, payload in zip(which.tolist(), opened, strict=True):
            if payload is not None:
                payloads[at] = payload
        is_closed = np.array([payload is None for payload in opened], np.bool_)
        self.found.opened[key.suite] += int(len(which) - is_closed.sum())
        return which[is_closed]


def _packets(block: MediaBlock, ssrc: int) -> Packets:
    """The block as RTP packets: what the spool keeps of a packet, with its header made anew."""
    heads = np.zeros(len(block), _HEADER)
    heads["flags"] = 0x80
    heads["type"] = block.payload_types | (block.markers.astype(np.uint8) << 7)
    heads["sequence"] = block.sequences & 0xFFFF
    heads["timestamp"] = block.timestamps & 0xFFFFFFFF
    heads["ssrc"] = ssrc
    headers = heads.tobytes()
    payload = block.payload.tobytes()
    ends = np.cumsum(block.lengths, dtype=np.int64).tolist()
    bodies = [payload[end - size : end] for end, size in zip(ends, block.lengths.tolist(), strict=True)]
    cut = range(0, len(headers), _HEADER.itemsize)
    return Packets(
        [headers[at : at + _HEADER.itemsize] for at in cut], bodies, block.sequences.astype(np.int64), ssrc
    )
