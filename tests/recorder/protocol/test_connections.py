"""TCP connections that carry SIP, among others."""

import random

import numpy as np
import pytest

from recorder.protocol import address, transport
from recorder.protocol.connections import MOST, Connections
from recorder.protocol.fragments import Fragments
from recorder.protocol.received import Received
from recorder.protocol.tcp import Segments
from tests.recorder import frames
from tests.recorder.protocol.tcp_talk import ACK, RST, Talk
from tests.recorder.protocol.websocket_frames import REQUEST, RESPONSE, frame

INVITE = b"INVITE sip:1001@pbx SIP/2.0\r\nCall-ID: 1\r\nContent-Length: 400\r\n\r\n" + b"v=0\r\n" * 80
TRYING = b"SIP/2.0 100 Trying\r\nCall-ID: 1\r\nContent-Length: 0\r\n\r\n"
OK = b"SIP/2.0 200 OK\r\nCall-ID: 1\r\nContent-Length: 0\r\n\r\n"


def segments(some: list[bytes], start: int = frames.START) -> Segments:
    found = transport.parse(frames.batch(some, start=start))
    assert found.rejected == {}
    return found.segments


def taken(connections: Connections, found: Segments) -> list[Received]:
    """The messages of segments that are a batch of their own."""
    return connections.take(found, int(found.times[-1]))


def read(some: list[bytes], connections: Connections | None = None) -> list[bytes]:
    connections = Connections() if connections is None else connections
    return [one.content for one in taken(connections, segments(some))]


@pytest.mark.parametrize("port", [5060, 7777])
@pytest.mark.parametrize("size", [100, 1460])
def test_messages_of_both_directions_come_out_with_their_way_and_time(port: int, size: int) -> None:
    talk = Talk(server=("192.0.2.2", port))
    some = [*talk.open(), *talk.say(INVITE, size=size), *talk.say(OK, from_client=False), *talk.close()]
    connections = Connections()
    found = taken(connections, segments(some))

    last = 2 + len(INVITE[::size])
    client, server = (address.pack("192.0.2.1"), 40000), (address.pack("192.0.2.2"), port)
    assert found == [
        Received(last, frames.START + last * 1_000_000, client, server, INVITE),
        Received(last + 1, frames.START + (last + 1) * 1_000_000, server, client, OK),
    ]
    assert len(connections) == 0


OPEN = INVITE.replace(b"Content-Length: 400", b"Content-Type: application/sdp")


@pytest.mark.parametrize("end", ["answer", "close", "end of the file"])
def test_a_message_that_does_not_say_its_length_is_whole(end: str) -> None:
    talk, connections = Talk(), Connections()
    opening, said = talk.open(), talk.say(OPEN, size=150)
    more = {"answer": talk.say(TRYING, from_client=False), "close": talk.close()}.get(end, [])
    found = taken(connections, segments([*opening, *said, *more]))
    found += connections.finish()
    assert [one.content for one in found] == [OPEN, TRYING][: 1 + (end == "answer")]
    assert found[0].time == frames.START + (2 + len(said)) * 1_000_000


def test_of_a_message_whose_end_never_comes_there_is_what_came() -> None:
    talk, connections = Talk(), Connections()
    some = [*talk.open(), *talk.say(INVITE[:-100]), talk.frame(b"", RST)]
    assert read(some, connections) == [INVITE[:-100]]
    assert not connections.finish()


def test_a_message_may_come_in_several_batches_in_any_order_and_twice() -> None:
    talk, connections = Talk(), Connections()
    opening = talk.open()
    some = talk.say(INVITE + OK, size=50) * 2
    random.Random(3).shuffle(some)
    found = read(opening, connections)
    for one in some:
        found += read([one], connections)
    assert found == [INVITE, OK]


def test_a_connection_captured_from_the_middle_is_read_from_its_next_message() -> None:
    talk = Talk(server=("192.0.2.2", 7777))
    some = [*talk.say(b"rest of it\r\n\r\n"), *talk.say(OK), *talk.say(OK, from_client=False)]
    assert read(some) == [OK, OK]


def test_a_missing_segment_is_given_up_and_the_next_message_read() -> None:
    talk, connections = Talk(), Connections()
    some = talk.open() + talk.say(INVITE, size=150)
    del some[5]
    assert read(some + talk.say(OK), connections) == []
    late = segments(talk.say(OK), frames.START + 10 * frames.SECOND)
    head = INVITE[: INVITE.rindex(b"\n", 0, 300) + 1]
    assert [one.content for one in taken(connections, late)] == [head, OK, OK]


def test_messages_behind_what_is_missing_have_the_times_at_which_they_came() -> None:
    talk, connections = Talk(), Connections()
    some = talk.open() + talk.say(TRYING) + talk.say(OK) + talk.say(INVITE)
    del some[3]
    assert read(some, connections) == []
    found = connections.take(Segments.none(np.zeros(0, np.uint8)), frames.START + 3 * frames.SECOND)
    assert [(one.content, one.time - frames.START) for one in found] == [(OK, 3_000_000), (INVITE, 4_000_000)]


def test_the_rest_of_a_batch_is_looked_through_for_what_is_missing_before_it_is_given_up() -> None:
    talk, connections = Talk(), Connections()
    opening, some = talk.open(), talk.say(INVITE, size=150)
    assert read([*opening, *some[1:]], connections) == []
    batch = frames.batch([some[0], talk.frame(b"", ACK)], start=frames.START + frames.SECOND)
    batch.times[1] += 5 * frames.SECOND
    assert [one.content for one in taken(connections, transport.parse(batch).segments)] == [INVITE]


def test_what_waits_at_the_end_of_the_tap_is_given() -> None:
    one, another, connections = Talk(), Talk(("192.0.2.7", 40000)), Connections()
    some = one.open() + another.open()
    said = [*one.say(INVITE, size=150), *another.say(TRYING), *another.say(OK)[-1:], *one.say(OK)]
    assert read([*some, said[1], *said[3:]], connections)[:1] == [TRYING]
    assert [found.content for found in connections.finish()] == [OK]
    assert len(connections) == 1


def test_a_reset_gives_what_waits_and_forgets_the_connection() -> None:
    talk, connections = Talk(), Connections()
    some = talk.open() + talk.say(INVITE, size=150)
    del some[4]
    some += [*talk.say(OK), talk.frame(b"", RST | ACK)]
    assert read(some, connections) == [INVITE[: INVITE.rindex(b"\n", 0, 150) + 1], OK]
    assert len(connections) == 0


@pytest.mark.parametrize("ahead", [0, 60_000, -5])
def test_a_reset_that_no_receiver_would_believe_changes_nothing(ahead: int) -> None:
    talk, connections = Talk(), Connections()
    read(talk.open() + talk.say(INVITE), connections)
    number, talk.numbers[True] = talk.numbers[True], talk.numbers[True] + (1 << 30)
    read([talk.frame(b"", RST)], connections)
    assert len(connections) == 1
    talk.numbers[True] = number + ahead
    read([talk.frame(b"", RST)], connections)
    assert len(connections) == 0


def test_other_connections_are_left_alone() -> None:
    rng, connections, some = random.Random(1), Connections(), []
    for number in range(50):
        talk = Talk(client=("192.0.2.1", 20000 + number), server=("192.0.2.9", 443))
        some += [
            *talk.open(),
            *talk.say(rng.randbytes(3000), size=1000),
            *talk.say(b"GET / HTTP/1.1\r\n\r\n"),
        ]
    secret = Talk(server=("192.0.2.2", 5061))
    some += secret.say(b"\x16\x03\x01\x02\x00" + bytes(500))
    assert read(some, connections) == []
    assert len(connections) == 0


def test_what_is_remembered_is_bounded() -> None:
    connections = Connections()
    for burst in range(5):
        some = []
        for number in range(4000):
            talk = Talk(client=("192.0.2.1", 10000 + number), server=(f"198.51.100.{burst}", 5060))
            some += talk.say(INVITE[:20])
        taken(connections, segments(some))
    assert len(connections) == MOST


@pytest.mark.parametrize("is_whole", [True, False])
def test_websockets_are_read(is_whole: bool) -> None:
    talk = Talk(server=("192.0.2.2", 8088))
    some = [*talk.say(REQUEST), *talk.say(RESPONSE, from_client=False)] if is_whole else []
    some += talk.say(frame(INVITE, mask=b"abcd"), size=200)
    some += talk.say(frame(OK) + frame(b"\r\n") + frame(OK), from_client=False)
    assert read(some) == [INVITE, OK, OK]


@pytest.mark.parametrize("port", [5060, 8088])
@pytest.mark.parametrize(
    "first", [b"\x89\x80mask", frame(OK, mask=b"abcd")[30:], frame(b"\r\n", mask=b"abcd"), b"\0"]
)
def test_websockets_captured_from_anywhere_are_read_from_their_next_message(port: int, first: bytes) -> None:
    talk = Talk(server=("192.0.2.2", port))
    some = [*talk.say(first), *talk.say(frame(INVITE, mask=b"abcd"), size=200)]
    assert read(some) == [INVITE]


@pytest.mark.parametrize("port", [5060, 8088])
def test_the_handshake_of_a_websocket_may_be_split(port: int) -> None:
    talk = Talk(server=("192.0.2.2", port))
    some = [*talk.say(REQUEST.replace(b"Host:", b"Cookie: " + b"c" * 1500 + b"\r\nHost:"), size=1460)]
    some += [*talk.say(RESPONSE, from_client=False), *talk.say(frame(INVITE, mask=b"abcd"))]
    assert read([*some, *talk.say(frame(OK), from_client=False)]) == [INVITE, OK]


@pytest.mark.parametrize("port", [5060, 8088])
def test_the_header_of_a_frame_may_come_alone(port: int) -> None:
    talk = Talk(server=("192.0.2.2", port))
    some = [*talk.say(REQUEST), *talk.say(RESPONSE, from_client=False)]
    for content in (INVITE, OK, INVITE):
        header = len(frame(content)) - len(content)
        for part in (frame(content)[:header], content):
            some += talk.say(part, from_client=False)
    assert read(some) == [INVITE, OK, INVITE]


def test_a_mirror_may_be_cut_where_what_is_mirrored_begins() -> None:
    talk = Talk(server=("192.0.2.9", 9060))
    mirrors = [frames.hep(one, "192.0.2.1", "192.0.2.2", (5060, 5060)) for one in (INVITE, OK, INVITE)]
    cut = [part for one in mirrors for part in one.partition(b"SIP/2.0 200" if OK in one else b"INVITE")]
    some = [
        frame
        for part in zip(cut[::3], cut[1::3], cut[2::3], strict=True)
        for piece in (part[0], part[1] + part[2])
        for frame in talk.say(piece)
    ]
    assert read(some) == [INVITE, OK, INVITE]


def test_a_server_need_not_say_what_the_websocket_is_for() -> None:
    talk = Talk(server=("192.0.2.2", 8088))
    answer = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"
    some = [*talk.say(REQUEST), *talk.say(answer, from_client=False)]
    assert read([*some, *talk.say(frame(OK), from_client=False)]) == [OK]


@pytest.mark.parametrize("ahead", [100, 5_000_000, -5_000_000])
def test_the_next_connection_between_the_same_ports_is_read_although_the_end_of_the_last_was_not_seen(
    ahead: int,
) -> None:
    one = Talk()
    some = [*one.open(), *one.say(INVITE), *one.say(OK, from_client=False)]
    numbers = {side: (number + ahead) & 0xFFFFFFFF for side, number in one.numbers.items()}
    another = Talk(numbers=numbers)
    some += [*another.open(), *another.say(INVITE), *another.say(OK, from_client=False)]
    assert read(some) == [INVITE, OK, INVITE, OK]


def test_options_and_padding_are_no_content_and_what_is_cut_is_counted() -> None:
    talk = Talk()
    whole = talk.frame(b"", ACK)
    padded = transport.parse(frames.batch([whole + bytes(6)])).segments
    assert padded.lengths.tolist() == [0]
    assert padded.flags.tolist() == [ACK]
    assert padded.sequences.dtype == np.uint32
    found = transport.parse(frames.batch([whole[:50]]))
    assert (len(found.segments), found.rejected) == (0, {"truncated": 1})
    bad = frames.ethernet(frames.ipv4(b"\0" * 20, protocol=6))
    assert transport.parse(frames.batch([bad])).rejected == {"malformed": 1}


def test_fragments_of_a_segment_are_put_together() -> None:
    segment = frames.tcp(OK, 40000, 5060, 5)
    some = [
        frames.ethernet(frames.ipv4(segment[:32], protocol=6, fragment=0x2000)),
        frames.ethernet(frames.ipv4(segment[32:], protocol=6, fragment=4)),
    ]
    found = transport.parse(frames.batch(some), Fragments()).segments
    assert [one.content for one in taken(Connections(), found)] == [OK]
