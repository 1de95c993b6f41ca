"""Media that two phones encrypt with keys of which their signalling says nothing."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from recorder.assembly.agreements import MOST, Agreements
from recorder.assembly.leg import Leg, LegStream
from recorder.batch import Batch
from recorder.capture import Capture
from recorder.finish.finisher import Finisher
from recorder.finish.policy import ArchivePolicy
from recorder.finish.worker import FinishWorker
from recorder.media import Channel, Format, RecordingPlan, Source
from recorder.protocol import transport
from recorder.protocol.address import pack
from recorder.protocol.fragments import Fragments
from recorder.recovery import recover
from storage.model import Call, Side
from tests.recorder import frames
from tests.recorder.finish.packets import START, packets, pick, voice
from tests.recorder.handshakes import CLIENT_HELLO, SERVER_HELLO, zrtp
from tests.recorder.phones import CALLED, CALLER, recorded
from tests.recorder.secured import ANN, BEN, OURS, Phone, call, udp, untold
from tests.recorder.test_reopened_calls import reopened

A, B = Side.A, Side.B
DTLS = [udp(CLIENT_HELLO, CALLER, CALLED), udp(SERVER_HELLO, CALLED, CALLER)]
ZRTP = [udp(zrtp(b"Confirm1"), CALLED, CALLER), udp(zrtp(b"Confirm2"), CALLER, CALLED)]
PLAIN = "RTP/AVP 9"


def wide(phone: Phone) -> Phone:
    """G.722, of which nobody guesses from its look whether it is encrypted."""
    pcm = voice(4, rate=16000, seed=phone.ssrc)
    said = packets(pcm, 9, sequence=int(phone.said.sequences[0]))
    return untold(replace(phone, said=said))


def told(one: Call) -> list[dict[str, object]]:
    return [event.detail for event in one.events if event.kind == "encrypted"]


@pytest.mark.parametrize(("shaken", "exchange"), [(DTLS, "dtls"), (ZRTP, "zrtp")])
def test_it_is_known_from_the_handshake(tmp_path: Path, shaken: Sequence[bytes], exchange: str) -> None:
    ann, ben = wide(ANN), wide(BEN)
    blind, folder = recorded(tmp_path, call(ann, ben, PLAIN, before=shaken))
    assert blind.recording is None
    assert blind.codecs == ("SRTP/G722",)
    assert told(blind) == [{"opened": False, "exchange": exchange}] * 2
    made = reopened(tmp_path, blind, folder, (A, OURS), (B, BEN.key))
    assert made.closed == ()
    assert made.call.codecs == ("G722",)


@pytest.mark.parametrize("shaken", [DTLS[:1], [udp(zrtp(b"Hello   "), CALLER, CALLED)] * 3])
def test_one_phone_that_asks_in_vain_encrypts_nothing(tmp_path: Path, shaken: Sequence[bytes]) -> None:
    ann, ben = (replace(wide(one), key=None) for one in (ANN, BEN))
    heard, _ = recorded(tmp_path, call(ann, ben, PLAIN, before=shaken))
    assert heard.recording is not None
    assert told(heard) == []


def test_what_was_said_before_the_keys_were_agreed_on_is_heard(tmp_path: Path) -> None:
    """ZRTP begins in clear."""
    index = np.arange(len(ANN.said))
    clear = [Phone(pick(one.said, index[:100]), None, one.ssrc) for one in (ANN, BEN)]
    both = [
        [*plain.packets(), *replace(phone, said=pick(phone.said, index[100:])).packets()]
        for plain, phone in zip(clear, (ANN, BEN), strict=True)
    ]
    silent = [replace(one, key=None) for one in (ANN, BEN)]
    batch = call(*silent, protocol="RTP/AVP 0")
    wire = [batch.data[start : start + size].tobytes() for start, size in _places(batch)]
    at = 2 + 2 * 100
    spoken = [
        frame
        for ours, theirs in zip(*both, strict=True)
        for frame in (udp(ours, CALLER, CALLED), udp(theirs, CALLED, CALLER))
    ]
    frames_ = [*wire[:2], *spoken[:200], *ZRTP, *spoken[200:], wire[-1]]
    mixed = frames.batch(frames_)
    mixed.times[:] = np.concatenate(
        [batch.times[:at], [batch.times[at - 1] + 1_000_000] * 2, batch.times[at:]]
    )
    heard, folder = recorded(tmp_path, mixed)
    assert heard.recording is not None
    pcm, rate = soundfile.read(folder / "audio.wav", dtype="int16")
    assert pcm[: 2 * rate].any(axis=0).all()
    assert not pcm[round(2.1 * rate) :].any()
    closed = [gap for gap in heard.gaps if gap.cause == "encrypted"]
    assert {gap.side for gap in closed} == {A, B}
    assert min(gap.start for gap in closed) == pytest.approx(2, abs=0.1)
    assert told(heard) == [{"opened": False, "exchange": "zrtp"}] * 2


def _places(batch) -> list[tuple[int, int]]:
    return list(zip(batch.offsets.tolist(), batch.lengths.tolist(), strict=True))


def test_media_without_any_signalling_is_known_too(tmp_path: Path) -> None:
    ann = wide(ANN)
    spoken = [udp(one, CALLER, CALLED) for one in ann.packets()]
    batch = frames.batch([*DTLS, *spoken])
    batch.times[2:] = batch.times[1] + 20_000_000 * (1 + np.arange(len(spoken)))
    blind, _ = recorded(tmp_path, batch)
    assert blind.state == "media-only"
    assert blind.recording is None
    assert told(blind) == [{"opened": False, "exchange": "dtls"}]


def test_a_restart_of_the_recorder_does_not_forget_it(tmp_path: Path) -> None:
    whole = call(wide(ANN), wide(BEN), PLAIN, before=DTLS)
    half = len(whole) // 2
    first = Capture(tmp_path / "spool")
    first.feed(_part(whole, 0, half))
    first.stop()
    second = Capture(tmp_path / "spool")
    assert recover(second).calls == 1
    second.feed(_part(whole, half, len(whole)))
    second.finish()
    done: list[Call] = []
    FinishWorker(tmp_path / "spool", tmp_path / "out", done=done.append).poll()
    (blind,) = done
    assert blind.recording is None
    assert told(blind) == [{"opened": False, "exchange": "dtls"}] * 2


def _part(batch: Batch, start: int, end: int) -> Batch:
    return replace(
        batch,
        offsets=batch.offsets[start:end],
        lengths=batch.lengths[start:end],
        wire_lengths=batch.wire_lengths[start:end],
        times=batch.times[start:end],
    )


def test_what_was_encoded_before_it_was_known_is_made_anew(tmp_path: Path) -> None:
    source = Source("a", {9: Format("G722")})
    plan = RecordingPlan(START, 16000, (Channel((source,)), Channel(())))
    finisher = Finisher(plan, tmp_path / "a.wav", ArchivePolicy(format="wav"))
    later = Channel((Source("a", {9: Format("G722")}, secured=START + 1),))
    assert finisher.extend(replace(plan))
    assert not finisher.extend(replace(plan, channels=(later, Channel(()))))
    more = Channel((source, Source("b", {9: Format("G722")}, secured=START + 1)))
    assert finisher.extend(replace(plan, channels=(more, Channel(()))))
    finisher.abort()


@pytest.mark.parametrize(("seconds", "is_theirs"), [(0.1, True), (5, False)])
def test_media_of_the_same_places_is_the_same_only_at_once(seconds: float, is_theirs: bool) -> None:
    """A call that is handed on goes on at once; a port that is used again rests for a while."""
    agreements = Agreements()
    datagrams = transport.parse(frames.batch(DTLS), Fragments()).datagrams
    agreements.take(datagrams, np.arange(2))
    a, b = pack(CALLER[0]), pack(CALLED[0])
    key = (*a, *b, CALLER[1] << 16 | CALLED[1], 1)
    last = frames.START + 90 * frames.SECOND
    leg = Leg("one", frames.START)
    leg.streams["x"] = LegStream("x", key, A, "one", frames.START + frames.SECOND, last)
    agreements.mark(leg, leg.streams["x"])
    assert leg.streams["x"].exchange == "dtls"
    agreements.forget(leg)
    first = last + round(seconds * frames.SECOND)
    another = LegStream("y", key, A, "two", first, first)
    agreements.mark(Leg("two", first), another)
    assert bool(another.secured) is is_theirs


def test_no_more_pairs_are_remembered_than_telephones_need() -> None:
    agreements = Agreements()
    for start in range(0, 2 * MOST, 256):
        wire = [
            frame
            for port in range(1024 + start, 1024 + start + 256)
            for frame in (
                udp(CLIENT_HELLO, ("192.0.2.1", port), CALLED),
                udp(SERVER_HELLO, CALLED, ("192.0.2.1", port)),
            )
        ]
        datagrams = transport.parse(frames.batch(wire), Fragments()).datagrams
        agreements.take(datagrams, np.arange(len(datagrams)))
    assert len(agreements._known) == len(agreements._half) == MOST
    assert len(agreements._news) <= MOST
