"""The same call by whatever way its signalling and its media come."""

from pathlib import Path

import numpy as np
import pytest

from recorder.batch import Batch
from recorder.protocol import udp
from recorder.taps.capture_file import CaptureFileTap
from storage.model import CallState
from tests.recorder.protocol.tcp_talk import Talk
from tests.recorder.protocol.websocket_frames import REQUEST, RESPONSE, frame
from tests.recorder.recording import call_files, captured, matched, traffic


def over_tcp(batch: Batch, size: int, in_frames: bool) -> Batch:
    """The batch with its SIP datagrams said over TCP connections, in segments of ``size`` bytes."""
    found = udp.parse(batch)
    is_sip = found.destination_ports == 5060
    talks: dict[frozenset, Talk] = {}
    frames: list[tuple[int, bytes]] = []
    for row, at in enumerate(found.frames.tolist()):
        start = int(batch.offsets[at])
        if not is_sip[row]:
            frames.append((at, batch.data[start : start + int(batch.lengths[at])].tobytes()))
            continue
        ways = [
            (udp_address(words), 5060 + (words[1] & 0xFF))
            for words in (found.sources[row].tolist(), found.destinations[row].tolist())
        ]
        talk = talks.get(frozenset(ways))
        if talk is None:
            talk = talks[frozenset(ways)] = Talk(*ways)
            opening = talk.open()
            if in_frames:
                opening += talk.say(REQUEST) + talk.say(RESPONSE, from_client=False)
            frames += [(at, one) for one in opening]
        from_client = talk.client == ways[0]
        content = found.payload(row)
        if in_frames:
            content = frame(content, mask=b"mask" if from_client else b"")
        frames += [(at, one) for one in talk.say(content, size=size, from_client=from_client)]
    lengths = np.array([len(one) for _, one in frames], np.int32)
    return Batch(
        data=np.frombuffer(b"".join(one for _, one in frames), np.uint8),
        offsets=np.cumsum(lengths, dtype=np.int64) - lengths,
        lengths=lengths,
        wire_lengths=lengths,
        times=batch.times[[at for at, _ in frames]],
    )


def udp_address(words: list[int]) -> str:
    return ".".join(str(words[1] >> shift & 0xFF) for shift in (24, 16, 8, 0))


def whole(batches: list[Batch]) -> Batch:
    sizes = np.cumsum([0, *(len(batch.data) for batch in batches)])
    names = ("lengths", "wire_lengths", "times")
    return Batch(
        np.concatenate([batch.data for batch in batches]),
        np.concatenate([batch.offsets + size for batch, size in zip(batches, sizes[:-1], strict=True)]),
        *(np.concatenate([getattr(batch, name) for batch in batches]) for name in names),
    )


@pytest.mark.parametrize(("size", "in_frames"), [(5000, False), (200, False), (300, True)])
def test_calls_over_tcp_and_websockets_are_as_over_udp(tmp_path: Path, size: int, in_frames: bool) -> None:
    batches, truths = traffic(legs=2)
    batch = whole(batches)
    plain = [file.call for file in call_files(captured(tmp_path / "udp", [batch]))]
    streamed = [
        file.call for file in call_files(captured(tmp_path / "tcp", [over_tcp(batch, size, in_frames)]))
    ]
    for call, other in zip(streamed, plain, strict=True):
        assert (call.from_, call.to, call.agent, call.state) == (
            other.from_,
            other.to,
            other.agent,
            other.state,
        )
        assert (call.start, call.answered, call.end) == (other.start, other.answered, other.end)
        assert len(call.legs) == 2
        assert [party.packets for party in call.parties] == [party.packets for party in other.parties]
    matched(streamed, truths)


def test_a_mirror_that_shows_everything_twice_changes_nothing(tmp_path: Path) -> None:
    batches, _ = traffic(legs=2, hold=1.0)
    batch = whole(batches)
    twice = np.repeat(np.arange(len(batch)), 2)
    doubled = Batch(
        batch.data, batch.offsets[twice], batch.lengths[twice], batch.wire_lengths[twice], batch.times[twice]
    )
    once, both = captured(tmp_path / "once", [batch]), captured(tmp_path / "both", [doubled])
    assert both.counters.sip == once.counters.sip
    assert both.counters.rejected["copied-sip"] == once.counters.sip
    for call, other in zip(call_files(both), call_files(once), strict=True):
        assert call.call.events == other.call.events
        assert call.call.legs == other.call.legs
        for party, plain in zip(call.call.parties, other.call.parties, strict=True):
            assert party.packets.written == plain.packets.written
            assert party.packets.duplicate == plain.packets.received


@pytest.mark.captures
def test_a_real_call_over_tcp_has_its_people_and_both_legs(tmp_path: Path, captures: Path) -> None:
    with CaptureFileTap(captures / "15_tcp" / "capture.pcap") as tap:
        (file,) = call_files(captured(tmp_path, tap))
    call = file.call
    assert (call.from_, call.to, call.agent) == ("15551230001", "1001", "1001")
    assert (call.state, len(call.legs)) == (CallState.ANSWERED, 2)
    assert call.duration == pytest.approx(25, abs=0.3)
    assert [party.packets.received for party in call.parties] == [1250, 1250]
