"""Packets with copies of those before them (RFC 2198)."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from recorder.finish import worker as finishing
from recorder.finish.redundancy import primary
from recorder.media import MediaBlock
from storage.model import Call
from tests.recorder import frames
from tests.recorder.assembly.messages import sdp
from tests.recorder.finish.finishing import likeness
from tests.recorder.finish.packets import packets, voice
from tests.recorder.phones import finished_as_it_runs
from tests.recorder.switchboard import AGENT, CUSTOMER, Wire

RED = 104


def with_copies(bodies: list[bytes], kind: int, depth: int) -> list[bytes]:
    """Each payload behind copies of so many before it, 160 timestamp units apart."""
    made = []
    for at, body in enumerate(bodies):
        before = bodies[max(at - depth, 0) : at]
        heads = b"".join(
            ((0x80 | kind) << 24 | (len(before) - number) * 160 << 10 | len(one)).to_bytes(4)
            for number, one in enumerate(before)
        )
        made.append(heads + bytes([kind]) + b"".join(before) + body)
    return made


def block(bodies: list[bytes], kind: int = RED) -> MediaBlock:
    made = packets(voice(len(bodies) / 50))
    made.payload_types[:] = kind
    made.lengths = np.array([len(body) for body in bodies], np.int32)
    made.payload = np.frombuffer(b"".join(bodies), np.uint8)
    return made


def test_what_a_packet_carries_itself_stands_behind_the_copies() -> None:
    plain = packets(voice(1))
    for depth in (0, 1, 2):
        got = primary(block(with_copies(plain.bodies(), 0, depth)), {RED})
        assert got.bodies() == plain.bodies()
        assert set(got.payload_types.tolist()) == {0}


def test_other_packets_and_malformed_ones_stay_as_they_are() -> None:
    bodies = [b"", b"\x80", b"\x80\x00\x00\x05\x00ab", b"\x85\x00\x00"]
    got = primary(block(bodies), {RED})
    assert got.bodies() == bodies
    assert set(got.payload_types.tolist()) == {RED}
    other = packets(voice(0.2))
    assert primary(other, {RED}) is other


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=5))
def test_no_bytes_are_too_odd(bodies: list[bytes]) -> None:
    got = primary(block(bodies), {RED})
    assert all(len(own) <= len(body) for own, body in zip(got.bodies(), bodies, strict=True))


def with_redundancy(tmp_path: Path, kind: int, carried: int, *lines: str) -> tuple[Call, Path]:
    """A call whose caller says what is in the codec ``carried`` as packets of the type ``kind``, also where
    the description, whose types of audio are 8, 0 and 18, does not say so."""
    said = packets(voice(3), carried)
    wire = Wire()
    line = wire.line("one", (CUSTOMER.host, AGENT.host), (CUSTOMER.number, AGENT.number))
    described = [
        sdp(host, port, "a=rtpmap:104 red/8000", *lines, protocol="RTP/AVP 104 8 0 18")
        for host, port in zip(line.hosts, line.ports, strict=True)
    ]
    line.says(0, line.talk.request(body=described[0]))
    line.says(0.1, line.talk.response(200, described[1]), from_called=True)
    for number, body in enumerate(with_copies(said.bodies(), kind, 1)):
        head = bytes([0x80, RED]) + number.to_bytes(2) + (number * 160).to_bytes(4) + bytes(4)
        wire.put(0.2 + number / 50, frames.udp(head + body, *line.ports), *line.hosts)
    line.hangs_up(4)
    ((call, folder),) = wire.recorded(tmp_path)
    return call, folder


@pytest.mark.parametrize(("kind", "codec"), [(0, "PCMU"), (8, "PCMA")])
@pytest.mark.parametrize("lists", [("a=fmtp:104 0/8",), ()], ids=["listed", "not listed"])
def test_a_call_with_redundancy_is_heard(
    tmp_path: Path, lists: tuple[str, ...], kind: int, codec: str
) -> None:
    """Also where the description does not list what the packets carry. It tells of nothing else then."""
    call, folder = with_redundancy(tmp_path, kind, kind, *lists)
    assert call.codecs == (codec,)
    assert [party.codec for party in call.parties] == [codec, ""]
    assert call.gaps == ()
    pcm, _ = soundfile.read(folder / "audio.wav", dtype="int16")
    assert likeness(voice(3), pcm[:, 0]) > 0.99


@pytest.mark.parametrize("lists", [("a=fmtp:104 0/8",), ()], ids=["listed", "not listed"])
def test_a_call_tells_of_what_nothing_decodes_within_others(tmp_path: Path, lists: tuple[str, ...]) -> None:
    call, _ = with_redundancy(tmp_path, 97, 0, *lists)
    assert call.codecs == ("PT97",)
    assert [party.codec for party in call.parties] == ["PT97", ""]
    assert {gap.cause for gap in call.gaps} == {"codec"}


@pytest.mark.parametrize("plain_first", [False, True])
def test_a_call_that_is_finished_as_it_runs_tells_of_its_plain_packets_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plain_first: bool
) -> None:
    monkeypatch.setattr(finishing, "ENOUGH", 0)
    wire = Wire()
    line = wire.line("one", (CUSTOMER.host, AGENT.host), (CUSTOMER.number, AGENT.number))
    described = [
        sdp(host, port, "a=rtpmap:104 red/8000", protocol="RTP/AVP 104 8 0 18")
        for host, port in zip(line.hosts, line.ports, strict=True)
    ]
    line.says(0, line.talk.request(body=described[0]))
    line.says(0.1, line.talk.response(200, described[1]), from_called=True)
    said = [(8, body) for body in packets(voice(3), 8).bodies()]
    wrapped = [(RED, body) for body in with_copies(packets(voice(3)).bodies(), 0, 1)]
    for number, (kind, body) in enumerate([*said, *wrapped] if plain_first else [*wrapped, *said]):
        head = bytes([0x80, kind]) + number.to_bytes(2) + (number * 160).to_bytes(4) + bytes(4)
        wire.put(0.2 + number / 50, frames.udp(head + body, *line.ports), *line.hosts)
    line.hangs_up(7)
    call, _ = finished_as_it_runs(tmp_path, wire.batch())
    assert set(call.codecs) == {"PCMA", "PCMU"}
