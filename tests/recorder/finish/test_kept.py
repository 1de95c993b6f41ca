"""Packets that stayed closed, kept to be opened later: what is in the file, and what is not."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from recorder.errors import FinishError
from recorder.finish.kept import keep, read_kept
from recorder.media import Channel, Format, MediaBlock, RecordingPlan, Source
from recorder.spool.callfile import CallFile
from recorder.spool.legfile import LegReader, LegWriter
from recorder.spool.record import CALL, framed, rows_of
from storage.model import Call, CallState, Side
from tests.recorder.finish.packets import START, packets, pick, voice
from tests.recorder.finish.sealed import SSRC, captured, key, sealed

WHEN = datetime(2026, 11, 21, 19, 25, tzinfo=UTC)
SECURE = {0: Format("SRTP/PCMU")}
SAID = packets(voice(2), stream="b")


def call_file(*sources: Source) -> CallFile:
    call = Call(id="0190-a", start=WHEN, end=WHEN, duration=0, state=CallState.ANSWERED)
    return CallFile(call, RecordingPlan(START, 8000, (Channel(sources), Channel(()))), ("leg",))


def spooled(folder: Path, *blocks: MediaBlock) -> Path:
    path = folder / "leg.leg"
    writer = LegWriter(path)
    for block in blocks:
        writer.append([block.stream], np.array([len(block)]), rows_of(block), block.payload)
    writer.close()
    return path


def kept(tmp_path: Path, source: Source, *blocks: MediaBlock) -> Path:
    path = tmp_path / "kept"
    keep(call_file(source), [spooled(tmp_path, *blocks)], (Side.A,), path)
    return path


def test_packets_are_kept_as_they_came(tmp_path):
    closed = captured(sealed(SAID, key()))
    path = kept(tmp_path, Source("b", SECURE, (), SSRC, "dtls"), closed)
    (found,) = LegReader(path).read()
    for column in ("times", "sequences", "timestamps", "payload_types", "markers", "lengths", "payload"):
        assert (getattr(found, column) == getattr(closed, column)).all()
    assert found.heads is None
    said = read_kept(path)
    assert said.call == call_file().call
    assert said.plan.channels[0].sources == (Source("b", SECURE, (), SSRC, "dtls"),)


def test_what_was_opened_is_kept_in_clear_and_its_key_is_not_kept(tmp_path):
    """The first half with the key that is known, the second with another."""
    index = np.arange(len(SAID))
    halves = [
        pick(captured(sealed(SAID, with_key)), which)
        for with_key, which in ((key(seed=1), index[:50]), (key(seed=2), index[50:]))
    ]
    path = kept(tmp_path, Source("b", SECURE, (key(seed=1),), SSRC, "sdes"), *halves)
    (found,) = LegReader(path).read()
    assert found.bodies() == [*pick(SAID, index[:50]).bodies(), *halves[1].bodies()]
    assert ((found.heads > 0) == (index < 50)).all()
    assert (found.payload_types == 0).all()
    assert key(seed=1).secret.encode() not in path.read_bytes()
    assert read_kept(path).plan.channels[0].sources[0].keys == ()


def test_the_same_packets_give_the_same_file(tmp_path):
    source = Source("b", SECURE, (), SSRC)
    made = []
    for name in "xy":
        (tmp_path / name).mkdir()
        made.append(kept(tmp_path / name, source, captured(SAID)).read_bytes())
    assert made[0] == made[1]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "do not begin with the call"),
        (b"EWS1 and no more", "do not begin with the call"),
        (b"".join(map(bytes, framed(CALL, [b'{"call": 1}']))), "in a known way"),
    ],
)
def test_a_file_that_is_none_is_told(tmp_path, content, says):
    path = tmp_path / "kept"
    path.write_bytes(content)
    with pytest.raises(FinishError, match=says):
        read_kept(path)


def test_a_file_of_a_later_version_is_told(tmp_path):
    path = kept(tmp_path, Source("b", SECURE, (), SSRC), captured(SAID))
    _, body = framed(CALL, [path.read_bytes()[20:]])
    later = bytes(body)[: bytes(body).index(b"}EWS1") + 1].replace(b"media 1", b"media 9")
    path.write_bytes(b"".join(framed(CALL, [later])))
    with pytest.raises(FinishError, match="media 9"):
        read_kept(path)


def test_a_block_without_the_known_key_is_not_touched(tmp_path):
    closed = captured(sealed(SAID, key(seed=2)))
    path = kept(tmp_path, Source("b", SECURE, (key(seed=1),), SSRC), closed)
    (found,) = LegReader(path).read()
    assert found.bodies() == closed.bodies()
    assert replace(found, heads=None).payload.tobytes() == closed.payload.tobytes()
