"""Calls of fax machines and modems are recognised, by their signalling or by their tones."""

import random
import struct
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from recorder.protocol.sip import SipMessage
from storage.model import Call, Side
from tests.recorder import frames
from tests.recorder.assembly.messages import Talk, sdp
from tests.recorder.finish.packets import packets, voice
from tests.recorder.phones import CALLED, CALLER, recorded, sip, talk
from tests.recorder.recording import call_files, captured, watched
from tests.recorder.wire import Wire

ANSWER = (6000 * np.sin(2 * np.pi * 2100 * np.arange(24000) / 8000)).astype(np.int16)


def image(place: tuple[str, int], protocol: str = "udptl t38") -> bytes:
    """A description of a fax alone."""
    return sdp(*place).replace(b"m=audio", b"m=image").replace(b"RTP/AVP 0", protocol.encode())


def test_a_tone_of_a_modem_is_an_event_of_whoever_sent_it(tmp_path: Path) -> None:
    call, _ = recorded(tmp_path, talk(sdp(*CALLER), sdp(*CALLED), packets(ANSWER)))
    (event,) = (event for event in call.events if event.kind == "modem")
    assert (event.side, event.detail) == (Side.B, {"tone": "answer"})
    assert call.recording is not None
    assert abs((event.at - call.recording.start).total_seconds()) < 0.05


def test_a_call_of_people_is_neither(tmp_path: Path) -> None:
    call, _ = recorded(tmp_path, talk(sdp(*CALLER), sdp(*CALLED), packets(voice(3))))
    assert {"fax", "modem"}.isdisjoint(event.kind for event in call.events)


def test_a_fax_that_takes_over_a_call_is_noted_and_not_recorded_as_audio(tmp_path: Path) -> None:
    """T.38 by re-INVITE (D.2.3). Its packets begin like RTP where their number is high."""
    one = Talk()
    udptl = [b"\x80" + bytes([number]) + bytes(range(60)) for number in range(50)]
    sent = [
        frames.ethernet(frames.ipv4(frames.udp(body, 5000, 4000), CALLED[0], CALLER[0])) for body in udptl
    ]
    batch = frames.batch(
        [
            sip(bytes(one.request(body=sdp(*CALLER))), CALLER[0], CALLED[0]),
            sip(bytes(one.response(200, sdp(*CALLED))), CALLED[0], CALLER[0]),
            sip(bytes(one.request(body=image(CALLED), to_tag="b", from_called=True)), CALLED[0], CALLER[0]),
            sip(bytes(one.request("ACK", to_tag="b", body=image(CALLER))), CALLER[0], CALLED[0]),
            *(frames.ethernet(frames.ipv4(one, CALLED[0], CALLER[0])) for one in sent),
            sip(bytes(one.request("BYE", to_tag="b")), CALLER[0], CALLED[0]),
        ]
    )
    call, _ = recorded(tmp_path, batch)
    (event,) = (event for event in call.events if event.kind == "fax")
    assert (event.side, event.detail) == (Side.B, {"by": "t38"})
    assert call.recording is None


@pytest.mark.parametrize("talks_again", [False, True])
def test_a_call_lasts_as_long_as_its_fax(tmp_path: Path, talks_again: bool) -> None:
    """Of which nothing is RTP."""
    one, wire = Talk(), Wire()
    caller, called = ((place[0], 5060) for place in (CALLER, CALLED))
    wire.udp(0.0, bytes(one.request(body=sdp(*CALLER))), caller, called)
    wire.udp(0.1, bytes(one.response(200, sdp(*CALLED))), called, caller)
    wire.udp(0.2, bytes(one.request("ACK", to_tag="b")), caller, called)
    wire.speech(0.3, 1.0, CALLED, CALLER, seed=1)
    wire.udp(2.0, bytes(one.request(body=image(CALLED), to_tag="b", from_called=True)), called, caller)
    wire.udp(2.1, bytes(one.request("ACK", to_tag="b", body=image(CALLER))), caller, called)
    for number in range(150):
        wire.udp(3.0 + number, struct.pack("!HB40x", number, 6), CALLED, CALLER)
    if talks_again:
        wire.udp(155.0, bytes(one.request(body=sdp(*CALLED), to_tag="b", from_called=True)), called, caller)
        wire.udp(155.1, bytes(one.request("ACK", to_tag="b", body=sdp(*CALLER))), caller, called)
        wire.speech(156.0, 1.0, CALLED, CALLER, seed=2)
    wire.udp(158.1, bytes(one.request("BYE", to_tag="b")), caller, called)
    (file,) = call_files(watched(tmp_path / "spool", wire.batch()))
    assert [event.kind for event in file.call.events] == ["answered", "fax", "end"]
    assert file.call.duration == pytest.approx(158, abs=0.01)
    assert file.call.parties[1].packets.written == (100 if talks_again else 50)


def test_a_gateway_that_could_send_faxes_as_well_makes_no_fax_of_a_call(tmp_path: Path) -> None:
    offer = sdp(*CALLER) + b"m=image 4002 udptl t38\r\n"
    answer = sdp(*CALLED) + b"m=image 0 udptl t38\r\n"
    call, _ = recorded(tmp_path, talk(offer, answer, packets(voice(3))))
    assert "fax" not in {event.kind for event in call.events}


def says(wire: Wire, at: float, message: SipMessage, *, is_caller: bool) -> None:
    source, destination = (CALLER, CALLED) if is_caller else (CALLED, CALLER)
    wire.udp(at, bytes(message), (source[0], 5060), (destination[0], 5060))


def answer_of_the_caller(one: Talk, status: int, body: bytes = b"") -> SipMessage:
    fields = [
        ("Call-ID", one.call_id),
        ("From", f"{one.called};tag=b"),
        ("To", one.caller),
        ("CSeq", "1 INVITE"),
    ]
    return SipMessage.response(status, "Reason", [*fields, ("Content-Type", "application/sdp")], body)


def speech(wire: Wire, at: float, seed: int) -> None:
    """Two seconds of both; a gateway that was a fax begins its sound anew, under another SSRC."""
    for ends in ((CALLER, CALLED), (CALLED, CALLER)):
        own = Wire()
        own.speech(at, 2.0, *ends, seed=seed)
        ssrc = struct.pack("!I", 0x1234ABCD)
        wire.sent += [
            (when, frame.replace(ssrc, struct.pack("!I", 0x100 + seed), 1)) for when, frame in own.sent
        ]


def asks_for_a_fax(wire: Wire) -> Talk:
    """A call, of which the called party wants a fax after 3 s."""
    one = Talk()
    says(wire, 0.0, one.request(body=sdp(*CALLER)), is_caller=True)
    says(wire, 1.0, one.response(200, sdp(*CALLED)), is_caller=False)
    speech(wire, 1.1, 1)
    says(wire, 3.2, one.request(body=image(CALLED), to_tag="b", from_called=True), is_caller=False)
    return one


def bit_by_bit(tmp_path: Path, wire: Wire, step: float) -> Call:
    edges = [step * number for number in range(int(10.0 / step) + 2)]
    batches = [wire.batch(start, end) for start, end in pairwise(edges)]
    (file,) = call_files(captured(tmp_path / "spool", [batch for batch in batches if len(batch)]))
    return file.call


@pytest.mark.parametrize("step", [100.0, 0.1])
def test_a_call_that_was_a_fax_for_a_while_keeps_what_was_said_before_and_after(
    tmp_path: Path, step: float
) -> None:
    wire, chance = Wire(), random.Random(1)
    one = asks_for_a_fax(wire)
    says(wire, 3.3, answer_of_the_caller(one, 200, image(CALLER)), is_caller=True)
    for number in range(100):
        wire.udp(
            3.4 + 0.02 * number, struct.pack("!H", 0x8000 + number) + chance.randbytes(40), CALLED, CALLER
        )
    says(wire, 6.0, one.request(body=sdp(*CALLED), to_tag="b", from_called=True), is_caller=False)
    says(wire, 6.1, answer_of_the_caller(one, 200, sdp(*CALLER)), is_caller=True)
    speech(wire, 6.2, 2)
    says(wire, 9.0, one.request("BYE", to_tag="b"), is_caller=True)
    call = bit_by_bit(tmp_path, wire, step)
    assert [party.packets.written for party in call.parties] == [200, 200]
    assert [event.side for event in call.events if event.kind == "fax"] == [Side.B]


@pytest.mark.parametrize("step", [100.0, 0.1])
def test_a_fax_that_is_refused_is_none_and_the_call_goes_on(tmp_path: Path, step: float) -> None:
    wire = Wire()
    one = asks_for_a_fax(wire)
    says(wire, 3.3, answer_of_the_caller(one, 488), is_caller=True)
    speech(wire, 3.4, 2)
    says(wire, 6.0, one.request("BYE", to_tag="b"), is_caller=True)
    call = bit_by_bit(tmp_path, wire, step)
    assert [party.packets.written for party in call.parties] == [200, 200]
    assert "fax" not in {event.kind for event in call.events}


@pytest.mark.parametrize("form", ["RTP", "TCP"])
def test_a_call_that_is_a_fax_from_its_beginning_is_one_once(tmp_path: Path, form: str) -> None:
    """T.38 over RTP (RFC 4612) or TCP."""

    def description(place: tuple[str, int]) -> bytes:
        if form == "TCP":
            return image(place, "TCP t38")
        return sdp(*place, "a=rtpmap:98 t38/8000", protocol="RTP/AVP 98")

    wire, one = Wire(), Talk()
    says(wire, 0.0, one.request(body=description(CALLER)), is_caller=True)
    says(wire, 3.0, one.response(200, description(CALLED)), is_caller=False)
    says(wire, 9.0, one.request("BYE", to_tag="b"), is_caller=True)
    call = bit_by_bit(tmp_path, wire, 100.0)
    assert [(event.side, event.detail) for event in call.events if event.kind == "fax"] == [
        (Side.A, {"by": "t38"})
    ]
