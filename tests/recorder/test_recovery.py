"""An engine that was killed is followed by one that goes on with its calls.

The engine keeps nothing in buffers of the process but the rows of the running flush, so an engine that is
simply let go of leaves behind what a killed process would.
"""

import os
from pathlib import Path

import pytest

from recorder.capture import Capture
from recorder.recovery import recover
from tests.recorder.recording import call_files, matched, traffic

HALF_A_SECOND = 26
"""Packets of a 20 ms stream in a flush."""


@pytest.mark.parametrize("killed_after", [1, 6, 11, 17, 23])
def test_calls_go_on_after_a_kill_with_half_a_second_missing_at_most(
    tmp_path: Path, killed_after: int
) -> None:
    batches, truths = traffic(legs=2)
    first = Capture(tmp_path)
    for batch in batches[:killed_after]:
        first.feed(batch)

    second = Capture(tmp_path)
    recover(second)
    for batch in batches[killed_after:]:
        second.feed(batch)
    second.finish()

    for call, truth in matched([file.call for file in call_files(second)], truths):
        assert call.state == truth.state
        for party in call.parties:
            near = [s for s in truth.streams if s.party == party.side and not s.relayed]
            assert party.packets.written >= sum(s.seen for s in near) - HALF_A_SECOND


def test_a_half_written_record_is_cut_and_the_file_goes_on(tmp_path: Path) -> None:
    batches, _ = traffic(legs=1, calls=1, concurrent=1)
    first = Capture(tmp_path)
    for batch in batches[:8]:
        first.feed(batch)
    (leg,) = first.spool.journal.legs.glob("*.leg")
    os.truncate(leg, leg.stat().st_size - 5)

    second = Capture(tmp_path)
    found = recover(second)
    for batch in batches[8:]:
        second.feed(batch)
    second.finish()

    assert found.calls == 1
    (file,) = call_files(second)
    assert any(event.kind == "recorder-restarted" for event in file.call.events)
    assert file.call.parties[0].packets.written > 100


def test_a_damaged_call_file_is_set_aside_and_the_others_go_on(tmp_path: Path) -> None:
    batches, truths = traffic(legs=1)
    first = Capture(tmp_path)
    for batch in batches[:8]:
        first.feed(batch)
    first.stop()
    journal = first.spool.journal
    victim = sorted(journal.stamps())[0]
    (journal.folder / f"{victim}.json").write_text("{")

    second = Capture(tmp_path)
    found = recover(second)

    assert (found.damaged_calls, found.calls) == (1, len(journal.stamps()))
    assert (tmp_path / "damaged" / f"{victim}.json").read_text() == "{"
    assert len(truths.calls) == 3


def test_files_of_a_call_that_was_handed_off_are_cleared_away(tmp_path: Path) -> None:
    capture = Capture(tmp_path)
    litter = capture.spool.journal.leg_path("gone")
    litter.write_bytes(b"")
    assert recover(capture).orphans == 1
    assert not litter.exists()


def test_a_call_taken_over_by_another_just_before_the_kill_is_not_doubled(tmp_path: Path) -> None:
    batches, _ = traffic(legs=2, calls=1, concurrent=1)
    first = Capture(tmp_path)
    for batch in batches[:10]:
        first.feed(batch)
    first.stop()
    journal = first.spool.journal
    (call_id,) = journal.stamps()
    file = journal.read(call_id)
    assert file is not None
    file.legs = file.legs[1:]
    file.call = file.call.model_copy(update={"id": "absorbed"})
    journal.write(file)

    assert recover(Capture(tmp_path)).calls == 1
    assert list(journal.stamps()) == [call_id]
