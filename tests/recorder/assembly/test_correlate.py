"""What proves that two streams carry one conversation, and what does not."""

from collections.abc import Iterable, Sequence

import numpy as np
import pytest

from recorder.assembly.correlate import MOST, PROOF, WINDOW, Correlator, Known, Seen, digests, passed_on
from recorder.assembly.grouping import StreamKey

PHONE_TO_PBX: StreamKey = (0, 1, 0, 9, 1, 100)
PBX_TO_AGENT: StreamKey = (0, 9, 0, 2, 2, 200)
PBX_TO_ANOTHER: StreamKey = (0, 9, 0, 3, 3, 300)
MS = 1_000_000
Packets = Sequence[tuple[int, int, int]]
"""Digest, stream and time (ms) of each."""


def proven(
    *flushes: Packets, keys: Sequence[StreamKey] = (PHONE_TO_PBX, PBX_TO_AGENT)
) -> set[tuple[int, int]]:
    """Streams that are proven to carry the same; the first stream is number 0, and each is a call."""
    known = [Known(f"call {number}", key) for number, key in enumerate(keys)]
    correlator = Correlator()
    found = set()
    for packets in flushes:
        digest, stream, time = (list(column) for column in zip(*packets, strict=True))
        seen = Seen(np.array(digest, np.uint64), np.array(stream), np.array(time) * MS)
        found |= set(correlator.sight(seen, known.__getitem__))
    return found


def packets(stream: int, digests_: Iterable[int], start: int = 0) -> list[tuple[int, int, int]]:
    """One every 20 ms."""
    return [(digest, stream, start + 20 * number) for number, digest in enumerate(digests_)]


SOUND = range(1000, 1000 + PROOF)


@pytest.mark.parametrize("count", [PROOF - 1, PROOF])
def test_the_same_packets_through_a_pbx_are_proof(count: int) -> None:
    found = proven([*packets(0, SOUND[:count]), *packets(1, SOUND[:count], start=5)])
    assert found == ({(0, 1)} if count == PROOF else set())


def test_proof_may_come_in_pieces() -> None:
    halves = SOUND[: PROOF // 2], SOUND[PROOF // 2 :]
    first, second = ([*packets(0, one, 500 * n), *packets(1, one, 500 * n)] for n, one in enumerate(halves))
    assert proven(first, second) == {(0, 1)}


def test_a_copy_in_the_next_flush_counts() -> None:
    assert proven(packets(0, SOUND), packets(1, SOUND, start=300)) == {(0, 1)}


def test_music_that_one_sender_gives_to_two_is_none() -> None:
    keys = (PBX_TO_ANOTHER, PBX_TO_AGENT)
    assert not proven([*packets(0, SOUND), *packets(1, SOUND)], keys=keys)


def test_music_that_goes_on_through_a_border_controller_is_none() -> None:
    server, border, one, another = 1, 2, 3, 4
    keys = [
        (0, server, 0, border, 1, 1),
        (0, server, 0, border, 2, 2),
        (0, border, 0, one, 3, 3),
        (0, border, 0, another, 4, 4),
    ]
    assert not proven([packet for n in range(4) for packet in packets(n, SOUND)], keys=keys)


def test_a_host_that_audio_passes_twice_does_not_give_it_to_many() -> None:
    phone, border, pbx, agent = 1, 2, 3, 4
    keys = [
        (0, phone, 0, border, 1, 1),
        (0, border, 0, pbx, 2, 2),
        (0, pbx, 0, border, 3, 3),
        (0, border, 0, agent, 4, 4),
    ]
    found = proven([packet for n in range(4) for packet in packets(n, SOUND)], keys=keys)
    assert {(0, 1), (1, 2), (2, 3)} <= found


def test_what_one_host_hears_twice_is_no_way_on() -> None:
    """Two servers play the same to two callers of one carrier."""
    keys = [(0, 1, 0, 9, 1, 1), (0, 2, 0, 9, 2, 2)]
    assert not proven([*packets(0, SOUND), *packets(1, SOUND)], keys=keys)


def test_a_payload_that_is_repeated_counts_once() -> None:
    many = [7] * 4 * PROOF
    assert not proven(*([*packets(0, many, 800 * n), *packets(1, many, 800 * n)] for n in range(20)))


def test_more_streams_than_a_chain_has_are_music() -> None:
    keys = [(0, n, 0, n + 1, n, n) for n in range(MOST + 1)]
    assert not proven([packet for n in range(MOST + 1) for packet in packets(n, SOUND)], keys=keys)


def test_copies_that_are_too_far_apart_are_none() -> None:
    assert not proven([*packets(0, SOUND), *packets(1, SOUND, start=WINDOW // MS + 200)])


def test_one_phrase_in_common_is_none() -> None:
    sounds = ([*SOUND, *range(10_000 * n, 10_000 * n + 2 * PROOF)] for n in (1, 2))
    flush = [packet for n, sound in enumerate(sounds) for packet in packets(n, sound)]
    assert not proven(flush)


def test_old_sightings_are_forgotten() -> None:
    assert not proven(packets(0, SOUND), packets(1, [1], start=2_000), packets(1, SOUND, start=2_020))


def test_what_is_forgotten_proves_nothing_of_the_next_stream_of_that_number() -> None:
    correlator = Correlator()
    known = [Known("one", PHONE_TO_PBX), Known("another", PBX_TO_AGENT)]
    for stream in range(2):
        digest = np.array(SOUND, np.uint64)
        seen = Seen(digest, np.full(len(digest), stream), np.zeros(len(digest), np.int64))
        assert not list(correlator.sight(seen, known.__getitem__))
        correlator.forget(stream)
    assert correlator.looked(0) == 0


def test_a_stream_that_goes_where_the_other_comes_from_may_be_passed_on() -> None:
    assert passed_on(PHONE_TO_PBX, PBX_TO_AGENT)
    assert not passed_on(PBX_TO_ANOTHER, PBX_TO_AGENT)


@pytest.mark.parametrize("length", [16, 20, 33, 160, 320])
def test_digests_tell_payloads_apart_and_know_silence(length: int) -> None:
    payload = np.random.default_rng(length).integers(0, 256, 4 * length, np.uint8)
    payload[length : 2 * length] = 0xFF
    payload[2 * length : 3 * length] = payload[:length]
    found = digests(payload, np.arange(4) * length, length)
    assert found[0] == found[2] != found[3]
    assert found[1] == 0
