"""Whose a stream is between places that several legs announced."""

import pytest

from recorder.assembly.endpoints import MOST, Binding, EndpointBook
from recorder.assembly.grouping import StreamKey
from recorder.assembly.mediaend import MediaEnd
from recorder.media import Format
from storage.model import Side

PHONE, OTHER, PBX = (0, 1), (0, 2), (0, 9)
A, B = Side.A, Side.B


def end(
    side: Side, address: tuple[int, int], port: int, kind: str = "audio", *types: int, likely: bool = False
) -> MediaEnd:
    formats = {number: Format("VP8" if kind == "video" else "PCMU") for number in types}
    return MediaEnd(side, address, port, kind, formats, "sendrecv", is_likely=likely)


def key(source: tuple[int, int], port: int, destination: tuple[int, int], to: int) -> StreamKey:
    return (*source, *destination, port << 16 | to, 7)


def book(**legs: list[MediaEnd]) -> EndpointBook:
    """The legs announced these places, one leg after the other."""
    made = EndpointBook()
    for leg, ends in legs.items():
        for one in ends:
            made.announce(leg, one)
    return made


def bound(found: Binding | None) -> tuple[str, Side] | None:
    return (found.leg, found.speaker) if found else None


FIRST = [end(A, PHONE, 4000), end(B, PBX, 5000)]


def test_a_phone_that_uses_one_port_for_two_calls_is_heard_in_each() -> None:
    made = book(one=FIRST, two=[end(A, PHONE, 4000), end(B, PBX, 5002)])
    assert bound(made.bind(key(PBX, 5000, PHONE, 4000))) == ("one", B)
    assert bound(made.bind(key(PBX, 5002, PHONE, 4000))) == ("two", B)
    assert bound(made.bind(key(PHONE, 4000, PBX, 5000))) == ("one", A)


def test_who_goes_on_for_a_moment_is_not_heard_in_the_next_call_of_the_port() -> None:
    made = book(one=FIRST, two=[end(A, OTHER, 4100), end(B, PBX, 5000)])
    assert bound(made.bind(key(PHONE, 4000, PBX, 5000))) == ("one", A)
    assert bound(made.bind(key(OTHER, 4100, PBX, 5000))) == ("two", A)
    assert bound(made.bind(key((0, 77), 1, PBX, 5000))) == ("two", A)


def test_the_same_phone_between_the_same_ports_is_in_its_newest_call() -> None:
    assert bound(book(one=FIRST, two=FIRST).bind(key(PHONE, 4000, PBX, 5000))) == ("two", A)


def test_a_leg_that_is_over_frees_its_places_for_those_before_it() -> None:
    made = book(one=FIRST, two=[end(A, OTHER, 4100), end(B, PBX, 5000)])
    made.withdraw("two", [end(B, PBX, 5000)])
    assert bound(made.bind(key((0, 77), 1, PBX, 5000))) == ("one", A)
    made.withdraw("one", FIRST)
    assert made.bind(key((0, 77), 1, PBX, 5000)) is None


def test_a_place_that_everybody_names_takes_no_memory_without_end() -> None:
    made = book(**{f"leg{number}": [end(B, PBX, 5000)] for number in range(3 * MOST)})
    assert bound(made.bind(key(PHONE, 1, PBX, 5000))) == (f"leg{3 * MOST - 1}", A)
    made.withdraw(f"leg{3 * MOST - 1}", [end(B, PBX, 5000)])
    assert bound(made.bind(key(PHONE, 1, PBX, 5000))) == (f"leg{3 * MOST - 2}", A)
    made.withdraw("leg0", [end(B, PBX, 5000)])


def test_a_likely_place_counts_where_no_other_is_known() -> None:
    likely = [end(A, (0, 50), 4000, likely=True), end(B, (0, 60), 5000, likely=True)]
    made = book(one=[*FIRST, *likely])
    assert bound(made.bind(key((0, 50), 777, (0, 60), 5000))) == ("one", A)
    assert made.claimant(((0, 60), 5000)) is None
    for owner in ([end(B, (0, 60), 5000)], [end(A, (0, 50), 777)]):
        made = book(one=likely, two=owner)
        assert bound(made.bind(key((0, 50), 777, (0, 60), 5000))) == ("two", A)
    made.withdraw("one", likely)
    made.withdraw("two", owner)
    assert made.bind(key((0, 50), 777, (0, 60), 5000)) is None


@pytest.mark.parametrize("kinds", [("audio", "video"), ("video", "audio")])
def test_other_media_on_the_port_of_the_audio_are_told_by_their_types(kinds: tuple[str, str]) -> None:
    types = {"audio": (0, 101), "video": (96, 97)}
    made = book(one=[end(B, PBX, 5000, kind, *types[kind]) for kind in kinds])
    found = made.bind(key(PHONE, 4000, PBX, 5000))
    assert found is not None
    assert (found.kind, found.apart if kinds[0] == "audio" else {96, 97}) == ("audio", {96, 97})


def test_a_fax_on_the_port_of_the_audio_does_not_end_it() -> None:
    found = book(one=[*FIRST, end(B, PBX, 5000, "image")]).bind(key(PHONE, 4000, PBX, 5000))
    assert found is not None
    assert (found.kind, found.apart) == ("image", frozenset())


def test_what_else_is_at_a_port_without_audio_is_what_was_said_last() -> None:
    found = book(one=[end(B, PBX, 5000, "video", 96)]).bind(key(PHONE, 4000, PBX, 5000))
    assert found is not None
    assert found.kind == "video"
