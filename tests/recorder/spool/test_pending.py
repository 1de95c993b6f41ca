"""Signalling noted before it is followed is there after a kill, until the journal has it."""

import os
from pathlib import Path

import pytest

from recorder.protocol.received import H225, MGCP, SCCP, Received
from recorder.spool.pending import PendingMessages

INVITE = Received(3, 17, ((0, 1), 5060), ((2, 3), 5080), b"INVITE \xff\r\n")
BYE = Received(4, 18, ((2, 3), 5080), ((0, 1), 5060), b"BYE")


def test_what_was_noted_is_read_by_the_next_engine(tmp_path: Path) -> None:
    first = PendingMessages(tmp_path)
    first.note([INVITE, BYE])
    first.note([])
    assert PendingMessages(tmp_path).read() == [INVITE, BYE]


@pytest.mark.parametrize("protocol", [SCCP, MGCP, H225])
def test_what_was_noted_keeps_its_protocol(protocol: str, tmp_path: Path) -> None:
    message = INVITE._replace(protocol=protocol, source=((0, 1), 65535))
    PendingMessages(tmp_path).note([message])
    assert PendingMessages(tmp_path).read() == [message]


def test_what_the_journal_has_is_gone(tmp_path: Path) -> None:
    pending = PendingMessages(tmp_path)
    pending.note([INVITE])
    pending.clear()
    pending.note([BYE])
    assert PendingMessages(tmp_path).read() == [BYE]


def test_a_message_cut_by_a_kill_is_left_out(tmp_path: Path) -> None:
    pending = PendingMessages(tmp_path)
    pending.note([INVITE, BYE])
    os.truncate(tmp_path / "pending.sip", (tmp_path / "pending.sip").stat().st_size - 1)
    assert PendingMessages(tmp_path).read() == [INVITE]


def test_a_message_cut_by_a_kill_does_not_swallow_what_is_noted_after_it(tmp_path: Path) -> None:
    PendingMessages(tmp_path).note([INVITE, BYE._replace(content=bytes(500))])
    os.truncate(tmp_path / "pending.sip", (tmp_path / "pending.sip").stat().st_size - 1)
    second = PendingMessages(tmp_path)
    second.read()
    second.note([BYE])
    assert PendingMessages(tmp_path).read() == [INVITE, BYE]


def test_messages_for_which_there_is_no_room_are_taken_back_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pending = PendingMessages(tmp_path)
    pending.note([INVITE])
    write = os.write
    with monkeypatch.context() as full:
        full.setattr(os, "write", lambda file, content: write(file, content[:30]))
        with pytest.raises(OSError, match="No space"):
            pending.note([BYE])
    pending.note([BYE])
    assert PendingMessages(tmp_path).read() == [INVITE, BYE]
