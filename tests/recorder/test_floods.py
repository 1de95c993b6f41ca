"""Floods of what never becomes a call: memory and files stay bounded, a call among it is recorded whole."""

from pathlib import Path

import pytest

from recorder.assembly.limits import Limits
from recorder.batch import Batch
from recorder.capture import Capture, CaptureOptions
from recorder.mediaflow import COARSE, MOST_CUTS, coarse
from recorder.simulate.truth import CallTruth
from recorder.spool.callfile import CallFile
from storage.model import CallState
from tests.recorder import frames
from tests.recorder.assembly.messages import Talk, sdp
from tests.recorder.floods import FLOODS, batches, mixed, phones_that_ring, weight
from tests.recorder.frames import START
from tests.recorder.recording import call_files, traffic

SMALL = CaptureOptions(
    limits=Limits(
        unanswered=100,
        silent=100,
        legs=40,
        unexplained=50,
        strangers=500,
        begun=100,
        remembered=200,
        streams=32,
        written=20,
        connections=1000,
    )
)
FRAMES = 6000
CALLER, CALLED = "192.0.2.1", "192.0.2.2"
STEP = 300
FILLING = {"connections": 36_000}
"""Frames of a flood after half of which its tables are full, where that takes longer than usual."""


@pytest.fixture(scope="module")
def call() -> tuple[list[Batch], CallTruth]:
    """A call of four seconds between two phones."""
    some, truths = traffic(calls=1, concurrent=1, legs=1)
    return [batch for batch in some if len(batch)], truths.calls[0]


def _cut(batch: Batch) -> list[Batch]:
    return [
        Batch(
            batch.data,
            batch.offsets[at : at + STEP],
            batch.lengths[at : at + STEP],
            batch.wire_lengths[at : at + STEP],
            batch.times[at : at + STEP],
        )
        for at in range(0, len(batch), STEP)
    ]


def _among(call: list[Batch], name: str) -> list[Batch]:
    begin, end = int(call[0].times[0]), int(call[-1].times[-1])
    spacing = (end - begin) // FRAMES
    return _cut(mixed(call, batches(FLOODS[name], FRAMES, begin, spacing=spacing)))


def _of(capture: Capture, truth: CallTruth) -> CallFile:
    (file,) = (one for one in call_files(capture) if one.call.legs[0].call_id == truth.legs[0].call_id)
    return file


@pytest.mark.parametrize("name", FLOODS)
def test_a_call_in_a_flood_is_recorded_whole(
    name: str, call: tuple[list[Batch], CallTruth], tmp_path: Path
) -> None:
    some, truth = call
    capture = Capture(tmp_path, SMALL)
    for batch in _among(some, name):
        capture.feed(batch)
        assert len(list(tmp_path.rglob("*.leg"))) <= 2 * SMALL.limits.unexplained
        assert len(list(tmp_path.rglob("*.json"))) <= 4 * SMALL.limits.unexplained
    capture.finish()

    recorded = _of(capture, truth).call
    assert recorded.state is CallState.ANSWERED
    assert recorded.end is not None
    for party in recorded.parties:
        sent = sum(stream.seen for stream in truth.streams if stream.party == party.side)
        assert (party.packets.received, party.packets.written, party.packets.lost) == (sent, sent, 0)


@pytest.mark.parametrize("name", FLOODS)
def test_what_a_flood_leaves_in_memory_does_not_grow(name: str, tmp_path: Path) -> None:
    capture = Capture(tmp_path, SMALL)
    held = []
    count = FILLING.get(name, 3 * FRAMES)
    for batch in batches(FLOODS[name], count, size=count // 18):
        capture.feed(batch)
        held.append(weight(capture))
    objects, sizes = zip(*held, strict=True)
    assert max(objects[9:]) <= 1.5 * max(objects[:9])
    assert max(sizes[9:]) <= 1.6 * max(sizes[:9])
    assert len(capture.book.calls) <= SMALL.limits.silent + 2 * SMALL.limits.begun


def test_phones_that_ring_are_bounded_where_nothing_speaks_sip(tmp_path: Path) -> None:
    capture = Capture(tmp_path, SMALL)
    for batch in batches(phones_that_ring, 3000, size=500):
        capture.feed(batch)
        capture.flush()
        assert len(capture.book.calls) <= 1.25 * SMALL.limits.unanswered + 1
        assert len(capture._flow.desk.legs) <= 1.25 * SMALL.limits.unanswered + 1
    assert capture.counters.rejected["unanswered-flood"] > 2500


@pytest.mark.parametrize("name", ["invites", "invites_of_one_session"])
def test_what_is_given_up_has_no_places(name: str, tmp_path: Path) -> None:
    capture = Capture(tmp_path, SMALL)
    for batch in batches(FLOODS[name], 2 * FRAMES, size=1000):
        capture.feed(batch)
        capture.flush()
        assert all(capture.book.of(leg) for leg in capture._flow.desk.legs)
    assert capture.counters.rejected["unanswered-flood"] > 0


@pytest.mark.parametrize("name", ["invites", "half_open", "short_streams", "strays", "streams_of_one_place"])
def test_a_flood_is_told_once_and_counted(name: str, tmp_path: Path) -> None:
    told: list[str] = []
    capture = Capture(tmp_path, SMALL, alarm=told.append)
    for batch in batches(FLOODS[name], 2 * FRAMES, spacing=500_000):
        capture.feed(batch)
    assert len(told) == len(set(told)) <= 2
    assert all(text.startswith("a flood of ") for text in told)
    assert (
        sum(count for reason, count in capture.counters.rejected.items() if reason.endswith("-flood")) > 1000
    )


def test_a_flood_that_is_over_is_told_and_forgotten(tmp_path: Path) -> None:
    told: list[str] = []
    capture = Capture(tmp_path, SMALL, alarm=told.append)
    for batch in batches(FLOODS["invites"], 3000):
        capture.feed(batch)
    for later in (400, 402, 470):
        (quiet,) = batches(FLOODS["garbage"], 1)
        capture.feed(quiet, now=int(batch.times[-1]) + later * 1_000_000_000)
    assert told[-1] == ""
    assert not capture.book.calls


def test_the_answer_of_an_invite_that_was_given_up_begins_its_call(tmp_path: Path) -> None:
    found, truths = traffic(calls=1, concurrent=1, legs=1, ring_seconds=3)
    some = [batch for batch in found if len(batch)]
    begin = int(some[0].times[0])
    flood = batches(FLOODS["invites"], 4000, begin + 1_000_000, spacing=400_000)
    capture = Capture(tmp_path, SMALL)
    for batch in _cut(mixed(some, flood)):
        capture.feed(batch)
    capture.finish()

    recorded = _of(capture, truths.calls[0]).call
    assert recorded.state is CallState.ANSWERED
    for party in recorded.parties:
        sent = sum(stream.seen for stream in truths.calls[0].streams if stream.party == party.side)
        assert party.packets.written == sent


def test_media_without_signalling_makes_no_file_before_it_is_proven(tmp_path: Path) -> None:
    capture = Capture(tmp_path)
    whole = mixed([], batches(FLOODS["short_streams"], 12, spacing=20_000_000))
    for at in range(12):
        one = slice(at, at + 1)
        capture.feed(
            Batch(
                whole.data, whole.offsets[one], whole.lengths[one], whole.wire_lengths[one], whole.times[one]
            )
        )
        capture.flush()
        assert len(list(tmp_path.rglob("*.leg"))) == (at >= 9)
    capture.finish()
    (file,) = call_files(capture)
    assert sum(party.packets.written for party in file.call.parties) == 12


def test_one_dialog_keeps_so_many_places_and_events_and_no_more(tmp_path: Path) -> None:
    capture = Capture(tmp_path, CaptureOptions(limits=Limits(places=10, happenings=50)))
    talk, now = _Endless(), 0
    for _ in range(40):
        batch = talk.next(200)
        capture.feed(batch)
        now = int(batch.times[-1])
    (call,) = capture.book.calls.values()
    assert call.first.dialog is not None
    assert len(call.first.dialog.ends) == 10
    assert len(call.first.happenings) <= 50
    capture.feed(talk.bye(), now)
    capture.finish()
    (file,) = call_files(capture)
    assert file.call.events[-1].kind == "end"


class _Endless:
    """One dialog with a new place and a key pressed in every other message."""

    def __init__(self) -> None:
        self.talk = Talk()
        self.count = 0

    def next(self, count: int) -> Batch:
        return frames.batch([self._frame() for _ in range(count)], start=frames.START + self.count * 10**6)

    def bye(self) -> Batch:
        whole = bytes(self.talk.request("BYE", to_tag="b"))
        return frames.batch([_sip(whole)], start=frames.START + 10**11)

    def _frame(self) -> bytes:
        self.count += 1
        if self.count == 2:
            return _sip(bytes(self.talk.response(200, sdp("192.0.2.2"))), CALLED, CALLER)
        if self.count % 2:
            return _sip(bytes(self.talk.request(body=sdp(port=4000 + 2 * (self.count % 20000)))))
        key = self.talk.request("INFO", b"Signal=5\r\nDuration=160", to_tag="b")
        raw = bytes(key).replace(b"application/sdp", b"application/dtmf-relay")
        return _sip(raw.replace(b"CSeq: 1 ", b"CSeq: %d " % self.count))


def _sip(message: bytes, source: str = CALLER, destination: str = CALLED) -> bytes:
    return frames.ethernet(frames.ipv4(frames.udp(message), source, destination))


def test_a_flood_of_changes_cuts_what_waits_into_few_pieces() -> None:
    few = [(time, lambda: None) for time in range(MOST_CUTS)]
    assert coarse(few) == few
    many = [(START + 1_000_000 * step, lambda: None) for step in range(500)]
    times = [at for at, _ in coarse(many)]
    assert len(set(times)) <= 11
    assert all(0 <= at - cut < COARSE for (at, _), cut in zip(many, times, strict=True))
