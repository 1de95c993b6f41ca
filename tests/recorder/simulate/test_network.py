import numpy as np
import pytest

from recorder.simulate.errors import BadOptions
from recorder.simulate.network import fate
from recorder.simulate.options import Network

PACKET = 20_000_000
COUNT = 200_000


def run(network: Network, stream: int = 77, first: int = 0, count: int = COUNT):
    numbers = np.arange(first, first + count, dtype=np.uint64)
    return fate(network, PACKET, np.full(count, stream, np.uint64), numbers)


def test_shares_are_as_asked() -> None:
    network = Network(loss=0.05, duplicate=0.02, reorder=0.01)
    fates = run(network)
    for name in ("loss", "duplicate", "reorder"):
        seen = {"loss": fates.lost, "duplicate": fates.duplicated, "reorder": fates.reordered}[name]
        assert seen.mean() == pytest.approx(getattr(network, name), rel=0.1)
    assert not (fates.lost & (fates.duplicated | fates.reordered)).any()


def test_bursts_take_packets_in_a_row() -> None:
    lost = run(Network(loss=0.02, loss_burst=5)).lost
    assert lost.mean() == pytest.approx(0.02, rel=0.15)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], lost.astype(int), [0]])))
    lengths = edges[1::2] - edges[::2]
    assert set(lengths % 5) == {0}


def test_jitter_has_its_deviation_and_keeps_the_order() -> None:
    for wanted in (1.0, 8.0, 40.0):
        fates = run(Network(jitter_ms=wanted))
        assert np.std(fates.delay_ns) / 1e6 == pytest.approx(wanted, rel=0.2)
        assert fates.delay_ns.min() >= 0
        assert np.all(np.diff(np.arange(COUNT) * PACKET + fates.delay_ns) > 0)


def test_a_reordered_packet_comes_after_the_next() -> None:
    fates = run(Network(reorder=0.01, jitter_ms=2))
    arrivals = np.arange(COUNT) * PACKET + fates.delay_ns
    alone = np.flatnonzero(fates.reordered[:-3] & ~fates.reordered[1:-2])
    assert len(alone) > 1000
    assert np.all(arrivals[alone] > arrivals[alone + 1])
    assert np.all(fates.delay_ns[alone] < 4 * PACKET)


def test_fate_does_not_depend_on_how_the_packets_are_cut_into_batches() -> None:
    network = Network(loss=0.1, loss_burst=3, duplicate=0.1, reorder=0.1, jitter_ms=12)
    whole, part = run(network), run(network, first=1000, count=500)
    for name in ("lost", "duplicated", "reordered", "delay_ns"):
        np.testing.assert_array_equal(getattr(whole, name)[1000:1500], getattr(part, name))


def test_streams_suffer_apart() -> None:
    network = Network(loss=0.5)
    same = run(network, stream=1).lost == run(network, stream=2).lost
    assert same.mean() == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"loss": 1.2}, "loss is a share"),
        ({"loss_burst": 0}, "1 or more"),
        ({"jitter_ms": -1}, "milliseconds, 0 or more"),
    ],
)
def test_impossible_networks_are_refused(options: dict, complaint: str) -> None:
    with pytest.raises(BadOptions, match=complaint):
        Network(**options)
