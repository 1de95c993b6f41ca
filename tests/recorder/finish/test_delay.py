"""Delay impairment, against the formulae of G.107 worked out by hand."""

import pytest

from recorder.finish.delay import impairment, mouth_to_ear_ms, too_long


@pytest.mark.parametrize(
    ("one_way", "idd"),
    [
        (0, 0.0),
        (100, 0.0),
        # X = 1: 25 (2^(1/6) - 3 (1 + 1/729)^(1/6) + 2)
        (200, 3.044),
        # X = 2: 25 (65^(1/6) - 3 (1 + 64/729)^(1/6) + 2)
        (400, 24.070),
    ],
)
def test_what_is_too_long_to_converse_with(one_way: float, idd: float) -> None:
    assert too_long(one_way) == pytest.approx(idd, abs=0.001)


def test_echo_and_length_together() -> None:
    # T = 150 ms: TERV = 65 - 40 log(16 / 2) = 28.88, Re = 117.19, Idte = 2.81; Tr = 300 ms: Rle = 294.9,
    # Idle = 0.84 and 0.15 of it without delay; Idd = 0.16
    assert impairment(150) == pytest.approx(2.81 + 0.84 - 0.15 + 0.16, abs=0.01)
    assert impairment(0) == 0.0


def test_from_mouth_to_ear_a_packet_is_filled_and_jitter_evened_out() -> None:
    assert mouth_to_ear_ms(30, None) == 90
    assert mouth_to_ear_ms(30, 5) == 90
    assert mouth_to_ear_ms(30, 50) == 150
