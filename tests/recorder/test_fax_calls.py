"""Calls of fax machines and modems are recognised, by their signalling or by their tones."""

from pathlib import Path

import numpy as np

from storage.model import Side
from tests.recorder import frames
from tests.recorder.assembly.messages import Talk, sdp
from tests.recorder.finish.packets import packets, voice
from tests.recorder.phones import CALLED, CALLER, recorded, sip, talk

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


def test_a_gateway_that_could_send_faxes_as_well_makes_no_fax_of_a_call(tmp_path: Path) -> None:
    offer = sdp(*CALLER) + b"m=image 4002 udptl t38\r\n"
    answer = sdp(*CALLED) + b"m=image 0 udptl t38\r\n"
    call, _ = recorded(tmp_path, talk(offer, answer, packets(voice(3))))
    assert "fax" not in {event.kind for event in call.events}
