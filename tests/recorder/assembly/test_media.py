"""Streams find their legs, and media without signalling finds its own."""

from recorder.assembly.book import CallBook
from recorder.assembly.dialog import Dialog
from recorder.assembly.grouping import StreamKey
from recorder.assembly.leg import Leg
from recorder.assembly.media import MediaDesk
from recorder.assembly.mediaend import MediaEnd
from storage.model import Side

PHONE, PBX = (0, 1), (0, 9)
TO_PBX: StreamKey = (*PHONE, *PBX, 4000 << 16 | 5000, 7)
TO_PHONE: StreamKey = (*PBX, *PHONE, 5000 << 16 | 4000, 8)


def leg_of(desk: MediaDesk, name: str = "one", kind: str = "audio", pbx_port: int = 5000) -> Leg:
    """A leg between the phone and the PBX that has announced its places."""
    ends = [
        MediaEnd(Side.A, PHONE, 4000, kind, {}, "sendrecv"),
        MediaEnd(Side.B, PBX, pbx_port, kind, {}, ""),
    ]
    leg = Leg(name, 0, Dialog(name, "a", "1", "", "2", "", (PHONE, 5060), (PBX, 5060), 0, ends=ends))
    desk.book.open(leg)
    desk.announce(leg, ends)
    return leg


def test_a_stream_is_of_the_side_that_does_not_receive_it() -> None:
    desk = MediaDesk(CallBook())
    leg = leg_of(desk)
    admitted = [desk.admit(key, 1) for key in (TO_PBX, TO_PHONE)]
    assert [(found[0].id, found[1].speaker) for found in admitted if found] == [
        ("one", Side.A),
        ("one", Side.B),
    ]
    assert len(leg.streams) == 2


def test_a_stream_to_an_unknown_place_is_known_by_where_it_comes_from() -> None:
    desk = MediaDesk(CallBook())
    leg_of(desk, pbx_port=6000)
    found = desk.admit(TO_PBX, 1)
    assert found is not None
    assert found[1].speaker is Side.A


def test_video_is_not_recorded() -> None:
    desk = MediaDesk(CallBook())
    leg_of(desk, kind="video")
    assert desk.admit(TO_PBX, 1)[1] is None


def test_the_next_call_on_a_port_gets_its_streams() -> None:
    desk = MediaDesk(CallBook())
    first, second = leg_of(desk, "one"), leg_of(desk, "two")
    desk.withdraw(first)
    found = desk.admit(TO_PBX, 1)
    assert found is not None
    assert found[0] is second


def test_both_directions_of_unexplained_media_are_one_leg_with_two_sides() -> None:
    desk = MediaDesk(CallBook())
    found = [desk.admit(key, 1) for key in (TO_PBX, TO_PHONE)]
    assert [one[1].speaker for one in found if one] == [Side.A, Side.B]
    assert len(desk.book.calls) == 1


def test_signalling_that_explains_media_takes_it_over_with_its_file() -> None:
    desk = MediaDesk(CallBook())
    admitted = desk.admit(TO_PHONE, 1)
    assert admitted is not None
    orphan, stream = admitted
    leg = Leg("late", 2, Dialog("late", "a", "1", "", "2", "", (PHONE, 5060), (PBX, 5060), 2))
    desk.book.open(leg)

    explained = desk.announce(leg, [MediaEnd(Side.A, PHONE, 4000, "audio", {}, "sendrecv")])

    assert [one.leg for one in explained] == [orphan]
    assert leg.streams == {stream.name: stream}
    assert (stream.file, stream.speaker) == (orphan.id, Side.B)


def test_a_place_that_a_leg_had_left_before_a_restart_is_not_its_own_after_it() -> None:
    before = MediaDesk(CallBook())
    leg = leg_of(before)
    moved = [MediaEnd(Side.A, PHONE, 4100, "audio", {}, "sendrecv")]
    assert leg.dialog is not None
    leg.dialog.ends += moved
    before.announce(leg, moved)
    before.claim(leg, moved)

    after = MediaDesk(CallBook())
    after.restore(leg)
    for desk in (before, after):
        claims = [desk.endpoints.claimant(place) for place in ((PHONE, 4000), (PHONE, 4100), (PBX, 5000))]
        assert [claim.is_open for claim in claims if claim] == [False, True, True]
