"""What the spool holds of a stream, as the ledger goes on with it."""

import numpy as np
import pytest

from recorder.assembly.heard import Heard
from recorder.media import MediaBlock
from tests.recorder.finish.packets import MS, packets, voice


def joined(jump: int, ticks: int) -> list[MediaBlock]:
    """Half a second, then half a second whose numbers are ``jump`` and timestamps ``ticks`` further."""
    said = packets(voice(1))
    half = len(said) // 2
    said.sequences[half:] += jump
    said.timestamps[half:] += ticks
    said.times[half:] += jump * 20 * MS
    return [said.part(0, half), said.part(half, len(said))]


@pytest.mark.parametrize(
    ("jump", "ticks", "skipped"),
    [(20, 20 * 160, 0), (9_000, 9_000 * 160, 0), (9_000, 0, 9_000), (9_000, 1 << 31, 9_000)],
)
@pytest.mark.parametrize("at_once", [True, False])
def test_numbers_that_a_new_start_passed_over_are_not_lost(
    jump: int, ticks: int, skipped: int, at_once: bool
) -> None:
    blocks = joined(jump, ticks)
    heard = Heard()
    for block in [_both(*blocks)] if at_once else blocks:
        heard.add(block)
    assert heard.skipped == skipped
    assert heard.received == 50
    assert heard.highest - heard.lowest - heard.skipped + 1 - heard.received == jump - skipped


@pytest.mark.parametrize(("jump", "paused"), [(20, 0), (9_000, 9_001 * 20 * MS)])
@pytest.mark.parametrize("at_once", [True, False])
def test_pauses_are_no_time_that_packets_take(jump: int, paused: int, at_once: bool) -> None:
    heard = Heard()
    blocks = joined(jump, jump * 160)
    for block in [_both(*blocks)] if at_once else blocks:
        heard.add(block)
    assert heard.paused == paused


def _both(one: MediaBlock, other: MediaBlock) -> MediaBlock:
    names = ("times", "sequences", "timestamps", "payload_types", "markers", "lengths", "payload")
    return MediaBlock("a", *(np.concatenate((getattr(one, name), getattr(other, name))) for name in names))
