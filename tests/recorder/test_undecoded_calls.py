"""Calls in codecs that nothing explains, or nobody can decode: their packets are kept, and heard later."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from recorder.batch import Batch
from recorder.errors import WrongKeys
from recorder.finish.policy import ArchivePolicy
from recorder.finish.reopen import Reopened, reopen
from recorder.finish.supplied import SuppliedKey
from recorder.finish.supplies import Supplies, codecs
from storage.model import Call, Side, has_undecoded
from tests.recorder.assembly.messages import sdp
from tests.recorder.finish.finishing import likeness
from tests.recorder.finish.packets import MS, packets, pick, voice
from tests.recorder.finish.sealed import key, sealed
from tests.recorder.phones import CALLED, CALLER, recorded, talk
from tests.recorder.test_unexplained_codecs import ANNA, BERND, stream
from tests.recorder.wire import Wire

SECONDS = 3.0


def linear(seconds: float = SECONDS, seed: int = 0) -> list[bytes]:
    """Payloads of L16 at 8 kHz, 20 ms each."""
    said = voice(seconds, seed=seed).astype(">i2").tobytes()
    return [said[at : at + 320] for at in range(0, len(said), 320)]


def unexplained() -> Wire:
    wire = Wire()
    stream(wire, linear(seed=1), ANNA, BERND, kind=97, step=160)
    stream(wire, linear(seed=2), BERND, ANNA, kind=97, step=160)
    return wire


def told(tmp_path: Path, known: Call, folder: Path, supplies: Supplies) -> Reopened:
    work = tmp_path / f"reopened-{len(list(tmp_path.iterdir()))}"
    work.mkdir()
    (work / "media").write_bytes((folder / "media.bin").read_bytes())
    return reopen(known, work / "media", supplies, work, ArchivePolicy(format="wav"))


def test_a_call_in_a_codec_without_a_decoder_keeps_its_packets(tmp_path: Path) -> None:
    evs = "a=rtpmap:97 EVS/16000"
    offer, answer = (sdp(*place, evs, protocol="RTP/AVP 97") for place in (CALLER, CALLED))
    said = packets(voice(SECONDS))
    said.payload_types[:] = 97
    call, folder = recorded(tmp_path, talk(offer, answer, said))
    assert (call.codecs, call.recording) == (("EVS",), None)
    assert call.encrypted is not None
    assert call.encrypted.sides == (Side.B,)
    assert call.encrypted.bytes == (folder / "media.bin").stat().st_size


def undecoded(milliseconds: float, lost: int = 0, before: float = 0.0, clock: int = 16_000) -> Batch:
    """A call of whom is called is heard in a codec without a decoder, 6 s behind so many of speech in G.711;
    of so many packets one is ``lost``. The codec is said to have this ``clock``, and has 16 kHz."""
    evs = f"a=rtpmap:97 EVS/{clock}"
    offer, answer = (sdp(*place, evs, protocol="RTP/AVP 0 97") for place in (CALLER, CALLED))
    first, count = round(before / 0.02), int(6000 / milliseconds)
    said = packets(voice((first + count) * 0.02))
    at = np.append(np.arange(first) * 20, before * 1000 + np.arange(count) * milliseconds)
    said.payload_types[first:] = 97
    said.timestamps[:] = np.round(at * np.where(said.payload_types == 97, 16, 8)).astype(np.int64)
    came = np.arange(first + count) % lost != 1 if lost else said.sequences > 0
    batch = talk(offer, answer, pick(said, came))
    batch.times[2:-1] = batch.times[1] + ((20 + at[came]) * MS).astype(np.int64)
    batch.times[-1] = batch.times[1] + round((before + 6.1) * 1000) * MS
    return batch


@pytest.mark.parametrize("milliseconds", [10, 22.5, 30, 60, 120])
@pytest.mark.parametrize("before", [0.0, 20.0])
def test_packets_of_any_length_are_missed_for_as_long_as_they_last(
    tmp_path: Path, before: float, milliseconds: float
) -> None:
    call, _ = recorded(tmp_path, undecoded(milliseconds, before=before))
    assert call.parties[1].unrecorded_seconds == pytest.approx(6, abs=0.1)
    assert call.encrypted is not None


@pytest.mark.parametrize("milliseconds", [20, 60])
@pytest.mark.parametrize("every", [3, 4, 6])
def test_packets_between_lost_ones_are_worth_keeping(tmp_path: Path, every: int, milliseconds: int) -> None:
    call, _ = recorded(tmp_path, undecoded(milliseconds, lost=every))
    assert call.encrypted is not None
    assert has_undecoded(call.gaps)


@pytest.mark.parametrize("clock", [1, 8000, 48_000, 4_294_967_295])
def test_packets_are_worth_keeping_whatever_clock_is_told(tmp_path: Path, clock: int) -> None:
    call, _ = recorded(tmp_path, undecoded(20, clock=clock))
    assert call.parties[1].unrecorded_seconds == pytest.approx(6, abs=0.1)
    assert call.encrypted is not None


@pytest.mark.parametrize(("seconds", "every"), [(SECONDS, 10), (120, 100)])
def test_what_keeps_a_way_open_is_not_worth_its_packets(tmp_path: Path, seconds: float, every: int) -> None:
    offer, answer = (sdp(*place) for place in (CALLER, CALLED))
    said = packets(voice(seconds))
    said.payload_types[::every] = 126
    call, folder = recorded(tmp_path, talk(offer, answer, said))
    assert call.recording is not None
    assert (call.encrypted, (folder / "media.bin").exists()) == (None, False)


@pytest.mark.parametrize(("codec", "every"), [("EVS/16000", 50), ("ULPFEC/90000", 5)])
def test_what_nothing_decodes_does_not_move_what_is_heard_between(
    tmp_path: Path, codec: str, every: int
) -> None:
    """It has the timestamps of the speech that it is sent with, whatever clock is told of it."""
    lines = (f"a=rtpmap:97 {codec}",)
    offer, answer = (sdp(*place, *lines, protocol="RTP/AVP 0 97") for place in (CALLER, CALLED))
    plain = packets(voice(10.0), timestamp=3_000_000_000)
    order = np.sort(np.concatenate((np.arange(500), np.arange(0, 500, every))))
    is_extra = np.diff(order, prepend=-1) == 0
    said = pick(plain, order)
    said.payload_types[is_extra] = 97
    said.sequences[:] = np.arange(len(said))
    batch = talk(offer, answer, said)
    batch.times[2:-1] = batch.times[1] + 20 * MS * (1 + order) + MS * is_extra
    batch.times[-1] = batch.times[1] + 10_100 * MS
    call, folder = recorded(tmp_path, batch)
    assert (call.gaps, call.encrypted) == ((), None)
    sound, _ = soundfile.read(folder / "audio.wav", dtype="int16")
    assert len(sound) == pytest.approx(80_000, abs=160)
    assert likeness(voice(10.0), sound[:, 1]) > 0.99


@pytest.mark.parametrize("stamp", [0, 123_456_789])
@pytest.mark.parametrize("every", [5, 50])
def test_what_keeps_a_way_open_does_not_delay_what_is_heard_between(
    tmp_path: Path, every: int, stamp: int
) -> None:
    """Some senders number it with their speech, and give it a timestamp of its own."""
    offer, answer = (sdp(*place) for place in (CALLER, CALLED))
    plain = packets(voice(10.0), timestamp=3_000_000_000)
    order = np.sort(np.concatenate((np.arange(500), np.arange(20, 500, every))))
    is_extra = np.diff(order, prepend=-1) == 0
    said = pick(plain, order)
    said.payload_types[is_extra], said.timestamps[is_extra] = 126, stamp
    said.sequences[:] = np.arange(len(said))
    batch = talk(offer, answer, said)
    batch.times[2:-1] = batch.times[1] + 20 * MS * (1 + order) + MS * is_extra
    batch.times[-1] = batch.times[1] + 10_100 * MS
    call, folder = recorded(tmp_path, batch)
    assert call.gaps == ()
    sound, _ = soundfile.read(folder / "audio.wav", dtype="int16")
    assert len(sound) == pytest.approx(80_000, abs=160)
    assert likeness(voice(10.0), sound[:, 1]) > 0.99


def test_once_its_codec_is_told_it_is_heard(tmp_path: Path) -> None:
    call, folder = recorded(tmp_path, unexplained().batch())
    assert (call.codecs, call.recording) == (("PT97",), None)
    made = told(tmp_path, call, folder, Supplies(codecs=codecs(["*:97=L16/8000"])))
    assert made.audio is not None
    sound, _ = soundfile.read(made.audio, dtype="int16")
    is_anna_first = call.parties[0].number.startswith(ANNA[0])
    assert likeness(voice(SECONDS, seed=1), sound[:, int(not is_anna_first)]) > 0.99
    assert likeness(voice(SECONDS, seed=2), sound[:, int(is_anna_first)]) > 0.99
    assert made.gained == {side: pytest.approx(SECONDS, abs=0.1) for side in Side}
    assert made.closed == ()
    assert made.call.codecs == ("L16",)
    assert {party.codec for party in made.call.parties} == {"L16"}
    assert not [gap for gap in made.call.gaps if gap.cause == "codec"]


def test_told_of_one_side_the_other_one_waits(tmp_path: Path) -> None:
    call, folder = recorded(tmp_path, unexplained().batch())
    made = told(tmp_path, call, folder, Supplies(codecs=codecs(["B:97=L16/8000"])))
    assert made.closed == (Side.A,)
    assert [party.codec for party in made.call.parties] == ["PT97", "L16"]
    assert set(made.call.codecs) == {"PT97", "L16"}


def test_one_payload_type_may_be_another_codec_on_each_side(tmp_path: Path) -> None:
    call, folder = recorded(tmp_path, unexplained().batch())
    made = told(tmp_path, call, folder, Supplies(codecs=codecs(["A:97=L16/8000", "B:97=PCMU/8000"])))
    assert [party.codec for party in made.call.parties] == ["L16", "PCMU"]
    assert made.call.codecs == ("L16", "PCMU")


def test_a_codec_that_was_told_wrongly_is_told_anew(tmp_path: Path) -> None:
    call, folder = recorded(tmp_path, unexplained().batch())
    noise = told(tmp_path, call, folder, Supplies(codecs=codecs(["*:97=PCMU/8000"]))).call
    made = told(tmp_path, noise, folder, Supplies(codecs=codecs(["*:97=L16/8000"])))
    assert made.audio is not None
    sound, _ = soundfile.read(made.audio, dtype="int16")
    assert max(likeness(voice(SECONDS, seed=1), sound[:, side]) for side in (0, 1)) > 0.99
    assert made.call.codecs == ("L16",)
    with pytest.raises(WrongKeys, match="Nothing more"):
        told(tmp_path, made.call, folder, Supplies(codecs=codecs(["*:97=L16/8000"])))


def test_a_codec_is_told_anew_beside_another_one_that_nobody_knows(tmp_path: Path) -> None:
    """Where those packets belong is told with what is heard, and in its clock: it moves a little."""
    offer, answer = (sdp(*place) for place in (CALLER, CALLED))
    said = packets(voice(6.0))
    said.payload_types[:] = np.where(np.arange(300) // 25 % 2, 98, 97)
    said.timestamps[:] = 320 * np.arange(300)
    batch = talk(offer, answer, said)
    batch.times[2:-1] += np.random.default_rng(1).uniform(0, 15 * MS, 300).astype(np.int64)
    call, folder = recorded(tmp_path, batch)
    noise = told(tmp_path, call, folder, Supplies(codecs=codecs(["B:97=PCMU/8000"])))
    assert noise.gained[Side.B] == pytest.approx(3.0, abs=0.05)
    made = told(tmp_path, noise.call, folder, Supplies(codecs=codecs(["B:97=L16/16000"])))
    assert made.call.codecs == ("L16", "PT98")
    assert made.gained == {side: pytest.approx(0, abs=0.05) for side in Side}


def test_a_codec_that_cannot_read_the_packets_is_refused(tmp_path: Path) -> None:
    call, folder = recorded(tmp_path, unexplained().batch())
    with pytest.raises(WrongKeys, match="nothing was changed"):
        told(tmp_path, call, folder, Supplies(codecs=codecs(["*:97=GSM/8000"])))


def test_a_codec_that_cannot_read_what_was_heard_is_refused(tmp_path: Path) -> None:
    call, folder = recorded(tmp_path, unexplained().batch())
    heard = told(tmp_path, call, folder, Supplies(codecs=codecs(["A:97=L16/8000"]))).call
    with pytest.raises(WrongKeys, match=r"Less of side A .* than before"):
        told(tmp_path, heard, folder, Supplies(codecs=codecs(["A:97=GSM/8000", "B:97=L16/8000"])))


def test_a_side_that_a_codec_reads_in_part_is_closed_still(tmp_path: Path) -> None:
    call, folder = recorded(tmp_path, unexplained().batch())
    made = told(tmp_path, call, folder, Supplies(codecs=codecs(["*:97=AMR/8000"])))
    unreadable = sum(gap.seconds for gap in made.call.gaps if gap.cause == "unreadable")
    assert unreadable > 2
    assert made.closed == (Side.A, Side.B), "its packets are not to go"


def test_what_was_heard_is_not_made_noise(tmp_path: Path) -> None:
    wire = Wire()
    stream(wire, linear(seed=1), ANNA, BERND, kind=97, step=160)
    wire.media(0.0, packets(voice(SECONDS)), BERND, ANNA)
    call, folder = recorded(tmp_path, wire.batch())
    assert call.recording is not None
    with pytest.raises(WrongKeys, match="nothing was changed"):
        told(tmp_path, call, folder, Supplies(codecs=codecs(["*:0=PCMA/8000"])))


def test_a_wide_codec_makes_a_wide_recording(tmp_path: Path) -> None:
    wire = Wire()
    wide = voice(SECONDS, 16_000).astype(">i2").tobytes()
    stream(wire, [wide[at : at + 640] for at in range(0, len(wide), 640)], ANNA, BERND, kind=97, step=320)
    call, folder = recorded(tmp_path, wire.batch())
    made = told(tmp_path, call, folder, Supplies(codecs=codecs(["A:97=L16/16000"])))
    assert made.call.recording is not None
    assert made.call.recording.rate == 16_000
    assert made.call.recording.seconds == pytest.approx(SECONDS, abs=0.1)


def test_a_codec_of_another_payload_type_changes_nothing(tmp_path: Path) -> None:
    call, folder = recorded(tmp_path, unexplained().batch())
    with pytest.raises(WrongKeys, match="nothing was changed"):
        told(tmp_path, call, folder, Supplies(codecs=codecs(["*:98=L16/8000"])))


def test_what_packets_with_copies_carry_can_be_told(tmp_path: Path) -> None:
    """They are listed in the description (RFC 2198, 5), but this one lists another codec than comes."""
    lines = ("a=rtpmap:63 red/8000", "a=fmtp:63 0/0")
    offer, answer = (sdp(*place, *lines, protocol="RTP/AVP 63 0") for place in (CALLER, CALLED))
    plain = packets(voice(SECONDS))
    said = replace(
        plain,
        payload_types=np.full(len(plain), 63, np.uint8),
        lengths=plain.lengths + 1,
        payload=np.frombuffer(b"".join(b"\x61" + one for one in plain.bodies()), np.uint8),
    )
    call, folder = recorded(tmp_path, talk(offer, answer, said))
    assert call.recording is None
    made = told(tmp_path, call, folder, Supplies(codecs=codecs(["B:97=PCMU/8000"])))
    assert made.audio is not None
    sound, _ = soundfile.read(made.audio, dtype="int16")
    assert likeness(voice(SECONDS), sound[:, 1]) > 0.99


def test_what_is_encrypted_and_not_explained_needs_both(tmp_path: Path) -> None:
    plain = packets(voice(SECONDS))
    plain.payload_types[:] = 97
    wire = Wire()
    wire.media(0.0, sealed(plain, key(seed=1)), ANNA, BERND)
    call, folder = recorded(tmp_path, wire.batch())
    assert call.encrypted is not None
    mine = SuppliedKey((Side.A,), key(seed=1))
    made = told(tmp_path, call, folder, Supplies((mine,), codecs(["A:97=PCMU/8000"])))
    assert made.audio is not None
    sound, _ = soundfile.read(made.audio, dtype="int16")
    assert np.abs(sound[:, 0].astype(int)).mean() > 500
    assert likeness(voice(SECONDS), sound[:, 0]) > 0.99
