"""The score falls with loss, faster in bursts and by codec, and is what G.107 gives."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.finish.mos import burst_ratio, mos


@pytest.mark.parametrize(
    ("codec", "loss", "score"),
    [("PCMU", 0.0, 4.41), ("G729", 0.0, 4.11), ("G723", 0.0, 3.95), ("PCMU", 1.0, 1.0)],
)
def test_known_values(codec: str, loss: float, score: float) -> None:
    assert mos(codec, loss) == pytest.approx(score, abs=0.1)


def test_two_percent_of_loss_is_heard_in_g711_without_concealment() -> None:
    assert 2.5 < (mos("PCMU", 0.02) or 0) < 3.3


def test_a_codec_without_published_values_has_no_score() -> None:
    assert mos("SRTP/PCMU", 0.0) is None


@given(st.floats(0, 1), st.floats(0, 1), st.floats(1, 10), st.sampled_from(["PCMU", "G729", "OPUS", "GSM"]))
def test_more_loss_is_never_better(one: float, other: float, bursts: float, codec: str) -> None:
    low, high = sorted((one, other))
    better, worse = mos(codec, low, bursts), mos(codec, high, bursts)
    assert better is not None
    assert worse is not None
    assert 1.0 <= worse <= better <= 4.5


def test_losses_in_runs_are_heard_more_than_by_chance() -> None:
    # Ie,eff = 95 * 2 / (2 / 4 + 4.3) = 39.58, R = 53.62
    assert mos("PCMU", 0.02, 4.0) == pytest.approx(2.77, abs=0.005)
    # Ie,eff = 95 * 2 / (2 + 4.3) = 30.16, R = 63.04
    assert mos("PCMU", 0.02) == pytest.approx(3.26, abs=0.005)


def test_delay_counts_where_it_is_known() -> None:
    # Id = 7.40, R = 85.8
    assert mos("PCMA", 0.0, one_way_ms=200) == pytest.approx(4.22, abs=0.005)
    assert mos("PCMA", 0.0, one_way_ms=0) == mos("PCMA", 0.0) == 4.41


@given(st.floats(0, 2000), st.floats(0, 2000))
def test_more_delay_is_never_better(one: float, other: float) -> None:
    low, high = sorted((one, other))
    better, worse = mos("G729", 0.0, one_way_ms=low), mos("G729", 0.0, one_way_ms=high)
    assert better is not None
    assert worse is not None
    assert 1.0 <= worse <= better <= 4.5


def test_loss_in_runs_is_burstier_than_chance() -> None:
    assert burst_ratio(lost=10, expected=1000, runs=10) == 1.0
    assert burst_ratio(lost=10, expected=1000, runs=2) == pytest.approx(4.95)
    assert burst_ratio(lost=0, expected=1000, runs=0) == 1.0
