"""What payload types look like that nothing explains."""

import random
from collections.abc import Sequence

import pytest

from recorder.assembly.likeness import MOST, PROOF, Likeness, Packets
from recorder.media import Format
from tests.recorder.finish.encoders import amr_payload, encoded
from tests.recorder.finish.packets import voice

OPUS, AMR, AMR_WB, ILBC = Format("OPUS", 48_000, 2), Format("AMR"), Format("AMR-WB", 16_000), Format("ILBC")


def steady(payloads: Sequence[bytes], step: int) -> Packets:
    """Packets in sequence, one every ``step`` ticks."""
    return Packets(range(len(payloads)), range(0, step * len(payloads), step), payloads)


def chance(size: int, count: int = 100, seed: int = 1) -> list[bytes]:
    """What cipher text is like."""
    source = random.Random(seed)
    return [source.randbytes(size) for _ in range(count)]


def opus(milliseconds: str, seconds: float = 1.0) -> list[bytes]:
    return encoded("libopus", voice(seconds, 48_000), 48_000, options={"frame_duration": milliseconds})


@pytest.mark.parametrize(("milliseconds", "step"), [("10", 480), ("20", 960), ("40", 1920), ("60", 2880)])
def test_opus_says_how_long_it_lasts(milliseconds: str, step: int) -> None:
    assert Likeness().look(steady(opus(milliseconds), step)) == OPUS


@pytest.mark.parametrize("aligned", [False, True])
def test_amr_has_frames_of_known_sizes(aligned: bool) -> None:
    frames = encoded("libopencore_amrnb", voice(1.0), 8000)
    assert Likeness().look(steady([amr_payload([one], aligned) for one in frames], 160)) == AMR


def test_three_frames_of_amr_are_no_opus() -> None:
    """They begin as a packet of Opus may that lasts 480 ticks, as they do."""
    frames = encoded("libopencore_amrnb", voice(1.2, 8000), 8000)
    payloads = [amr_payload(frames[at : at + 3], aligned=True) for at in range(0, 57, 3)]
    assert Likeness().look(steady(payloads, 480)) == AMR


def test_wideband_amr_has_other_ones() -> None:
    """Of 12.65 kbit/s, octet-aligned: no mode is asked for, one frame of type 2."""
    payloads = [b"\xf0\x14" + body[:-1] + bytes([body[-1] & 0xF8]) for body in chance(32)]
    assert Likeness().look(steady(payloads, 320)) == AMR_WB


@pytest.mark.parametrize(("size", "step"), [(38, 160), (50, 240)])
def test_ilbc_is_known_by_its_size_and_the_bit_that_is_never_set(size: int, step: int) -> None:
    payloads = [body[:-1] + bytes([body[-1] & 0xFE]) for body in chance(size)]
    assert Likeness().look(steady(payloads, step)) == ILBC
    assert Likeness().look(steady(chance(size), step)) is None


@pytest.mark.parametrize(("size", "step"), [(70, 960), (90, 2880), (33, 160), (44, 320), (48, 160)])
def test_cipher_text_is_like_nothing(size: int, step: int) -> None:
    for seed in range(40):
        likeness = Likeness()
        assert likeness.look(steady(chance(size, seed=seed), step)) is None
        assert likeness.is_hopeless


def test_pauses_and_losses_prove_nothing_and_disprove_nothing() -> None:
    """Who pauses goes on with the next number and a later timestamp; who is lost has neither."""
    payloads = opus("20", 2.0)
    packets = steady(payloads, 960)
    numbers = [number + (number > 10) for number in packets.sequences]
    stamps = [stamp + 19_200 * (at // 20) for at, stamp in enumerate(packets.timestamps)]
    assert Likeness().look(Packets(numbers, stamps, payloads)) == OPUS
    rare = Packets(range(20), range(0, 20 * 19_200, 19_200), payloads[:20])
    assert Likeness().look(rare) is None


def test_it_takes_a_dozen_packets_in_as_many_flushes_as_they_need() -> None:
    likeness, payloads = Likeness(), opus("20")
    for at in range(0, PROOF, 4):
        part = slice(at, at + 5)
        packets = Packets(range(50)[part], range(0, 50 * 960, 960)[part], payloads[part])
        found = likeness.look(packets)
        assert (found is not None) is (at + 4 >= PROOF)


def test_what_does_not_show_in_time_is_not_looked_for_any_more() -> None:
    likeness = Likeness()
    likeness.look(
        Packets(range(0, 2 * MOST + 4, 2), range(0, 960 * (MOST + 2), 960), opus("20")[:1] * (MOST + 2))
    )
    assert likeness.is_hopeless
