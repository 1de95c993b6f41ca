"""What proves that two streams carry one conversation, and what does not."""

import numpy as np
import pytest

from recorder.assembly.correlate import PROOF, WINDOW, Correlator, digests, passed_on
from recorder.assembly.grouping import StreamKey

PHONE_TO_PBX: StreamKey = (0, 1, 0, 9, 1, 100)
PBX_TO_AGENT: StreamKey = (0, 9, 0, 2, 2, 200)
PBX_TO_ANOTHER: StreamKey = (0, 9, 0, 3, 3, 300)


def sightings(one: StreamKey, another: StreamKey, packets: int, apart: int = 5_000_000) -> list[int | None]:
    """Both streams carry the same packets, the second one ``apart`` ns later."""
    correlator = Correlator()
    found = []
    for number in range(packets):
        at = number * 20_000_000
        correlator.sight(1, one, at, 1000 + number)
        found.append(correlator.sight(2, another, at + apart, 1000 + number))
    return found


def test_the_same_packets_through_a_pbx_are_proof() -> None:
    found = sightings(PHONE_TO_PBX, PBX_TO_AGENT, PROOF)
    assert found == [None] * (PROOF - 1) + [1]


def test_music_that_one_sender_gives_to_two_is_none() -> None:
    assert set(sightings(PBX_TO_ANOTHER, PBX_TO_AGENT, 3 * PROOF)) == {None}


def test_copies_that_are_too_far_apart_are_none() -> None:
    assert set(sightings(PHONE_TO_PBX, PBX_TO_AGENT, 3 * PROOF, apart=WINDOW + 1)) == {None}


def test_one_phrase_in_common_is_none() -> None:
    correlator = Correlator()
    for number in range(3 * PROOF):
        correlator.sight(1, PHONE_TO_PBX, 0, number)
        correlator.sight(2, PBX_TO_AGENT, 0, 10_000 + number)
    found = [correlator.sight(2, PBX_TO_AGENT, 0, number) for number in range(PROOF + 2)]
    assert set(found) == {None}


def test_old_sightings_are_forgotten() -> None:
    correlator = Correlator()
    for number in range(50):
        correlator.sight(1, PHONE_TO_PBX, number, number)
    correlator.expire(WINDOW + 100)
    assert [correlator.sight(2, PBX_TO_AGENT, 40, number) for number in range(50)] == [None] * 50


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
