"""Encrypted streams: opened where a key fits, else told from what can be heard."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from recorder.finish import headers
from recorder.finish.randomness import WINDOW, is_random
from recorder.finish.srtp import Packets, Session, session
from recorder.media import Format, MediaBlock, Source, SrtpKey
from recorder.protocol.sdes import marked_suite, suite_mark

PREFIX = "SRTP/"
LOCKED = 0x80
"""Added to the payload type of packets that stay encrypted; RTP has only 7 bits of it."""
_TURNS = 64
"""Turns of the sequence number, 22 minutes each at 20 ms, that a stream may have made before it was seen."""
_GUARDED = frozenset({"PCMU", "PCMA"})
_TOGETHER = 50
"""Packets that are judged at a time where nothing says whether they are encrypted."""
_TRUSTED = 20
"""Judgements in a row, 20 s at 20 ms, after which a stream that is sound is looked at once a block."""


@dataclass(slots=True)
class Encryption:
    """What was found of a stream: packets opened by suite, of which some were so ``before`` they were kept,
    packets that stayed ``locked``, and those of them that only look so (``guessed``)."""

    opened: Counter[str] = field(default_factory=Counter)
    before: int = 0
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
        self._keys = [(key, known.get(key) or session(key)) for key in _tried(source.keys)]

    def open(self, block: MediaBlock) -> MediaBlock:
        """The block with its payload in clear. Packets that stay encrypted have ``LOCKED`` added to their
        payload type, by which ``formats`` knows them; those that were opened are told by their ``heads``."""
        if not len(block):
            return block
        closed = self._not_opened_before(block)
        if self._keys and len(closed):
            block, closed = self._unlocked(block, closed)
        is_locked = self._is_encrypted(block, closed)
        if is_locked.any():
            self.found.locked += int(np.count_nonzero(is_locked))
            block = self._marked(block, closed[is_locked])
        if not is_locked.all():
            block = headers.plain(block, closed[~is_locked])
        return block if self._is_certain else self._guarded(block)

    def _not_opened_before(self, block: MediaBlock) -> NDArray[np.int64]:
        """Positions of the packets that the spool does not hold in clear already (see ``kept.py``)."""
        if block.heads is None:
            return np.arange(len(block))
        marks = block.heads >> 8
        if marks.any():
            self.found.since = self.found.since or int(block.times[np.argmax(marks > 0)])
            self.found.before += int(np.count_nonzero(marks))
            self.found.opened.update(map(marked_suite, marks[marks > 0].tolist()))
        return np.flatnonzero(marks == 0)

    def _is_encrypted(self, block: MediaBlock, which: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of those packets are encrypted by what was signalled, or agreed on within the media."""
        if self._is_secure or not self._source.secured:
            return np.full(len(which), self._is_secure)
        found: NDArray[np.bool_] = block.times[which] >= self._source.secured
        return found

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
            heard = _payloads(block, ends, some)
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

    def _unlocked(self, block: MediaBlock, closed: NDArray[np.int64]) -> tuple[MediaBlock, NDArray[np.int64]]:
        """The block with what a key opens of the packets ``closed`` in clear, and which of them none does;
        those stay as they are."""
        heads, bodies = headers.whole(block, self._source.ssrc)
        packets = Packets(heads, bodies, block.sequences.astype(np.int64), self._source.ssrc)
        payloads: list[bytes | None] = [None] * len(block)
        if self._current is not None:
            closed = self._try(packets, closed, payloads)
        for number, at in enumerate(self._probes(len(closed))):
            while at < len(closed) and self._fits(packets.some(closed[at : at + 1]), widely=number < 3):
                closed = np.concatenate((closed[:at], self._try(packets, closed[at:], payloads)))
        opened = np.array([payload is not None for payload in payloads], np.bool_)
        if not opened.any():
            return block, closed
        self.found.since = self.found.since or int(block.times[0])
        whole = [
            body if payload is None else headers.unpadded(head[0], payload)
            for head, payload, body in zip(heads, payloads, block.bodies(), strict=True)
        ]
        mark = suite_mark(self._current[0].suite) if self._current else 0
        return headers.with_bodies(block, whole, np.flatnonzero(opened), mark), closed

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


def _payloads(block: MediaBlock, ends: NDArray[np.int64], some: NDArray[np.int64]) -> NDArray[np.uint8]:
    """The payload of those packets, which end at ``ends``, and of none between them: other codecs look like a
    cipher."""
    starts = ends - block.lengths
    if some[-1] - some[0] + 1 == len(some):
        return block.payload[starts[some[0]] : ends[some[-1]]]
    return np.concatenate([block.payload[starts[at] : ends[at]] for at in some.tolist()])


def _tried(keys: tuple[SrtpKey, ...]) -> list[SrtpKey]:
    """The keys, then those with an identifier as they are where the sender leaves it out."""
    bare = [replace(key, mki=0) for key in keys if key.mki and key.is_authenticating]
    return list(dict.fromkeys([*keys, *bare]))
