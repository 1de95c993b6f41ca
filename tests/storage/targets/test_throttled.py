"""Targets that are given no more than so many bytes a second, on a clock of their own."""

import io
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from storage.targets import LocalTarget, MemoryTarget
from storage.targets.throttled import Limiter, ThrottledTarget
from tests.storage.targets.contract import DATA, TargetContract, content


class Clock:
    """Time that passes only while somebody sleeps; several may sleep at once."""

    def __init__(self) -> None:
        self._lock, self.time = threading.Lock(), 0.0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        with self._lock:
            self.time += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


def limiter(clock: Clock, rate: float) -> Limiter:
    return Limiter(rate, now=clock.now, sleep=clock.sleep)


class TestThrottledMemory(TargetContract):
    @pytest.fixture
    def target(self, clock):
        return ThrottledTarget(MemoryTarget(), limiter(clock, 1e6), limiter(clock, 1e6))


class TestThrottledDisk(TargetContract):
    @pytest.fixture
    def target(self, clock, tmp_path):
        return ThrottledTarget(LocalTarget(tmp_path / "archive"), limiter(clock, 1e6), limiter(clock, 1e6))


def test_what_goes_and_what_comes_is_paced(clock, tmp_path):
    target = ThrottledTarget(MemoryTarget(), limiter(clock, 100_000), limiter(clock, 100_000))
    path = tmp_path / "source"
    path.write_bytes(bytes(3 << 20))
    for source in (bytes(3 << 20), path, io.BytesIO(bytes(3 << 20))):
        before = clock.time
        target.put("a", source)
        # All but what came first has waited.
        assert 20 <= clock.time - before <= 42
    before = clock.time
    content(target, "a")
    assert 20 <= clock.time - before <= 42


def test_targets_share_one_limit(clock):
    shared = limiter(clock, 10_000)
    targets = [ThrottledTarget(MemoryTarget(), shared, shared) for _ in range(4)]
    for target in targets:
        target.put("a", bytes(10_000))
    assert clock.time == pytest.approx(3)


def test_what_is_read_back_costs_what_is_sent_nothing():
    sent: list[float] = []
    received: list[float] = []
    target = ThrottledTarget(
        MemoryTarget(),
        sending=Limiter(1_000, now=lambda: 0.0, sleep=sent.append),
        receiving=Limiter(1_000, now=lambda: 0.0, sleep=received.append),
    )
    for name in ("a", "b", "c"):
        target.put(name, bytes(1_000))
        assert len(content(target, name)) == 1_000
    assert sent == received == pytest.approx([1.0, 2.0])


def test_threads_share_one_limit():
    waits: list[float] = []
    shared = Limiter(1_000, now=lambda: 0.0, sleep=waits.append)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(shared.take, [500] * 20))
    assert sorted(waits) == pytest.approx([0.5 * number for number in range(1, 20)])


def test_idle_time_is_not_made_up_for(clock):
    shared = limiter(clock, 1_000)
    shared.take(1_000)
    clock.sleep(3_600)
    shared.take(1_000)
    shared.take(1_000)
    assert clock.time == pytest.approx(3_601)


@pytest.mark.parametrize("rate", [0, -1, float("nan")])
def test_no_rate(rate):
    with pytest.raises(ValueError, match="more than 0"):
        Limiter(rate)


def test_a_stream_that_can_seek_still_can(clock):
    seen = []

    class Looking(MemoryTarget):
        def put(self, name, source):
            seen.append(source.seekable())
            source.seek(2)
            assert source.tell() == 2
            return super().put(name, source)

    target = ThrottledTarget(Looking(), limiter(clock, 1e9), limiter(clock, 1e9))
    assert target.put("a", io.BytesIO(DATA)).bytes == len(DATA) - 2
    assert seen == [True]
