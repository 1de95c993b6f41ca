"""Media that is not where or when the signalling says."""

from pathlib import Path

import pytest
import soundfile

from storage.model import CallState
from tests.recorder import frames
from tests.recorder.assembly.messages import sdp
from tests.recorder.finish.finishing import likeness
from tests.recorder.finish.packets import packets
from tests.recorder.finish.packets import voice as speech
from tests.recorder.phones import CALLED, CALLER, recorded, talk
from tests.recorder.switchboard import AGENT, CUSTOMER, Line, Wire, heard


def direct(wire: Wire) -> Line:
    return wire.line("one", (CUSTOMER.host, AGENT.host), (CUSTOMER.number, AGENT.number))


def test_what_is_said_after_the_bye_is_still_recorded(tmp_path: Path) -> None:
    wire = Wire()
    line = direct(wire)
    line.begins(0)
    line.carries(CUSTOMER.voice, 0.2, 4)
    line.hangs_up(3)
    ((call, folder),) = wire.recorded(tmp_path)
    assert heard(folder, 0, 3, 3.7) == CUSTOMER.voice
    assert call.parties[0].packets.lost == 0
    assert call.duration == 2.9


def test_a_phone_that_never_stops_sending_does_not_keep_the_call_open(tmp_path: Path) -> None:
    wire = Wire()
    line = direct(wire)
    line.begins(0)
    line.carries(CUSTOMER.voice, 0.2, 40)
    line.hangs_up(3)
    (call, _), (rest, _) = wire.recorded(tmp_path)
    assert call.state is CallState.ANSWERED
    assert call.recording is not None
    assert call.recording.seconds < 20
    assert rest.state is CallState.MEDIA_ONLY
    assert call.parties[0].packets.received + rest.parties[0].packets.received == 40 * 50 - 10


def test_media_before_its_signalling_and_before_the_answer_belongs_to_the_call(tmp_path: Path) -> None:
    wire = Wire()
    line = direct(wire)
    line.carries(AGENT.voice, 0.1, 4, from_called=True)
    line.begins(1.5)
    line.hangs_up(4)
    ((call, folder),) = wire.recorded(tmp_path)
    assert call.state is CallState.ANSWERED
    assert call.parties[1].packets.received == 195
    assert heard(folder, 1, 0.2, 3.5) == AGENT.voice


def test_both_directions_may_have_the_same_ssrc(tmp_path: Path) -> None:
    wire = Wire()
    line = direct(wire)
    line.begins(0)
    for way, voice in ((1, CUSTOMER.voice), (-1, AGENT.voice)):
        wire.voice(voice, 0.2, 3, line.hosts[::way], line.ports[::way], "the same stream")
    line.hangs_up(3)
    ((call, folder),) = wire.recorded(tmp_path)
    assert call.parties[0].ssrc == call.parties[1].ssrc
    assert [heard(folder, side, 0.2, 2.5) for side in (0, 1)] == [CUSTOMER.voice, AGENT.voice]


def test_early_media_is_heard_before_the_answer(tmp_path: Path) -> None:
    wire = Wire()
    line = direct(wire)
    talk = line.talk
    line.says(0, talk.request(body=sdp(line.hosts[0], line.ports[0])))
    line.says(0.1, talk.response(183, sdp(line.hosts[1], line.ports[1])), from_called=True)
    line.carries(500, 0.2, 2, from_called=True)
    line.says(2, talk.response(200, sdp(line.hosts[1], line.ports[1])), from_called=True)
    line.carries(AGENT.voice, 2.1, 4, from_called=True)
    line.hangs_up(4)
    ((call, folder),) = wire.recorded(tmp_path)
    assert call.answered is not None
    assert (call.answered - call.start).total_seconds() == 2
    assert [heard(folder, 1, 0.2, 1.5), heard(folder, 1, 2.2, 3.5)] == [500, AGENT.voice]


def test_a_call_through_a_conference_bridge_says_so(tmp_path: Path) -> None:
    wire = Wire()
    line = direct(wire)
    line.begins(0)
    line.says(
        0.2,
        line.talk.response(200, Contact=f"<sip:600@{line.hosts[1]}>;isfocus"),
        from_called=True,
    )
    line.carries(CUSTOMER.voice, 0.3, 3)
    line.hangs_up(3)
    ((call, _),) = wire.recorded(tmp_path)
    assert ("conference", {"at": "600"}) in [(event.kind, event.detail) for event in call.events]


def test_a_stream_that_begins_anew_goes_on_where_it_was(tmp_path: Path) -> None:
    """Numbers and timestamps start again from nothing, as after a transfer inside a gateway."""
    wire = Wire()
    line = direct(wire)
    line.begins(0)
    line.carries(CUSTOMER.voice, 0.2, 3)
    for number in range(150):
        head = bytes([0x80, 0]) + (40_000 + number).to_bytes(2) + (2**31 + number * 160).to_bytes(4)
        body = bytes([0xFF, 0x80] * 80)
        datagram = frames.udp(head + (0x1000).to_bytes(4) + body, *line.ports)
        wire.put(3 + number / 50, datagram, *line.hosts)
    line.hangs_up(6)
    ((call, _),) = wire.recorded(tmp_path)
    assert call.recording is not None
    assert abs(call.recording.seconds - 5.8) < 0.1
    assert call.parties[0].packets.lost == 0


def test_the_last_packet_is_heard_to_its_end_however_long_it_is(tmp_path: Path) -> None:
    wire = Wire()
    line = direct(wire)
    line.begins(0)
    body = bytes([0xFF, 0x80] * 480)
    for number in range(10):
        head = bytes([0x80, 0]) + number.to_bytes(2) + (number * 960).to_bytes(4) + (0x1000).to_bytes(4)
        wire.put(0.2 + number * 0.12, frames.udp(head + body, *line.ports), *line.hosts)
    line.hangs_up(3)
    ((call, _),) = wire.recorded(tmp_path)
    assert call.recording is not None
    assert call.recording.seconds == 1.2


@pytest.mark.parametrize("clock", [1, 80, 999, 4_294_967_295])
@pytest.mark.parametrize(
    ("kind", "codec", "rate"), [(0, "PCMU", 8000), (8, "PCMA", 8000), (9, "G722", 16_000)]
)
def test_a_clock_that_cannot_be_does_not_make_the_sound_unheard(
    tmp_path: Path, kind: int, codec: str, rate: int, clock: int
) -> None:
    said = speech(3, rate)
    offer, answer = (
        sdp(*place, f"a=rtpmap:{kind} {codec}/{clock}", protocol=f"RTP/AVP {kind}")
        for place in (CALLER, CALLED)
    )
    call, folder = recorded(tmp_path, talk(offer, answer, packets(said, kind)))
    assert (call.codecs, call.gaps) == ((codec,), ())
    sound, _ = soundfile.read(folder / "audio.wav", dtype="int16")
    assert likeness(said, sound[:, 1]) > 0.99


@pytest.mark.parametrize(
    ("kind", "body", "codecs"),
    [(0, b"", ("PCMU",)), (20, b"", ("PCMU", "PT20")), (19, b"\x40", ("PCMU",)), (13, b"\x40", ("PCMU",))],
)
def test_what_keeps_a_way_open_or_tells_of_noise_is_no_audio(
    tmp_path: Path, kind: int, body: bytes, codecs: tuple[str, ...]
) -> None:
    """RFC 6263, 4; RFC 3389, which drafts gave the payload type 19."""
    wire = Wire()
    line = direct(wire)
    line.begins(0)
    for number in range(250):
        is_quiet = number < 5 or 100 <= number < 150
        head = bytes([0x80, kind if is_quiet else 0]) + number.to_bytes(2)
        head += (number * 160).to_bytes(4) + (0x1000).to_bytes(4)
        voice = body if is_quiet else bytes([0xFF, 0x80] * 80)
        wire.put(0.2 + number / 50, frames.udp(head + voice, *line.ports), *line.hosts)
    line.hangs_up(6)
    ((call, _),) = wire.recorded(tmp_path)
    assert call.gaps == ()
    assert call.codecs == codecs
    assert call.parties[0].mos == 4.41


@pytest.mark.parametrize("is_signalled", [True, False])
def test_keys_that_nothing_announced(tmp_path: Path, is_signalled: bool) -> None:
    wire = Wire()
    line = direct(wire)
    if is_signalled:
        line.begins(0)
    for number in range(150):
        key = number - 50
        head = bytes([0x80, 101 if 0 <= key < 10 else 0]) + number.to_bytes(2)
        head += ((50 if 0 <= key < 10 else number) * 160).to_bytes(4) + (0x1000).to_bytes(4)
        event = bytes([7, 0x8A if key > 6 else 10]) + (160 * min(key + 1, 7) & 0xFFFF).to_bytes(2)
        body = event if 0 <= key < 10 else bytes([0xFF, 0x80] * 80)
        wire.put(0.2 + number / 50, frames.udp(head + body, *line.ports), *line.hosts)
    if is_signalled:
        line.hangs_up(4)
    ((call, _),) = wire.recorded(tmp_path)
    assert call.dtmf == "7"
    assert call.gaps == ()


def test_the_time_of_a_party_is_that_of_all_its_streams(tmp_path: Path) -> None:
    """A sender may change its SSRC in the middle of a call (RFC 3550, 8.2)."""
    wire = Wire()
    line = direct(wire)
    line.begins(0)
    wire.voice(CUSTOMER.voice, 0.2, 3, line.hosts, line.ports, "one")
    wire.voice(CUSTOMER.voice, 3, 5.2, line.hosts, line.ports, "another")
    line.hangs_up(6)
    ((call, _),) = wire.recorded(tmp_path)
    assert len(call.parties[0].ssrc) == 2
    assert abs(call.parties[0].seconds - 5) < 0.05
