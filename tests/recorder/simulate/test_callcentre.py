"""The frames of a simulated call centre: valid, in order, the same again, and as the truth says."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from recorder.simulate.callcentre import CallCentre
from recorder.simulate.errors import BadOptions
from recorder.simulate.options import ALL_ANSWERED, Network, SimulationOptions
from recorder.simulate.truth import StreamTruth
from recorder.simulate.wire import fold, word_sum
from storage.model import CallState, Direction
from tests.recorder.simulate.traffic import Traffic, record, truths_of

SECOND = 1_000_000_000
SMALL = SimulationOptions(
    concurrent=4, calls=6, duration=None, talk_seconds=6, ring_seconds=0.5, hold=0, outcomes=ALL_ANSWERED
)


def joined(options: SimulationOptions, step: float) -> tuple[bytes, bytes]:
    """Every frame in order, and the times of all of them."""
    frames, times = [], []
    for batch in CallCentre(options).steps(step):
        for offset, length in zip(batch.offsets, batch.lengths, strict=True):
            frames.append(batch.data[offset : offset + length].tobytes())
        times.append(batch.times)
    return b"".join(frames), np.concatenate(times).tobytes()


def streams(traffic: Traffic) -> list[StreamTruth]:
    return [stream for call in traffic.truths.calls for stream in call.streams]


@pytest.fixture(scope="module")
def clean() -> Traffic:
    return record(replace(SMALL, codecs=("PCMU", "G722")))


@pytest.fixture(scope="module")
def rough() -> Traffic:
    network = Network(loss=0.05, loss_burst=2, duplicate=0.02, reorder=0.02, jitter_ms=15)
    return record(replace(SMALL, network=network, calls=8))


@pytest.mark.parametrize("vlan", [None, 42])
def test_checksums_and_lengths_are_right(vlan: int | None) -> None:
    traffic = record(replace(SMALL, calls=2, talk_seconds=2, vlan=vlan))
    tag = b"\x81\x00\x00\x2a" if vlan else b""
    for _, frame in traffic.frames:
        assert frame[12:].startswith(tag + b"\x08\x00")
        assert frame[0] & 1 == 0
        ip = frame[14 + len(tag) :]
        assert int.from_bytes(ip[2:4]) == len(ip)
        assert fold(word_sum(ip[:20])) == 0xFFFF
        assert int.from_bytes(ip[24:26]) == len(ip) - 20
        pseudo = ip[12:20] + b"\0\x11" + ip[24:26]
        assert fold(word_sum(pseudo) + word_sum(ip[20:])) == 0xFFFF


def test_frames_come_in_order_of_time(rough: Traffic) -> None:
    times = [at for at, _ in rough.frames]
    assert times == sorted(times)


def test_steps_and_seed_decide_what_they_should() -> None:
    options = replace(SMALL, network=Network(loss=0.03, reorder=0.05, jitter_ms=25), hold=0.5)
    assert joined(options, 0.5) == joined(options, 0.5)
    assert joined(options, 0.5) == joined(options, 0.13)
    assert joined(options, 0.5) != joined(replace(options, seed=2), 0.5)


def test_streams_are_contiguous_and_as_long_as_the_talk(clean: Traffic) -> None:
    assert len(streams(clean)) == 4 * len(clean.truths.calls)
    for call in clean.truths.calls:
        for stream in call.streams:
            packets = [packet for _, packet in clean.rtp[stream.ssrc]]
            first = packets[0]
            assert first.marker
            for number, packet in enumerate(packets):
                assert packet.sequence == (first.sequence + number) & 0xFFFF
                assert packet.timestamp == (first.timestamp + 160 * number) & 0xFFFFFFFF
                assert packet.marker == (number == 0)
                assert len(packet.payload) == 160
            assert len(packets) == stream.sent == stream.seen
            assert stream.seconds == pytest.approx(call.seconds, abs=0.06)


def test_packets_leave_every_packet_time_within_the_call(clean: Traffic) -> None:
    for call in clean.truths.calls:
        for stream in call.streams:
            times = np.array([at for at, _ in clean.rtp[stream.ssrc]])
            assert set(np.diff(times)) == {20_000_000}
            assert call.answered_ns <= times[0] + 3_000_000
            assert times[-1] <= call.end_ns + 10_000_000


def test_payload_types_are_those_of_the_codecs(clean: Traffic) -> None:
    types = {"PCMU": 0, "PCMA": 8, "G722": 9}
    for stream in streams(clean):
        assert {packet.payload_type for _, packet in clean.rtp[stream.ssrc]} == {types[stream.codec]}
    assert {stream.codec for stream in streams(clean)} > {"PCMU"}


def test_both_legs_carry_the_same_bytes_and_no_other_call_does(clean: Traffic) -> None:
    seen: Counter[bytes] = Counter()
    for call in clean.truths.calls:
        for party in "AB":
            own, relay = sorted((s for s in call.streams if s.party == party), key=lambda s: s.relayed)
            sent = [packet.payload for _, packet in clean.rtp[own.ssrc]]
            passed_on = [packet.payload for _, packet in clean.rtp[relay.ssrc]]
            assert sent == passed_on
            assert own.ssrc != relay.ssrc
            assert own.leg != relay.leg
            for (before, _), (after, _) in zip(clean.rtp[own.ssrc], clean.rtp[relay.ssrc], strict=True):
                assert 0 < after - before < 2_000_000
            seen.update(sent)
    assert max(seen.values()) == 1


def test_the_ledger_of_a_bad_network_is_exact(rough: Traffic) -> None:
    total = Counter()
    for stream in streams(rough):
        packets = [packet for _, packet in rough.rtp[stream.ssrc]]
        distinct = {packet.timestamp for packet in packets}
        assert len(packets) == stream.seen
        assert len(distinct) == stream.sent - stream.lost
        assert len(packets) - len(distinct) == stream.duplicated
        for name in ("sent", "lost", "duplicated", "reordered"):
            total[name] += getattr(stream, name)
    assert total["lost"] / total["sent"] == pytest.approx(0.05, abs=0.02)
    assert total["duplicated"] > 0
    assert total["reordered"] > 0
    assert rough.truths.frames == len(rough.frames)
    assert rough.truths.rtp_frames == sum(stream.seen for stream in streams(rough))
    assert rough.truths.sip_frames == len(rough.sip)


@pytest.mark.parametrize("legs", [1, 2])
def test_hold_pauses_the_agent_and_plays_music_behind_a_pbx(legs: int) -> None:
    traffic = record(replace(SMALL, hold=1.0, talk_seconds=12, talk_spread=0, legs=legs, calls=4))
    for call in traffic.truths.calls:
        (begin, end) = call.holds[0]
        agent = "B" if call.direction is Direction.INBOUND else "A"
        for stream in call.streams:
            packets = traffic.rtp[stream.ssrc]
            inside = [at for at, _ in packets if begin + 30_000_000 < at < end - 30_000_000]
            sequences = np.array([packet.sequence for _, packet in packets])
            assert set(np.diff(sequences) & 0xFFFF) == {1}
            goes_on = legs == 2 and (stream.party == agent) == stream.relayed
            assert bool(inside) == goes_on
            assert bool(stream.music) == (goes_on and stream.relayed)
            if not goes_on:
                resumed = next(packet for at, packet in packets if at > end - 30_000_000)
                assert resumed.marker
                expected = (end - begin) / SECOND + stream.seconds
                assert expected == pytest.approx(call.seconds, abs=0.1)


def test_calls_come_at_the_rate_and_never_more_than_agreed() -> None:
    options = SimulationOptions(
        calls_per_second=4, concurrent=10, duration=20, talk_seconds=2, ring_seconds=0.3, legs=1
    )
    calls = truths_of(options).calls
    assert 50 < len(calls) < 110
    edges = sorted([(call.start_ns, 1) for call in calls] + [(call.end_ns, -1) for call in calls])
    up = np.cumsum([step for _, step in edges])
    assert up.max() <= 10


def test_nobody_is_in_two_calls_at_once() -> None:
    options = replace(SMALL, calls=None, duration=20, concurrent=6, agents=6, talk_seconds=3)
    calls = truths_of(options).calls
    spans: dict[str, list[tuple[int, int]]] = {}
    for call in calls:
        people = {call.agent, call.to_number if call.direction is Direction.INTERNAL else call.agent}
        for person in people:
            spans.setdefault(person, []).append((call.start_ns, call.end_ns))
    assert len(calls) > 12
    assert set(spans) <= {str(8001 + index) for index in range(6)}
    for taken in spans.values():
        for (_, end), (start, _) in zip(sorted(taken), sorted(taken)[1:], strict=False):
            assert end <= start


def test_concurrent_calls_are_kept_up() -> None:
    options = replace(SMALL, concurrent=8, calls=None, duration=15, ramp_seconds=1, talk_seconds=3)
    calls = truths_of(options).calls
    for second in range(3, 14):
        now = options.start_ns + second * SECOND
        up = sum(call.start_ns <= now < call.end_ns + 2 * SECOND for call in calls)
        assert 5 <= up <= 14


def test_the_mix_of_calls_is_that_of_a_call_centre() -> None:
    options = SimulationOptions(concurrent=60, calls=400, duration=None, talk_seconds=0.5, ring_seconds=0.2)
    calls = truths_of(options).calls
    directions = Counter(call.direction for call in calls)
    assert directions[Direction.INBOUND] / 400 == pytest.approx(0.6, abs=0.1)
    assert directions[Direction.OUTBOUND] / 400 == pytest.approx(0.3, abs=0.1)
    assert Counter(call.state for call in calls)[CallState.ANSWERED] / 400 == pytest.approx(0.88, abs=0.06)
    assert len({call.from_number for call in calls if call.direction is Direction.INBOUND}) > 200


def test_old_truths_are_forgotten_when_asked() -> None:
    centre = CallCentre(replace(SMALL, calls=6, truths=2))
    for _ in centre.steps(5.0):
        pass
    assert [call.id for call in centre.truths().calls] == ["1-000005", "1-000006"]
    assert centre.finished


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"legs": 3}, "legs is 2"),
        ({"packet_ms": 25}, "packet_ms is one of 10, 20, 30, 40, 60"),
        ({"codecs": ("G729",)}, "does not speak 'G729'"),
        ({"codecs": ()}, "at least one codec"),
        ({"concurrent": 0}, "more than 0"),
        ({"calls_per_second": 0.0}, "more than 0"),
        ({"network": Network(jitter_ms=41)}, "at most twice the packet time: 40"),
        ({"vlan": 4095}, "1 to 4094"),
        ({"directions": (1.0, 1.0, 0.0)}, "must be 1 together"),
    ],
)
def test_impossible_options_are_refused(change: dict, complaint: str) -> None:
    with pytest.raises(BadOptions, match=complaint):
        replace(SMALL, **change)
