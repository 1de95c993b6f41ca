"""One channel of the recording: which of its sources is heard when."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recorder.finish.lane import Lane
from recorder.finish.segments import Spans, holes, join
from recorder.finish.track import Track

Samples = NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Heard:
    """A stretch of one channel: ``pcm`` is None where it is wholly silent; ``lost`` and ``unreadable`` are
    the spans, in samples of the recording, for which audio should exist and does not."""

    pcm: Samples | None
    lost: Spans
    unreadable: Spans


class ChannelMixer:
    """Composes a channel from its tracks, which are in order of preference.

    ``patience`` is in samples: a hole of the preferred track no longer than that stays silent, a longer
    one is filled from the next track that is heard there.
    """

    def __init__(self, tracks: Sequence[Track], patience: int) -> None:
        self.tracks = tracks
        self._patience = patience
        self._last_heard: dict[int, int] = {}

    @property
    def lanes(self) -> list[Lane]:
        """Everything that can be heard here, in order of preference."""
        return [lane for track in self.tracks for lane in track.lanes]

    @property
    def lookahead(self) -> int:
        """Samples that must be known beyond what is composed."""
        return self._patience if len(self.lanes) > 1 else 0

    def compose(self, start: int, end: int) -> Heard:
        """The channel from start to end; what lies before ``end`` is forgotten."""
        picks = self._picks(start, end)
        pcm = _joined(picks, start, end)
        lost = [span for track in self.tracks for span in track.lost if span[0] < end]
        unreadable = [span for track in self.tracks for span in track.unreadable if span[0] < end]
        if lost or unreadable:
            heard = join(sorted(span for low, high, lane in picks for span in lane.spans(low, high)))
            silent = holes(heard, start, end)
            lost, unreadable = _common(silent, lost), _common(silent, unreadable)
        for track in self.tracks:
            track.forget(end)
        return Heard(pcm, lost, unreadable)

    def _picks(self, start: int, end: int) -> list[tuple[int, int, Lane]]:
        lanes = self.lanes
        if len(lanes) == 1:
            return [(start, end, lanes[0])]
        free = [(start, end)]
        picks = []
        for lane in lanes:
            spans = lane.spans(start, end + self._patience)
            before = self._last_heard.get(id(lane))
            known = spans if before is None else [(before, before), *spans]
            here = _common(free, join(known, self._patience))
            picks += [(low, high, lane) for low, high in here]
            ends = [min(high, end) for low, high in spans if low < end]
            if ends:
                self._last_heard[id(lane)] = ends[-1]
            free = [hole for low, high in free for hole in holes(here, low, high)]
        return sorted(picks, key=lambda pick: pick[0])


def _common(spans: Spans, others: Spans) -> Spans:
    """Where both are; ``others`` in any order."""
    both = ((max(a, c), min(b, d)) for a, b in spans for c, d in others)
    return join(sorted(span for span in both if span[0] < span[1]))


def _joined(picks: list[tuple[int, int, Lane]], start: int, end: int) -> Samples | None:
    pieces = [(low, high, lane.read(low, high)) for low, high, lane in picks]
    audible = [(low, high, pcm) for low, high, pcm in pieces if pcm is not None]
    if not audible:
        return None
    if audible[0][:2] == (start, end):
        return audible[0][2]
    window = np.zeros(end - start, np.int16)
    for low, high, pcm in audible:
        window[low - start : high - start] = pcm
    return window
