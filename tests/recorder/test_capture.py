"""What the engine makes of traffic, held to the truth of the simulator that made it."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from recorder.batch import Batch
from recorder.capture import Capture, CaptureOptions
from recorder.protocol import udp
from recorder.simulate.options import Outcomes
from storage.model import CallState
from tests.recorder import frames
from tests.recorder.frames import SECOND
from tests.recorder.recording import LOSSY, call_files, captured, matched, traffic
from tests.recorder.switchboard import AGENT, CUSTOMER, PBX, Wire


@pytest.mark.parametrize("legs", [1, 2])
def test_each_conversation_is_one_call_with_its_people_and_times(tmp_path: Path, legs: int) -> None:
    batches, truths = traffic(legs=legs)
    calls = [file.call for file in call_files(captured(tmp_path, batches))]

    for call, truth in matched(calls, truths):
        assert (call.from_, call.to, call.state) == (truth.from_number, truth.to_number, truth.state)
        assert call.direction == truth.direction
        assert call.agent == truth.agent
        assert len(call.legs) == len(truth.legs)
        assert call.answered is not None
        assert abs(call.answered.timestamp() - (truth.answered_ns or 0) / 1e9) < 0.5
        assert abs(call.end.timestamp() - truth.end_ns / 1e9) < 0.5


def test_every_packet_is_in_the_ledger_and_in_the_spool(tmp_path: Path) -> None:
    batches, truths = traffic(network=LOSSY, legs=1, calls=5, concurrent=5)
    capture = captured(tmp_path, batches)

    for call, truth in matched([file.call for file in call_files(capture)], truths):
        for party in call.parties:
            sent = [stream for stream in truth.streams if stream.party == party.side]
            ledger = party.packets
            assert ledger.received == sum(stream.seen for stream in sent)
            assert ledger.duplicate == sum(stream.duplicated for stream in sent)
            assert ledger.written == ledger.received - ledger.duplicate
            # A packet lost at either end of a stream leaves no hole in the numbers.
            at_ends = sum(stream.lost for stream in sent) - ledger.lost
            assert 0 <= at_ends <= 6
            assert ledger.expected + ledger.duplicate == ledger.received + ledger.lost
    assert capture.counters.unwritten == 0


def test_calls_that_were_not_answered_say_why(tmp_path: Path) -> None:
    batches, truths = traffic(calls=24, concurrent=12, outcomes=Outcomes(0.25, 0.25, 0.25, 0.25))
    calls = [file.call for file in call_files(captured(tmp_path, batches))]

    pairs = matched(calls, truths)
    assert Counter(call.state for call, _ in pairs) == Counter(truth.state for _, truth in pairs)
    assert all(call.duration == 0 for call in calls)
    assert CallState.ANSWERED not in {call.state for call in calls}


def test_reading_the_same_packets_again_gives_the_same_ids_whatever_the_batches(tmp_path: Path) -> None:
    batches, _ = traffic()
    whole = _joined(batches)
    first = [file.id for file in call_files(captured(tmp_path / "a", batches))]
    second = [file.id for file in call_files(captured(tmp_path / "b", [whole]))]
    assert first == second


def test_media_without_signalling_is_recorded_as_media_only(tmp_path: Path) -> None:
    batches, truths = traffic(legs=1)
    calls = [file.call for file in call_files(captured(tmp_path, map(_without_sip, batches)))]

    assert len(calls) == len(truths.calls)
    assert {call.state for call in calls} == {CallState.MEDIA_ONLY}
    assert sum(party.packets.written for call in calls for party in call.parties) == sum(
        stream.seen for truth in truths.calls for stream in truth.streams
    )


def test_two_legs_without_signalling_are_one_conversation_by_their_payload(tmp_path: Path) -> None:
    batches, truths = traffic(legs=2, talk_seconds=12, talk_spread=0)
    calls = [file.call for file in call_files(captured(tmp_path, map(_without_sip, batches)))]
    assert len(calls) == len(truths.calls)
    assert all(len(call.legs) == 2 for call in calls)


def test_signalling_that_comes_late_takes_its_media_home(tmp_path: Path) -> None:
    batches, truths = traffic(legs=1, calls=1, concurrent=1)
    frames = _joined(batches)
    is_sip = _sip_frames(frames)
    media = np.flatnonzero(~is_sip)
    late = np.concatenate((media[:100], np.flatnonzero(is_sip), media[100:]))
    (file,) = call_files(captured(tmp_path, [_some(frames, late)]))

    assert file.call.state is CallState.ANSWERED
    ((_, truth),) = matched([file.call], truths)
    assert sum(party.packets.written for party in file.call.parties) == sum(s.seen for s in truth.streams)


def test_a_call_without_its_end_ends_with_its_media(tmp_path: Path) -> None:
    batches, _ = traffic(legs=1, calls=1, concurrent=1)
    frames = _joined(batches)
    bye = np.flatnonzero(_sip_frames(frames))[-2:]
    (file,) = call_files(captured(tmp_path, [_some(frames, np.delete(np.arange(len(frames)), bye))]))

    assert file.call.state is CallState.ANSWERED
    assert file.call.events[-1].kind == "end-not-seen"


def test_frames_that_are_no_calls_are_counted_and_nothing_else(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (500, 120), np.uint8)
    count, size = noise.shape
    offsets = np.arange(count, dtype=np.int64) * size
    lengths = np.full(count, size, np.int32)
    batch = Batch(noise.ravel(), offsets, lengths, lengths, np.arange(count, dtype=np.int64))
    capture = captured(tmp_path, [batch])
    assert capture.counters.frames == count
    assert call_files(capture) == []


def test_a_quiet_tap_still_ends_calls(tmp_path: Path) -> None:
    batches, truths = traffic(legs=1)
    ended: list[str] = []
    capture = Capture(tmp_path, CaptureOptions(), on_end=ended.append)
    for batch in batches:
        capture.feed(batch)
    capture.feed(_some(batches[-1], np.empty(0, np.int64)), now=int(batches[-1].times[-1]) + 10_000_000_000)
    assert len(ended) == len(truths.calls)


def _joined(batches: list[Batch]) -> Batch:
    sizes = np.cumsum([0, *(len(batch.data) for batch in batches)])
    return Batch(
        np.concatenate([batch.data for batch in batches]),
        np.concatenate([batch.offsets + size for batch, size in zip(batches, sizes[:-1], strict=True)]),
        np.concatenate([batch.lengths for batch in batches]),
        np.concatenate([batch.wire_lengths for batch in batches]),
        np.concatenate([batch.times for batch in batches]),
    )


def _some(batch: Batch, which: np.ndarray) -> Batch:
    return Batch(
        batch.data, batch.offsets[which], batch.lengths[which], batch.wire_lengths[which], batch.times[which]
    )


def _sip_frames(batch: Batch) -> np.ndarray:
    datagrams = udp.parse(batch)
    is_sip = np.zeros(len(batch), np.bool_)
    is_sip[datagrams.frames[datagrams.destination_ports == 5060]] = True
    return is_sip


def _without_sip(batch: Batch) -> Batch:
    return _some(batch, np.flatnonzero(~_sip_frames(batch)))


def test_a_file_that_goes_back_in_time_is_followed_there(tmp_path: Path) -> None:
    capture = Capture(tmp_path)
    calls = 0
    for seed, back in ((1, 0), (5, 3600 * SECOND)):
        found, truths = traffic(legs=1, seed=seed)
        calls += len(truths.calls)
        for batch in found:
            capture.feed(replace(batch, times=batch.times - back))
        capture.feed(frames.batch([]), max(truth.end_ns for truth in truths.calls) - back + SECOND)
    assert len([file for file in call_files(capture) if file.ended]) == calls
    for file in call_files(capture):
        assert [party.packets.lost for party in file.call.parties] == [0, 0]
        assert file.call.events[-1].kind == "end"


def test_what_the_ring_had_no_room_for_is_told_apart_from_what_the_wire_lost(tmp_path: Path) -> None:
    wire = Wire()
    line = wire.line("one", (CUSTOMER.host, PBX), (CUSTOMER.number, AGENT.number))
    line.begins(0)
    line.carries(400, 0.2, 6)
    line.hangs_up(6)
    whole = wire.batch()
    lost, dropped = range(100, 103), range(200, 207)
    capture = Capture(tmp_path)
    for part, missing in ((slice(0, 190), 0), (slice(190, 240), len(dropped)), (slice(240, None), 0)):
        kept = [n for n in range(len(whole))[part] if n not in lost and n not in dropped]
        capture.feed(
            Batch(
                whole.data,
                whole.offsets[kept],
                whole.lengths[kept],
                whole.wire_lengths[kept],
                whole.times[kept],
                dropped=missing,
            )
        )
    capture.finish()
    (file,) = call_files(capture)
    ledger = file.call.parties[0].packets
    assert (ledger.expected, ledger.received, ledger.lost, ledger.dropped) == (290, 280, 3, 7)
