"""Calls of fax machines and modems, by the tones that they begin with."""

from collections.abc import Iterator

from recorder.assembly.times import instant
from recorder.finish.faxtones import event_of
from recorder.finish.finisher import Finished
from recorder.media import RecordingPlan
from storage.model import Call, Event, Side


def events(call: Call, plan: RecordingPlan, finished: Finished) -> Iterator[Event]:
    """A ``fax`` or ``modem`` event where a tone was heard; none where signalling said it (T.38)."""
    heard = [(tone, side) for side, tones in zip(Side, finished.tones, strict=False) for tone in tones]
    meant = event_of([tone for tone, _ in heard])
    if meant is None or any(event.kind == meant.kind for event in call.events):
        return
    first, side = min(heard)
    at = instant(plan.start + first.sample * 1_000_000_000 // plan.rate)
    yield Event(at=at, kind=meant.kind, side=side, detail={"tone": first.kind})
