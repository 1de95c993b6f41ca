"""Packets with CSRCs, header extensions and padding, clear and encrypted, from the wire to the recording."""

from dataclasses import replace
from pathlib import Path

import pytest
import soundfile

from recorder.capture import Capture
from recorder.protocol.rtp import RtpPacket
from recorder.spool.legfile import LegReader
from storage.model import Side
from tests.recorder import frames
from tests.recorder.finish.sealed import PROFILES, key
from tests.recorder.phones import CALLED, CALLER, recorded
from tests.recorder.secured import ANN, BEN, OURS, Phone, Shape, call, udp, untold
from tests.recorder.test_reopened_calls import reopened

LEVEL = (0xBEDE, bytes([0x10, 0x55, 0, 0]))
"""One-byte header extension with a level (RFC 8285, 4.2; RFC 6464)."""
SHAPES: dict[str, Shape] = {
    "extension": lambda packet, _: replace(packet, extension=LEVEL),
    "csrc": lambda packet, number: replace(packet, csrcs=tuple(range(1, 1 + number % 4))),
    "padding": lambda packet, number: replace(packet, padding=bytes(number % 3) + bytes([1 + number % 3])),
    "all": lambda packet, _: replace(packet, csrcs=(7, 8), extension=LEVEL, padding=b"\0\0\0\x04"),
    "some": lambda packet, number: replace(packet, extension=LEVEL) if number % 5 == 0 else packet,
}


def pcm(folder: Path):
    return soundfile.read(folder / "audio.wav", dtype="int16")[0]


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory):
    """The same call with plain headers and in clear."""
    clear = call(replace(ANN, key=None), replace(BEN, key=None), protocol="RTP/AVP 0")
    _, folder = recorded(tmp_path_factory.mktemp("clear"), clear)
    return pcm(folder)


@pytest.mark.parametrize("shape", SHAPES)
def test_in_clear_nothing_of_it_is_heard(tmp_path: Path, heard, shape: str) -> None:
    ann, ben = (replace(one, key=None, shape=SHAPES[shape]) for one in (ANN, BEN))
    _, folder = recorded(tmp_path, call(ann, ben, protocol="RTP/AVP 0"))
    assert (pcm(folder) == heard).all()


@pytest.mark.parametrize(
    ("shape", "suite"), [*((shape, OURS.suite) for shape in SHAPES), *(("all", suite) for suite in PROFILES)]
)
def test_encrypted_it_is_authentic_and_heard(tmp_path: Path, heard, shape: str, suite: str) -> None:
    ann, ben = (
        Phone(one.said, key(suite, seed=at), one.ssrc, shape=SHAPES[shape])
        for at, one in enumerate((ANN, BEN))
    )
    known, folder = recorded(tmp_path, call(ann, ben))
    assert known.gaps == ()
    assert known.encrypted is None
    assert (pcm(folder) == heard).all()


def test_without_the_key_it_is_kept_whole_and_opened_later(tmp_path: Path, heard) -> None:
    ann, ben = (replace(one, shape=SHAPES["all"]) for one in (ANN, BEN))
    blind, folder = recorded(tmp_path, call(untold(ann), untold(ben)))
    made = reopened(tmp_path, blind, folder, (Side.A, ANN.key), (Side.B, BEN.key))
    assert made.opened == {Side.A: len(ANN.said), Side.B: len(BEN.said)}
    assert (soundfile.read(made.audio, dtype="int16")[0] == heard).all()


def spooled(tmp_path: Path, batch) -> list:
    capture = Capture(tmp_path / "spool")
    capture.feed(batch)
    capture.finish()
    return [block for path in (tmp_path / "spool" / "legs").iterdir() for block in LegReader(path).read()]


def test_the_spool_holds_all_behind_the_fixed_header(tmp_path: Path) -> None:
    ann = replace(ANN, shape=SHAPES["some"])
    blocks = {len(block): block for block in spooled(tmp_path, call(ann, replace(BEN, said=ANN.said)))}
    (block,) = (one for one in blocks.values() if one.heads is not None)
    assert block.heads.tolist() == [0x90 if at % 5 == 0 else 0 for at in range(len(block))]
    assert block.bodies() == [data[12:] for data in ann.packets()]


def test_what_the_capture_cut_off_is_kept_as_payload(tmp_path: Path) -> None:
    """Nothing can be authenticated then, and the last byte is no count of padding."""
    wire = [
        udp(bytes(RtpPacket(0, at, 160 * at, 9, bytes(160), padding=b"\0\0\0\x04")), CALLER, CALLED)
        for at in range(20)
    ]
    batch = frames.batch([frame[:-20] for frame in wire], wire_lengths=[len(frame) for frame in wire])
    (block,) = spooled(tmp_path, batch)
    assert block.heads is None
    assert set(block.lengths.tolist()) == {160 + 4 - 20}
