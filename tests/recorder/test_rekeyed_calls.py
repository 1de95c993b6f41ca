"""What phones do with their keys while a call runs, encrypted by libsrtp and heard as it was said."""

import base64
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from pylibsrtp import Policy
from pylibsrtp import Session as LibSrtp

from recorder.batch import Batch
from recorder.finish import worker
from recorder.media import SrtpKey
from recorder.protocol.rtp import RtpPacket
from storage.model import Call
from tests.recorder import frames
from tests.recorder.assembly.messages import Talk, sdp
from tests.recorder.finish.sealed import PROFILES, key
from tests.recorder.phones import CALLED, CALLER, finished_as_it_runs, recorded, sip
from tests.recorder.secured import ANN, BEN, OURS, SECURE, Phone, call, udp

HALF = len(ANN.said) // 2
NEWER = key(seed=5)


def clear(phone: Phone) -> list[RtpPacket]:
    return [RtpPacket.parse(data) for data in replace(phone, key=None).packets()]


def seal(with_key: SrtpKey, before: Sequence[RtpPacket] = ()) -> LibSrtp:
    """A sender with this key that has sent some packets before anybody listened."""
    session = LibSrtp(
        Policy(
            key=base64.b64decode(with_key.secret),
            ssrc_type=Policy.SSRC_ANY_OUTBOUND,
            srtp_profile=PROFILES[with_key.suite],
        )
    )
    for packet in before:
        session.protect(bytes(packet))
    return session


def heard(tmp_path: Path, batch: Batch) -> tuple[Call, np.ndarray]:
    found, folder = recorded(tmp_path, batch)
    return found, soundfile.read(folder / "audio.wav", dtype="int16")[0]


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> np.ndarray:
    """The call in clear."""
    silent = [replace(one, key=None) for one in (ANN, BEN)]
    return heard(tmp_path_factory.mktemp("clear"), call(*silent, protocol="RTP/AVP 0"))[1]


def spoken(ours: Sequence[bytes], theirs: Sequence[bytes]) -> list[bytes]:
    both = zip(ours, theirs, strict=True)
    return [frame for a, b in both for frame in (udp(a, CALLER, CALLED), udp(b, CALLED, CALLER))]


def talk(lines: str, ours: Sequence[bytes], again: str = "") -> Batch:
    """The call with other packets of the caller; ``again`` is the offer of a re-INVITE in its middle."""
    one = Talk()
    answer = sdp(*CALLED, *BEN.lines(), protocol=SECURE)
    offer = sdp(*CALLER, lines, protocol=SECURE)
    media = spoken(ours, BEN.packets())
    wire = [
        sip(bytes(one.request(body=offer)), CALLER[0], CALLED[0]),
        sip(bytes(one.response(200, answer)), CALLED[0], CALLER[0]),
        *media[: 2 * HALF],
    ]
    times = [0, 1_000_000, *(1_000_000 + 20_000_000 * (1 + at // 2) for at in range(len(media)))]
    if again:
        fresh = sdp(*CALLER, again, protocol=SECURE)
        wire += [
            sip(bytes(one.request(body=fresh, to_tag="b", CSeq="2 INVITE")), CALLER[0], CALLED[0]),
            sip(bytes(one.response(200, answer, CSeq="2 INVITE")), CALLED[0], CALLER[0]),
        ]
        times[2 + 2 * HALF : 2 + 2 * HALF] = [times[1 + 2 * HALF] + 1_000_000] * 2
    wire += [*media[2 * HALF :], sip(bytes(one.request("BYE", to_tag="b")), CALLER[0], CALLED[0])]
    batch = frames.batch(wire)
    batch.times[:] = frames.START + np.array([*times, times[-1] + 20_000_000])
    return batch


def crypto(one: SrtpKey, mki: str = "") -> str:
    return f"a=crypto:1 {one.suite} inline:{one.secret}|2^31{mki}"


def test_an_identifier_of_the_key_in_each_packet(tmp_path: Path, said: np.ndarray) -> None:
    """RFC 3711, 3.1: it stands before the tag, and is not authenticated."""
    marked = [data[:-10] + b"\0\0\0\x01" + data[-10:] for data in ANN.packets()]
    found, pcm = heard(tmp_path, talk(crypto(OURS, "|1:4"), marked))
    assert found.gaps == ()
    assert (pcm == said).all()


def test_an_identifier_that_is_announced_and_left_out(tmp_path: Path, said: np.ndarray) -> None:
    found, pcm = heard(tmp_path, talk(crypto(OURS, "|1:4"), ANN.packets()))
    assert found.gaps == ()
    assert (pcm == said).all()


def test_a_new_key_by_a_new_invite(tmp_path: Path, said: np.ndarray) -> None:
    """RFC 4568, 7.1.4; both keys are kept, as packets of the old one may still be on their way."""
    plain = [bytes(packet) for packet in clear(ANN)]
    first, then = seal(OURS), seal(NEWER)
    sent = [first.protect(one) for one in plain[:HALF]] + [then.protect(one) for one in plain[HALF:]]
    found, pcm = heard(tmp_path, talk(crypto(OURS), sent, again=crypto(NEWER)))
    assert found.gaps == ()
    assert (pcm == said).all()


def test_a_new_key_that_is_told_of_behind_its_first_packets(
    tmp_path: Path, said: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signalling may take another way than media; the call is finished while it runs."""
    monkeypatch.setattr(worker, "ENOUGH", 0)
    plain = [bytes(packet) for packet in clear(ANN)]
    first, then = seal(OURS), seal(NEWER)
    before = HALF - 45
    sent = [first.protect(one) for one in plain[:before]] + [then.protect(one) for one in plain[before:]]
    found, folder = finished_as_it_runs(tmp_path, talk(crypto(OURS), sent, again=crypto(NEWER)))
    assert found.gaps == ()
    assert found.encrypted is None
    assert (soundfile.read(folder / "audio.wav", dtype="int16")[0] == said).all()


def test_another_source_with_the_same_key(tmp_path: Path, said: np.ndarray) -> None:
    """RFC 3711, 3.2.3: another SSRC is another stream, with a roll-over counter of its own."""
    packets = clear(ANN)
    packets[HALF:] = [replace(packet, ssrc=0x9999) for packet in packets[HALF:]]
    session = seal(OURS)
    found, pcm = heard(tmp_path, talk(crypto(OURS), [session.protect(bytes(packet)) for packet in packets]))
    assert found.parties[0].ssrc == (0x1111, 0x9999)
    assert found.gaps == ()
    assert (pcm == said).all()


@pytest.mark.parametrize("turns", [1, 3])
def test_a_stream_that_ran_for_long_before_it_was_seen(tmp_path: Path, said: np.ndarray, turns: int) -> None:
    """The roll-over counter is not on the wire (RFC 3711, 3.3.1)."""
    packets = clear(ANN)
    steps = range(1000, 1000 + turns * 0x10000, 0x4000)
    before = [replace(packets[0], sequence=at & 0xFFFF) for at in steps]
    session = seal(OURS, before)
    found, pcm = heard(tmp_path, talk(crypto(OURS), [session.protect(bytes(packet)) for packet in packets]))
    assert found.gaps == ()
    assert (pcm == said).all()
