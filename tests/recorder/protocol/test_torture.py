"""The torture test messages of RFC 4475: read as they are meant, refused only where they are no SIP."""

import pytest

from recorder.assembly.book import CallBook
from recorder.assembly.signalling import Signalling
from recorder.protocol.errors import SipError
from recorder.protocol.sdp import SessionDescription
from recorder.protocol.sip import SipMessage
from recorder.protocol.sip_stream import SipStream
from tests.recorder.assembly.messages import CALLED, CALLER
from tests.recorder.frames import START
from tests.recorder.protocol.torture import VALID, Vector
from tests.recorder.protocol.torture_invalid import INVALID

ALL = [pytest.param(vector, id=f"{vector.section}-{vector.name}") for vector in VALID + INVALID]
READ = [param for param in ALL if not param.values[0].error]


def test_every_message_stands_for_a_section_of_its_own() -> None:
    sections = [vector.section for vector in VALID + INVALID]
    assert len(set(sections)) == len(sections) == 40


@pytest.mark.parametrize("vector", ALL)
def test_a_message_is_read_or_refused_by_the_one_error(vector: Vector) -> None:
    if vector.error:
        with pytest.raises(SipError):
            SipMessage.parse(vector.raw)
        return
    message = SipMessage.parse(vector.raw)
    assert (message.method, message.status) == (vector.method, vector.status)
    assert message.call_id == vector.call_id.strip()
    assert (message.from_.user, message.to.user) == (vector.caller, vector.called)
    assert message.from_.tag == vector.tag
    ports = [one.port for one in SessionDescription.parse(message.sdp).media] if message.sdp else []
    assert tuple(ports) == vector.ports


@pytest.mark.parametrize("vector", READ)
def test_it_comes_back_as_it_was_and_from_a_stream_too(vector: Vector) -> None:
    message = SipMessage.parse(vector.raw)
    assert SipMessage.parse(bytes(message)).fields == message.fields
    stream = SipStream()
    found = [one for at in range(0, len(vector.raw), 7) for one in stream.feed(vector.raw[at : at + 7])]
    assert all(SipMessage.parse(one).call_id for one in found[:1]) or vector.name == "insuf"


@pytest.mark.parametrize("vector", READ)
def test_an_invite_is_followed_however_odd_it_is(vector: Vector) -> None:
    book = CallBook()
    followed = Signalling(book).take(SipMessage.parse(vector.raw), START, CALLER, CALLED)
    is_call = vector.method == "INVITE" and vector.name != "insuf"
    assert (followed is not None) == is_call
    if followed is not None:
        dialog = followed.leg.dialog
        assert dialog is not None
        assert [end.port for end in dialog.ends] == list(vector.ports)
        assert (dialog.from_number, dialog.to_number) == (vector.caller, vector.called)
