"""An engine that was killed is followed by one that goes on with its calls.

The engine keeps nothing in buffers of the process but the rows of the running flush, so an engine that is
simply let go of leaves behind what a killed process would.
"""

import os
import tracemalloc
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest

from recorder.assembly.limits import Limits
from recorder.batch import Batch
from recorder.capture import Capture, CaptureOptions
from recorder.finish.worker import FinishWorker
from recorder.media import MediaBlock
from recorder.recovery import forget, recover
from recorder.spool.callfile import Journal
from recorder.spool.legfile import LegReader
from tests.recorder import frames
from tests.recorder.floods import FLOODS, batches, mixed
from tests.recorder.frames import SECOND
from tests.recorder.recording import call_files, matched, traffic
from tests.recorder.switchboard import AGENT, CUSTOMER, PBX, Wire

HALF_A_SECOND = 26
"""Packets of a 20 ms stream in a flush."""


@pytest.mark.parametrize("killed_after", [1, 6, 11, 17, 23])
def test_calls_go_on_after_a_kill_with_half_a_second_missing_at_most(
    tmp_path: Path, killed_after: int
) -> None:
    some, truths = traffic(legs=2)
    first = Capture(tmp_path)
    _feed(first, some[:killed_after])

    second = Capture(tmp_path)
    recover(second)
    _feed(second, some[killed_after:])
    second.finish()

    for call, truth in matched([file.call for file in call_files(second)], truths):
        assert call.state == truth.state
        for party in call.parties:
            near = [s for s in truth.streams if s.party == party.side and not s.relayed]
            assert party.packets.written >= sum(s.seen for s in near) - HALF_A_SECOND


def test_a_half_written_record_is_cut_and_the_file_goes_on(tmp_path: Path) -> None:
    some, _ = traffic(legs=1, calls=1, concurrent=1)
    first = Capture(tmp_path)
    _feed(first, some[:8])
    (leg,) = first.spool.journal.legs.glob("*.leg")
    os.truncate(leg, leg.stat().st_size - 5)

    second = Capture(tmp_path)
    found = recover(second)
    _feed(second, some[8:])
    second.finish()

    assert found.calls == 1
    (file,) = call_files(second)
    assert any(event.kind == "recorder-restarted" for event in file.call.events)
    assert file.call.parties[0].packets.written > 100


def test_a_damaged_call_file_is_set_aside_and_the_others_go_on(tmp_path: Path) -> None:
    some, truths = traffic(legs=1)
    first = Capture(tmp_path)
    _feed(first, some[:8])
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
    some, _ = traffic(legs=1, calls=1, concurrent=1)
    spool = tmp_path / "spool"
    first = Capture(spool)
    _feed(first, some[:8])
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
    some, _ = traffic(legs=2, calls=1, concurrent=1)
    first = Capture(tmp_path)
    _feed(first, some[:10])
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


def test_calls_that_were_finished_in_a_flood_do_not_begin_again_after_a_kill(tmp_path: Path) -> None:
    options = CaptureOptions(limits=Limits(unanswered=100, begun=100, written=2))
    some, truths = traffic(legs=1, calls=2, concurrent=2)
    some = [batch for batch in some if len(batch)]
    begin, end = (int(one.times[at]) for one, at in ((some[0], 0), (some[-1], -1)))
    flood = batches(FLOODS["invites"], 3000, begin - SECOND, spacing=(end - begin + 3 * SECOND) // 3000)
    first = Capture(tmp_path / "spool", options)
    worker = FinishWorker(tmp_path / "spool", tmp_path / "handoff")
    for part in mixed(some, flood).within(SECOND // 20):
        first.feed(part)
        worker.poll()
    assert first.counters.calls == len(truths.calls)
    assert first.spool.pending.size

    second = Capture(tmp_path / "spool", options)
    recover(second)
    again = {leg.dialog.call_id for call in second.book.calls.values() for leg in call.legs if leg.dialog}
    assert again.isdisjoint(truth.legs[0].call_id for truth in truths.calls)


def test_a_file_that_is_read_again_from_its_beginning_doubles_nothing(tmp_path: Path) -> None:
    some, truths = traffic(legs=1, calls=2, concurrent=1)
    first = Capture(tmp_path)
    _feed(first, some[: len(some) * 2 // 3])
    assert {file.ended for file in call_files(first)} == {True, False}

    second = Capture(tmp_path)
    forget(second)
    _feed(second, some)
    second.finish()

    for call, truth in matched([file.call for file in call_files(second)], truths):
        for party in call.parties:
            (stream,) = (stream for stream in truth.streams if stream.party == party.side)
            assert party.packets.written == stream.seen
            size = sum(len(b) for b in _packets(second, call.id) if b.stream.endswith(f"{party.ssrc[0]:08x}"))
            assert size == stream.seen


def _packets(capture: Capture, call: str) -> Iterator[MediaBlock]:
    file = capture.spool.journal.read(call)
    assert file is not None
    for leg in file.files:
        yield from LegReader(capture.spool.journal.leg_path(leg)).read()


@pytest.mark.parametrize("newest_first", [True, False])
def test_a_port_of_two_calls_is_still_that_of_the_later_one_after_a_kill(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, newest_first: bool
) -> None:
    wire = Wire()
    first = wire.line("first", (AGENT.host, CUSTOMER.host), (AGENT.number, CUSTOMER.number))
    second = wire.line("second", (AGENT.host, "198.51.100.9"), (AGENT.number, "15559990009"))
    second.ports = first.ports[0], second.ports[1]
    first.begins(0)
    first.carries(400, 0.2, 3)
    first.carries(700, 0.2, 3, from_called=True)
    first.holds(3)
    second.begins(3.2)
    # Behind a translator of addresses: only the phone's own port tells whose media it is.
    nat = "203.0.113.77"
    wire.voice(1100, 3.4, 9, (AGENT.host, nat), second.ports, "out")
    wire.voice(900, 3.4, 9, (nat, AGENT.host), second.ports[::-1], "in")
    second.hangs_up(9)
    first.hangs_up(12)
    parts = list(wire.batch().within(SECOND // 50))
    before = Capture(tmp_path)
    _feed(before, [part for part in parts if part.times[0] < frames.START + 3.35 * SECOND])
    before.flush()
    assert len(before.book.calls) == 2

    stamps = Journal.stamps
    order = {"reverse": newest_first}
    monkeypatch.setattr(Journal, "stamps", lambda journal: dict(sorted(stamps(journal).items(), **order)))
    after = Capture(tmp_path)
    recover(after)
    _feed(after, [part for part in parts if part.times[0] >= frames.START + 3.35 * SECOND])
    after.finish()
    held, other = (file.call for file in call_files(after))
    assert [party.packets.received for party in held.parties] == [140, 140]
    assert [party.packets.received for party in other.parties] == [280, 280]
