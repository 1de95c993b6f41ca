"""Calls of chance: each conversation is one call, in which each is heard on their own channel, once."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.recorder.random_calls import Conversation, Site
from tests.recorder.switchboard import heard

SEEDS = range(6)
LOUDEST = 8000 / 32768
"""Of one voice; of one that is added to a copy of itself it is up to twice that."""


@pytest.mark.parametrize("seed", SEEDS)
def test_each_conversation_is_heard_as_it_was(tmp_path: Path, seed: int) -> None:
    site = Site.of(seed)
    calls = {call.from_: (call, folder) for call, folder in site.wire.watched(tmp_path)}
    assert sorted(calls) == sorted(one.from_ for one in site.conversations)
    for one in site.conversations:
        call, folder = calls[one.from_]
        assert call.duration == pytest.approx(one.end - one.answered, abs=0.05)
        assert [(e.kind, str(e.side)) for e in call.events if e.kind in ("hold", "resume")] == one.holds
        assert call.recording is not None
        pcm, _ = soundfile.read(folder / "audio.wav")
        assert np.abs(pcm).max() < 1.3 * LOUDEST
        assert _told(folder, one) == [one.voices[side] for side, _, _ in one.heard]


def _told(folder: Path, one: Conversation) -> list[int]:
    """The voices in all pieces of the conversation, without what a change takes."""
    first = min(start for _, start, _ in one.heard)
    return [heard(folder, side, start - first + 0.2, end - first - 0.05) for side, start, end in one.heard]
