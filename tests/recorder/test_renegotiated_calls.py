"""Calls whose payload types mean something else, or whose media is no longer or newly encrypted, from a
re-INVITE on."""

import base64
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest
from pylibsrtp import Policy
from pylibsrtp import Session as LibSrtp

from recorder.finish import worker
from recorder.protocol.rtp import RtpPacket
from storage.model import Call
from tests.recorder import frames
from tests.recorder.assembly.messages import sdp
from tests.recorder.finish.encoders import encoded
from tests.recorder.finish.packets import payload
from tests.recorder.phones import finished_as_it_runs
from tests.recorder.switchboard import AGENT, CUSTOMER, Line, Wire, heard, tone

SEALED = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20"
SECRET = base64.b64decode(SEALED.partition("inline:")[2].partition("|")[0])
G722, L16 = "a=rtpmap:96 G722/8000", "a=rtpmap:96 L16/8000"
SECONDS = 2


def sine(hertz: int, rate: int) -> np.ndarray:
    return (8000 * np.sin(2 * np.pi * hertz * np.arange(SECONDS * rate) / rate)).astype(np.int16)


WIDE = b"".join(encoded("g722", sine(1000, 16000), 16000))
LINEAR = sine(500, 8000).astype(">i2").tobytes()
MU_LAW = tone(700).tobytes() * SECONDS


class Talking:
    """A line whose customer speaks; ``describes`` is what both sides describe themselves with."""

    def __init__(self) -> None:
        self.wire = Wire()
        self.line: Line = self.wire.line("one", (CUSTOMER.host, AGENT.host), (CUSTOMER.number, AGENT.number))
        self._number = 0

    def agrees(self, at: float, attribute: str, protocol: str, status: int = 200, cseq: int = 1) -> None:
        """An INVITE of the customer, and how it is answered a tenth of a second later."""
        offer, answer = self._described(attribute, protocol)
        number = f"{cseq} INVITE"
        again = {"to_tag": "b"} if cseq > 1 else {}
        self.line.says(at, self.line.talk.request(body=offer, CSeq=number, **again))
        body = answer if status == 200 else b""
        self.line.says(at + 0.1, self.line.talk.response(status, body, CSeq=number), from_called=True)

    def asks(self, at: float, attribute: str, protocol: str) -> None:
        """A re-INVITE without an offer: it is in the answer, and answered in the ACK (RFC 3261, 13.2.1)."""
        ours, theirs = self._described(attribute, protocol)
        talk = self.line.talk
        self.line.says(at, talk.request(to_tag="b", CSeq="2 INVITE"))
        self.line.says(at + 0.1, talk.response(200, theirs, CSeq="2 INVITE"), from_called=True)
        self.line.says(at + 0.15, talk.request("ACK", ours, to_tag="b", CSeq="2 ACK"))

    def _described(self, attribute: str, protocol: str) -> list[bytes]:
        both = zip(self.line.hosts, self.line.ports, strict=True)
        return [sdp(host, port, attribute, protocol=protocol) for host, port in both]

    def speaks(self, at: float, data: bytes, kind: int, seal: Callable[[bytes], bytes] = bytes) -> "Talking":
        """Two seconds in packets of 20 ms."""
        size = len(data) // (50 * SECONDS)
        for number in range(50 * SECONDS):
            body = data[number * size :][:size]
            packet = RtpPacket(kind, self._number, round(at * 8000) + number * 160, 0x1111, body)
            datagram = frames.udp(seal(bytes(packet)), *self.line.ports)
            self.wire.put(at + number * 0.02, datagram, *self.line.hosts)
            self._number += 1
        return self

    def recorded(self, tmp_path: Path) -> tuple[Call, Path]:
        self.line.hangs_up(10)
        ((call, folder),) = self.wire.recorded(tmp_path)
        return call, folder


def tones(folder: Path, starts: Iterable[float]) -> list[int]:
    """What is heard in the two seconds from each of these times on; the recording begins at 0.2 s."""
    return [heard(folder, 0, start - 0.1, start + 1.6) for start in starts]


def test_a_payload_type_that_means_another_codec_from_a_new_invite_on(tmp_path: Path) -> None:
    call = Talking()
    call.agrees(0, G722, "RTP/AVP 96")
    call.speaks(0.2, WIDE, 96)
    call.agrees(2.3, L16, "RTP/AVP 96", cseq=2)
    call.speaks(2.5, LINEAR, 96)
    call.agrees(4.6, G722, "RTP/AVP 96", cseq=3)
    call.speaks(4.8, WIDE, 96)
    found, folder = call.recorded(tmp_path)
    assert tones(folder, (0.2, 2.5, 4.8)) == [1000, 500, 1000]
    assert found.codecs == ("G722", "L16")
    assert found.gaps == ()


def test_a_new_meaning_that_is_refused_never_counts(tmp_path: Path) -> None:
    call = Talking()
    call.agrees(0, G722, "RTP/AVP 96")
    call.speaks(0.2, WIDE, 96)
    call.agrees(2.3, L16, "RTP/AVP 96", status=488, cseq=2)
    call.speaks(2.5, WIDE, 96)
    found, folder = call.recorded(tmp_path)
    assert tones(folder, (0.2, 2.5)) == [1000, 1000]
    assert found.codecs == ("G722",)


def test_a_new_meaning_that_the_called_party_offers_in_its_answer(tmp_path: Path) -> None:
    call = Talking()
    call.agrees(0, G722, "RTP/AVP 96")
    call.speaks(0.2, WIDE, 96)
    call.asks(2.3, L16, "RTP/AVP 96")
    call.speaks(2.5, LINEAR, 96)
    _, folder = call.recorded(tmp_path)
    assert tones(folder, (0.2, 2.5)) == [1000, 500]


@pytest.mark.parametrize("is_sealed_first", [True, False])
def test_a_call_that_is_encrypted_for_a_part_of_its_time(tmp_path: Path, is_sealed_first: bool) -> None:
    seal = LibSrtp(
        Policy(
            key=SECRET,
            ssrc_type=Policy.SSRC_ANY_OUTBOUND,
            srtp_profile=Policy.SRTP_PROFILE_AES128_CM_SHA1_80,
        )
    ).protect
    parts = [((SEALED, "RTP/SAVP 0"), seal), (("a=sendrecv", "RTP/AVP 0"), bytes)]
    first, then = parts if is_sealed_first else parts[::-1]
    call = Talking()
    call.agrees(0, *first[0])
    call.speaks(0.2, MU_LAW, 0, first[1])
    call.agrees(2.3, *then[0], cseq=2)
    call.speaks(2.5, MU_LAW, 0, then[1])
    found, folder = call.recorded(tmp_path)
    assert tones(folder, (0.2, 2.5)) == [700, 700]
    assert found.gaps == ()
    assert found.codecs == ("PCMU",)
    assert found.encrypted is None


def test_clear_media_behind_encrypted_media_without_a_key_is_heard(tmp_path: Path) -> None:
    call = Talking()
    call.agrees(0, "a=setup:actpass", "UDP/TLS/RTP/SAVP 0")
    rng = np.random.default_rng(1)
    call.speaks(0.2, rng.integers(0, 256, len(MU_LAW), np.uint8).tobytes(), 0)
    call.agrees(2.3, "a=sendrecv", "RTP/AVP 0", cseq=2)
    call.speaks(2.5, MU_LAW, 0)
    found, folder = call.recorded(tmp_path)
    assert tones(folder, (0.2, 2.5)) == [0, 700]
    assert [(gap.start, gap.seconds, gap.cause) for gap in found.gaps] == [(0.0, 2.0, "encrypted")]
    assert found.codecs == ("SRTP/PCMU", "PCMU")
    assert found.encrypted is not None


def test_a_new_meaning_is_followed_while_the_call_is_finished_as_it_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "ENOUGH", 0)
    call = Talking()
    call.agrees(0, G722, "RTP/AVP 96")
    call.speaks(0.2, WIDE, 96)
    call.agrees(2.3, L16, "RTP/AVP 96", cseq=2)
    call.speaks(2.5, LINEAR, 96)
    call.line.hangs_up(5)
    _, folder = finished_as_it_runs(tmp_path, call.wire.batch())
    assert tones(folder, (0.2, 2.5)) == [1000, 500]


def test_another_codec_without_a_new_invite_is_heard_while_the_call_is_finished_as_it_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sender may change between what both sides listed at any time (RFC 3264, 5.1)."""
    monkeypatch.setattr(worker, "ENOUGH", 0)
    call = Talking()
    call.agrees(0, "a=sendrecv", "RTP/AVP 0 8")
    call.speaks(0.2, MU_LAW, 0)
    call.speaks(2.2, payload(sine(500, 8000), 8), 8)
    call.speaks(4.2, payload(sine(1000, 8000), 8), 8)
    call.line.hangs_up(7)
    found, folder = finished_as_it_runs(tmp_path, call.wire.batch())
    assert tones(folder, (0.2, 2.2, 4.2)) == [700, 500, 1000]
    assert found.gaps == ()
