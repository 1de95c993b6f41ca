"""Where the parties of a dialog are, as they move."""

from recorder.assembly.mediaend import MediaEnd
from recorder.assembly.whereabouts import MOST, Whereabouts
from storage.model import Side

HOST = (0, 1)


def end(port: int, side: Side = Side.A, tag: str = "", kind: str = "audio") -> MediaEnd:
    return MediaEnd(side, HOST, port, kind, {}, "sendrecv", tag=tag)


def left(found: Whereabouts, *ends: MediaEnd) -> set[int]:
    return {port for _, port in found.left(ends)}


def test_who_moves_has_left_and_may_come_back() -> None:
    found = Whereabouts()
    old, new = end(4000), end(4002)
    found.told(Side.A, "", [old], is_offer=True)
    assert left(found, old) == set()
    found.told(Side.A, "", [new], is_offer=True)
    assert left(found, old, new) == {4000}
    found.told(Side.A, "", [old], is_offer=True)
    assert left(found, old, new) == {4002}


def test_a_move_that_is_refused_was_none() -> None:
    found = Whereabouts()
    old, new = end(4000), end(4002)
    found.told(Side.A, "", [old], is_offer=True)
    found.told(Side.A, "", [new], is_offer=True)
    found.refused()
    found.refused()
    assert left(found, old, new) == {4002}


def test_an_answer_is_not_refused_with_an_offer_of_before() -> None:
    found = Whereabouts()
    old, new = end(4000, Side.B, "b"), end(4002, Side.B, "b")
    found.told(Side.B, "b", [old], is_offer=False)
    found.told(Side.B, "b", [new], is_offer=False)
    found.refused()
    assert left(found, old, new) == {4000}


def test_phones_that_ring_together_are_each_where_they_say() -> None:
    found = Whereabouts()
    ends = [end(5000, Side.B, "b"), end(6000, Side.B, "c"), end(4000)]
    for one in ends:
        found.told(one.side, one.tag, [one], is_offer=False)
    assert left(found, *ends) == set()


def test_video_and_no_audio_move_nobody() -> None:
    found = Whereabouts()
    audio, video = end(4000), end(7000, kind="video")
    found.told(Side.A, "", [audio], is_offer=True)
    found.told(Side.A, "", [video], is_offer=True)
    found.told(Side.A, "", [], is_offer=True)
    assert left(found, audio, video) == set()


def test_a_fork_without_end_takes_no_memory_without_end() -> None:
    found = Whereabouts()
    ends = [end(5000 + number, Side.B, f"tag{number}") for number in range(2 * MOST)]
    for one in ends:
        found.told(one.side, one.tag, [one], is_offer=False)
    assert len(found.now) == MOST
    assert left(found, *ends) == set()


def test_sides_that_are_named_anew_are_where_they_were() -> None:
    found = Whereabouts()
    found.told(Side.A, "", [end(4000)], is_offer=True)
    found.told(Side.A, "", [end(4002)], is_offer=True)
    turned = found.turned({Side.A: Side.B, Side.B: Side.A})
    assert left(turned, end(4000, Side.B), end(4002, Side.B)) == {4000}
