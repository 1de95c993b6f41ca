"""The spool says that something was written, which whoever brings it onto the disk has to know."""

from pathlib import Path

from recorder.capture import Capture
from recorder.protocol.sccp_messages import State
from tests.recorder.skinny_phones import GATEWAY, conversation, outside
from tests.recorder.wire import Wire


def test_signalling_counts_whatever_phones_speak(tmp_path: Path) -> None:
    wire = Wire()
    outside(wire).enters(5.0, State.HOLD)
    capture = Capture(tmp_path / "spool")
    counts = []
    for part in wire.batch().within(1_000_000_000):
        capture.feed(part)
        capture.flush()
        counts.append(capture.spool.writes)
    assert counts == sorted(set(counts)), "each second of signalling brings something to the disk"


def test_media_counts(tmp_path: Path) -> None:
    wire = Wire()
    conversation(wire)
    capture = Capture(tmp_path / "spool")
    capture.feed(wire.batch(end=4.0))
    capture.flush()
    before = capture.spool.writes
    capture.feed(wire.batch(start=4.0, end=5.0))
    capture.flush()
    assert capture.spool.writes > before


def test_what_nobody_keeps_does_not_count(tmp_path: Path) -> None:
    wire = Wire()
    for at in range(50):
        wire.udp(0.02 * at, b"nothing of a call", ("192.0.2.1", 7), GATEWAY)
    capture = Capture(tmp_path / "spool")
    capture.feed(wire.batch())
    capture.finish()
    assert capture.spool.writes == 0
