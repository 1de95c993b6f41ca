"""Legs by their Call-ID, whatever bytes the message holds."""

import pytest
from pydantic import TypeAdapter

from recorder.assembly.book import CallBook
from recorder.assembly.call import RunningCall
from recorder.assembly.describe import describe, files, plan
from recorder.assembly.numbering import Numbering
from recorder.assembly.signalling import Signalling
from recorder.protocol.sip import SipMessage
from recorder.spool.callfile import CallFile
from tests.recorder.assembly.messages import CALLED, CALLER, Talk
from tests.recorder.frames import START


@pytest.mark.parametrize("odd", [b"\xa1\xff", b"\x01", "号".encode()])
def test_bytes_that_are_no_text_are_followed_stored_and_forgotten(odd: bytes) -> None:
    book = CallBook()
    signalling = Signalling(book)
    talk = Talk(call_id="one@test", caller="<sip:8001@test>;tag=a")
    for message in (talk.request(), talk.response(180), talk.response(200)):
        raw = bytes(message).replace(b"one@test", b"one" + odd).replace(b"tag=a", b"tag=" + odd)
        assert signalling.take(SipMessage.parse(raw), START, CALLER, CALLED) is not None

    (call,) = book.calls.values()
    assert call.first.dialog is not None
    assert call.first.dialog.answered == START
    assert _stored(call).legs[0].dialog == call.first.dialog

    over = bytes(talk.request("BYE", to_tag="b"))
    over = over.replace(b"one@test", b"one" + odd).replace(b"tag=a", b"tag=" + odd)
    assert signalling.take(SipMessage.parse(over), START, CALLER, CALLED) is not None
    signalling.forget(call.first, START)
    assert not signalling.legs
    assert signalling.take(SipMessage.parse(raw), START, CALLER, CALLED) is None


def _stored(call: RunningCall) -> CallFile:
    adapter = TypeAdapter(CallFile)
    file = CallFile(describe(call, Numbering()), plan(call), files(call), legs=call.legs)
    return adapter.validate_json(adapter.dump_json(file, by_alias=True))
