"""The packets of a stream whose payload types may change their meaning in the middle of the call."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import pairwise

import numpy as np

from recorder.finish.decrypt import Encryption, Opener
from recorder.media import Format, MediaBlock, Source

_TYPES = 8
"""Bits of a payload type, with the one that ``decrypt.LOCKED`` adds; above them stands the era."""


class Eras:
    """An ``Opener`` for each era of a stream. What it opens bears the era in its payload types, by which
    ``formats`` knows them."""

    def __init__(self, source: Source) -> None:
        self._openers = [Opener(one) for one in _sources(source)]
        self._since = np.array([one.since for one in source.later], np.int64)

    @property
    def formats(self) -> Mapping[int, Format]:
        """What the payload types of opened blocks mean."""
        if len(self._openers) == 1:
            return self._openers[0].formats
        return {
            era << _TYPES | number: format_
            for era, opener in enumerate(self._openers)
            for number, format_ in opener.formats.items()
        }

    @property
    def found(self) -> Encryption:
        """What was encrypted on the wire, in all eras."""
        found = [opener.found for opener in self._openers]
        if len(found) == 1:
            return found[0]
        opened: Counter[str] = Counter()
        for one in found:
            opened.update(one.opened)
        return Encryption(
            opened,
            before=sum(one.before for one in found),
            locked=sum(one.locked for one in found),
            guessed=sum(one.guessed for one in found),
            since=min((one.since for one in found if one.since), default=0),
        )

    def learn(self, source: Source) -> None:
        """More is known of the formats and keys of this stream; its eras are the same."""
        for opener, one in zip(self._openers, _sources(source), strict=True):
            opener.learn(one)

    def open(self, block: MediaBlock) -> Iterator[MediaBlock]:
        """The packets of the block with their payload in clear, era by era; see ``Opener.open``."""
        if len(self._openers) == 1:
            yield self._openers[0].open(block)
            return
        eras = np.searchsorted(self._since, block.times, side="right")
        cuts = [0, *(np.flatnonzero(np.diff(eras)) + 1).tolist(), len(block)]
        for low, high in pairwise(cuts):
            if low < high:
                era = int(eras[low])
                opened = self._openers[era].open(block.part(low, high))
                types = opened.payload_types | np.uint16(era << _TYPES)
                yield replace(opened, payload_types=types)


def _sources(source: Source) -> list[Source]:
    """The source as it is in each era."""
    first = replace(source, later=())
    return [first, *(replace(first, formats=one.formats) for one in source.later)]
