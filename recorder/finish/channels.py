"""One channel of the recording: which of its sources is heard when."""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from recorder.finish.lane import Lane
from recorder.finish.segments import Spans, holes, join
from recorder.finish.track import CAUSES, Track

Samples = NDArray[np.int16]


_MEMORY_SECONDS = 60
"""How long after a hole it can still be found out that packets were lost there (``timeline.MAX_DROPOUT``)."""


class ChannelMixer:
    """Composes a channel from its tracks, which are in order of preference.

    ``patience`` is in seconds: a hole of the preferred track no longer than that stays silent, a longer one
    is filled from the next track that is heard there. Tracks beside others are added to them. ``gaps``
    collects the spans, in samples of the recording, for which audio should exist and none is heard, by cause;
    no sample is in two of them.
    """

    def __init__(self, tracks: Sequence[Track], rate: int, patience: float) -> None:
        self.tracks = tracks
        self.gaps: dict[str, Spans] = {cause: [] for cause in CAUSES}
        self._rate = rate
        self._patience = round(patience * rate)
        self._last_heard: dict[int, int] = {}
        self._silent: Spans = []

    @property
    def lanes(self) -> list[Lane]:
        """Everything that can be heard here, in order of preference."""
        return [lane for track in self.tracks for lane in track.lanes]

    def rank(self, track: Track) -> int:
        """How far behind stands the way that the track came; streams between the same two places follow each
        other, as where a sender changes its SSRC."""
        ways = dict.fromkeys(_way(one) for one in self.tracks)
        return list(ways).index(_way(track))

    @property
    def lookahead(self) -> int:
        """Samples that must be known beyond what is composed."""
        return self._patience if len(self.lanes) > 1 else 0

    def compose(self, start: int, end: int) -> Samples | None:
        """The channel from start to end, None where it is wholly silent; what lies before ``end`` is
        forgotten."""
        picks = self._picks(start, end)
        pcm = _joined(picks, start, end)
        heard = [span for low, high, lane in picks for span in lane.spans(low, high)]
        self._note_gaps(holes(join(sorted(heard)), start, end), end)
        for track in self.tracks:
            track.forget(end)
        return pcm

    def _note_gaps(self, silent: Spans, end: int) -> None:
        """Find the holes that are gaps; of some that becomes known long after they were encoded."""
        if silent:
            self._silent = join(self._silent + silent)
        for track in self.tracks:
            for cause, spans in track.missing.items():
                if spans:
                    over = [span for span in spans if span[1] <= end]
                    self._add_gaps(cause, _common(self._silent, over))
                    track.missing[cause] = [span for span in spans if span[1] > end]
        if silent:
            self._silent = [span for span in self._silent if span[1] > end - _MEMORY_SECONDS * self._rate]

    def _add_gaps(self, cause: str, spans: Spans) -> None:
        """Of what two tracks miss, the cause that was found first counts."""
        if spans:
            first = spans[0][0]
            # Only the newest, or each loss of a long call would cost more than the one before it.
            known = join(sorted(span for gaps in self.gaps.values() for span in gaps[_behind(gaps, first) :]))
            new = [hole for low, high in spans for hole in holes(known, low, high)]
            gaps = self.gaps[cause]
            at = _behind(gaps, first)
            gaps[at:] = join(sorted(gaps[at:] + new))

    def _picks(self, start: int, end: int) -> list[tuple[int, int, Lane]]:
        lanes = self.lanes
        if len(lanes) == 1:
            return [(start, end, lanes[0])]
        free, picks = [(start, end)], []
        for way in self._ways():
            heard: Spans = []
            for track in way:
                own = [(start, end)] if track.is_beside else free
                for lane in track.lanes:
                    here = _common(own, self._heard(lane, start, end))
                    picks += [(low, high, lane) for low, high in here]
                    own, heard = _without(own, here), heard + here
            free = _without(free, join(sorted(heard)))
        return sorted(picks, key=lambda pick: pick[0])

    def _heard(self, lane: Lane, start: int, end: int) -> Spans:
        """When the lane is heard, with its short holes."""
        spans = lane.spans(start, end + self._patience)
        before = self._last_heard.get(id(lane), 0)
        ends = [min(high, end) for low, high in spans if low < end]
        if ends:
            self._last_heard[id(lane)] = ends[-1]
        return join([(before, before), *spans], self._patience)

    def _ways(self) -> list[list[Track]]:
        """The tracks by the places that they were sent between. Different sources between the same two are
        different voices (RFC 3550, 3 and 8), as where one phone answers while another's media goes on, or
        follow each other; between other places they may be the same once more."""
        ways: dict[str, list[Track]] = {}
        for track in self.tracks:
            ways.setdefault(_way(track), []).append(track)
        return list(ways.values())


def _way(track: Track) -> str:
    """The places that the stream was sent between (see ``streams.stream_name``)."""
    return track.stream.rpartition("/")[0] or track.stream


def _behind(spans: Spans, position: int) -> int:
    """The number of the first span that ends at the position or behind it."""
    return bisect_left(spans, position, key=lambda span: span[1])


def _without(spans: Spans, others: Spans) -> Spans:
    """What of the spans is in none of the others."""
    return [hole for low, high in spans for hole in holes(others, low, high)]


def _common(spans: Spans, others: Spans) -> Spans:
    """Where both are; ``others`` in any order."""
    both = ((max(a, c), min(b, d)) for a, b in spans for c, d in others)
    return join(sorted(span for span in both if span[0] < span[1]))


def _joined(picks: list[tuple[int, int, Lane]], start: int, end: int) -> Samples | None:
    pieces = [(low, high, lane.read(low, high)) for low, high, lane in picks]
    audible = [(low, high, pcm) for low, high, pcm in pieces if pcm is not None]
    if not audible:
        return None
    if len(audible) == 1 and audible[0][:2] == (start, end):
        return audible[0][2]
    are_together = any(before[1] > after[0] for before, after in pairwise(audible))
    if are_together:
        mixed = np.zeros(end - start, np.int32)
        for low, high, pcm in audible:
            mixed[low - start : high - start] += pcm
        return np.clip(mixed, -32768, 32767).astype(np.int16)
    window = np.zeros(end - start, np.int16)
    for low, high, pcm in audible:
        window[low - start : high - start] = pcm
    return window
