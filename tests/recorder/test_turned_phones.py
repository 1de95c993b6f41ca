"""Calls of phones that do not speak SIP and that turn out, by what is heard, to go the other way round."""

from collections.abc import Callable
from pathlib import Path

import pytest

from recorder.assembly import turning
from recorder.capture import Capture
from storage.model import CallState, Side
from tests.recorder import skinny_phones, test_h323_calls, test_mgcp_calls
from tests.recorder.recording import call_files
from tests.recorder.wire import Wire


@pytest.mark.parametrize(
    "conversation",
    [skinny_phones.conversation, test_mgcp_calls.conversation, test_h323_calls.conversation],
    ids=["sccp", "mgcp", "h323"],
)
def test_what_comes_later_is_of_the_sides_that_the_call_has_by_then(
    tmp_path: Path, conversation: Callable[[Wire], object]
) -> None:
    """The called party hangs up, who is the caller by then."""
    wire = Wire()
    conversation(wire)
    capture = Capture(tmp_path / "spool")
    capture.feed(wire.batch(end=5.0))
    (call,) = capture.book.calls.values()
    turning.turn(call)
    capture.feed(wire.batch(start=5.0))
    capture.finish()
    (file,) = call_files(capture)
    assert (file.call.events[-1].kind, file.call.events[-1].side) == ("end", Side.A)
    assert (file.call.state, file.call.duration) == (CallState.ANSWERED, pytest.approx(3.23, abs=0.05))
    assert [party.packets.written for party in file.call.parties] == [150, 150]
