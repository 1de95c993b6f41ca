"""Messages that a mirror shows twice."""

from recorder.protocol.received import Received
from recorder.protocol.repeats import WINDOW, Repeats

ONE = Received(0, 1000, ((0, 1), 5060), ((0, 2), 5060), b"BYE sip:a SIP/2.0\r\n\r\n")


def test_a_copy_is_told_from_a_repetition_and_from_other_messages() -> None:
    repeats = Repeats()
    assert not repeats.is_copy(ONE)
    assert repeats.is_copy(ONE._replace(frame=1, time=1000 + WINDOW))
    assert not repeats.is_copy(ONE._replace(time=1001 + 2 * WINDOW))
    assert not repeats.is_copy(ONE._replace(source=((0, 3), 5060)))
    assert not repeats.is_copy(ONE._replace(content=b"ACK sip:a SIP/2.0\r\n\r\n"))


def test_what_is_remembered_is_bounded() -> None:
    repeats = Repeats()
    for number in range(10_000):
        repeats.is_copy(ONE._replace(content=b"%d" % number))
    assert len(repeats) == 4096
