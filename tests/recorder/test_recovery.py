"""An engine that was killed is followed by one that goes on with its calls.

The engine keeps nothing in buffers of the process but the rows of the running flush, so an engine that is
simply let go of leaves behind what a killed process would.
"""

import os
import tracemalloc
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from recorder.batch import Batch
from recorder.capture import Capture
from recorder.finish.worker import FinishWorker
from recorder.recovery import recover
from recorder.spool.callfile import Journal
from tests.recorder import frames
from tests.recorder.frames import SECOND
from tests.recorder.recording import call_files, matched, traffic
from tests.recorder.switchboard import AGENT, CUSTOMER, PBX, Wire

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


@pytest.mark.parametrize("by_whom", ["capture", "finishing"])
def test_packets_of_a_call_whose_file_is_damaged_are_kept_beside_it(tmp_path: Path, by_whom: str) -> None:
    batches, _ = traffic(legs=1, calls=1, concurrent=1)
    spool = tmp_path / "spool"
    first = Capture(spool)
    for batch in batches[:8]:
        first.feed(batch)
    first.stop()
    journal = first.spool.journal
    (victim,) = journal.stamps()
    (leg,) = journal.legs.iterdir()
    packets = leg.read_bytes()
    # What a power cut makes of a file that was renamed before its content was on the disk.
    (journal.folder / f"{victim}.json").write_bytes(b"")

    if by_whom == "finishing":
        FinishWorker(spool, tmp_path / "handoff").poll()
    for _ in range(2):
        recover(Capture(spool))

    assert (spool / "damaged" / f"{victim}.json").exists()
    assert (spool / "damaged" / leg.name).read_bytes() == packets


@pytest.mark.parametrize("killed_at", ["write", "remove"])
def test_media_that_signalling_explains_late_survives_a_kill_in_that_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, killed_at: str
) -> None:
    wire = Wire()
    line = wire.line("one", (CUSTOMER.host, PBX), (CUSTOMER.number, AGENT.number))
    line.carries(400, 0, 25)
    line.carries(700, 0, 25, from_called=True)
    line.begins(20)
    line.hangs_up(25)
    parts = list(wire.batch().within(SECOND // 50))
    first = Capture(tmp_path)
    done = getattr(Journal, killed_at)

    def killed(journal: Journal, *what: object) -> None:
        done(journal, *what)
        if first.counters.sip:
            raise _Kill

    wire_goes_on = iter(parts)
    with monkeypatch.context() as patch:
        patch.setattr(Journal, killed_at, killed)
        with pytest.raises(_Kill):
            _feed(first, wire_goes_on)
    second = Capture(tmp_path)
    recover(second)
    _feed(second, wire_goes_on)
    second.finish()

    (file,) = call_files(second)
    assert file.call.legs[0].call_id == line.call_id
    for party in file.call.parties:
        assert party.packets.written >= 1250 - HALF_A_SECOND


def _feed(capture: Capture, parts: Iterable[Batch]) -> None:
    for part in parts:
        capture.feed(part)


class _Kill(BaseException):
    """The end of an engine in the middle of something."""


def test_a_sender_that_started_anew_before_a_kill_has_lost_nothing(tmp_path: Path) -> None:
    first = Capture(tmp_path)
    first.feed(_stream(range(60_000, 60_100)))
    first.feed(_stream(range(20_000, 20_100), start=100))
    first.flush()
    second = Capture(tmp_path)
    recover(second)
    second.feed(_stream(range(20_100, 20_150), start=200))
    second.finish()

    (file,) = call_files(second)
    ledger = file.call.parties[0].packets
    assert (ledger.received, ledger.expected, ledger.lost) == (250, 250, 0)


def _stream(numbers: Iterable[int], start: int = 0) -> Batch:
    made = frames.batch(
        [
            frames.ethernet(
                frames.ipv4(frames.udp(bytes([128, 0]) + n.to_bytes(2) + bytes(8) + bytes(160), 4000, 4002))
            )
            for n in numbers
        ]
    )
    made.times[:] = frames.START + (np.arange(len(made)) + start) * SECOND // 50
    return made


def test_a_call_of_a_day_is_taken_up_in_little_memory(tmp_path: Path) -> None:
    first = Capture(tmp_path)
    for start in range(0, 40_000, 2_000):
        first.feed(_stream([n & 0xFFFF for n in range(start, start + 2_000)], start))
    first.flush()
    size = sum(leg.stat().st_size for leg in first.spool.journal.legs.iterdir())
    second = Capture(tmp_path)

    tracemalloc.start()
    recover(second)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert size > 6 << 20
    assert most < 4 << 20


def test_calls_that_wait_at_a_kill_are_no_consultations_after_it(tmp_path: Path) -> None:
    wire = Wire()
    lines = [wire.line(name, (PBX, f"198.51.100.{name}"), ("1001", f"155500{name}")) for name in "12"]
    for at, line in enumerate(lines):
        line.begins(at)
        line.carries(400, at + 0.1, 6)
    for line in lines:
        line.holds(3)
    parts = list(wire.batch().within(SECOND // 50))
    first = Capture(tmp_path)
    for part in parts[:200]:
        first.feed(part)
    first.flush()
    second = Capture(tmp_path)
    recover(second)
    for part in parts[200:]:
        second.feed(part)
    second.finish()
    assert [file.call.related for file in call_files(second)] == [(), ()]


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
