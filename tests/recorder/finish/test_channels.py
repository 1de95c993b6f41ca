"""What is missing on a channel, however late and in whatever order that becomes known."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recorder.finish.channels import ChannelMixer
from recorder.finish.policy import ArchivePolicy
from recorder.finish.track import CAUSES, Track
from recorder.media import Source

STEP = 100
LOSSES = st.lists(
    st.tuples(st.sampled_from(CAUSES), st.integers(0, 3 * STEP - 1), st.integers(1, 40)), max_size=4
)
"""Why, how far before the end of what is composed a loss begins, and how long it is, in samples."""


@given(st.lists(LOSSES, max_size=20))
def test_no_sample_is_missing_twice_and_the_first_cause_counts(
    steps: list[list[tuple[str, int, int]]],
) -> None:
    track = Track(Source("a", {}), 0, 8000, ArchivePolicy())
    mixer = ChannelMixer([track], 8000, 0.2)
    truth = np.full(STEP * len(steps), -1)
    for number, losses in enumerate(steps):
        end = (number + 1) * STEP
        for cause, back, length in losses:
            start = max(end - 1 - back, 0)
            track.missing[cause].append((start, min(start + length, end)))
        for rank, cause in enumerate(CAUSES):
            for low, high in track.missing[cause]:
                truth[low:high] = np.where(truth[low:high] < 0, rank, truth[low:high])
        mixer.compose(number * STEP, end)

    found = np.full(len(truth), -1)
    for rank, cause in enumerate(CAUSES):
        assert mixer.gaps[cause] == sorted(mixer.gaps[cause])
        for low, high in mixer.gaps[cause]:
            assert (found[low:high] < 0).all()
            found[low:high] = rank
    assert (found == truth).all()


def test_gaps_are_joined_across_steps() -> None:
    track = Track(Source("a", {}), 0, 8000, ArchivePolicy())
    mixer = ChannelMixer([track], 8000, 0.2)
    for number in range(3):
        track.missing["lost"].append((number * STEP, (number + 1) * STEP))
        mixer.compose(number * STEP, (number + 1) * STEP)
    assert mixer.gaps["lost"] == [(0, 3 * STEP)]
