"""Targets that fail now and then, and are asked again."""

import io
import random
import threading
from contextlib import suppress

import pytest

from storage.errors import DiskFull, NotStored, TargetAbsent, TargetError, TargetRefused
from storage.targets import MemoryTarget
from storage.targets.retrying import Patience, Replaced, RetryingTarget
from tests.storage.targets.contract import DATA, TargetContract, content
from tests.storage.targets.test_rereadable import Pipe


class Flaky(MemoryTarget):
    """Raises what ``failures`` holds, then by ``chance``; a get and a list after some of it came."""

    def __init__(self, failures=()) -> None:
        super().__init__()
        self._guard, self.dice = threading.Lock(), random.Random(4)
        self.failures, self.chance = list(failures), 0.0

    def _maybe_fail(self) -> None:
        with self._guard:
            if self.failures:
                raise self.failures.pop(0)
            if self.dice.random() < self.chance:
                raise TargetError("now and then")

    def put(self, name, source):
        if not isinstance(source, bytes) and hasattr(source, "read"):
            source = source.read(10) + source.read()
        self._maybe_fail()
        return super().put(name, source)

    def get(self, name, start=0, length=None):
        return self._breaking(super().get(name, start, length))

    def _breaking(self, chunks):
        for chunk in chunks:
            yield chunk[: len(chunk) // 2]
            self._maybe_fail()
            yield chunk[len(chunk) // 2 :]

    def list(self, prefix=""):
        return self._breaking_list(super().list(prefix))

    def _breaking_list(self, found):
        for stored in found:
            yield stored
            self._maybe_fail()

    def stat(self, name):
        self._maybe_fail()
        return super().stat(name)

    def delete(self, name):
        self._maybe_fail()
        super().delete(name)

    def space(self):
        self._maybe_fail()
        return super().space()


class Clock:
    def __init__(self) -> None:
        self.time, self.pauses = 0.0, []

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.time += seconds

    def patience(self, **more) -> Patience:
        return Patience(**{"now": lambda: self.time, "sleep": self.sleep, "chance": lambda: 0.0} | more)


@pytest.fixture
def clock() -> Clock:
    return Clock()


class TestRetrying(TargetContract):
    @pytest.fixture
    def target(self, clock):
        inner = Flaky()
        inner.chance = 0.3
        return RetryingTarget(inner, clock.patience(attempts=50, seconds=1e9))

    def undisturbed(self, read):
        while True:
            with suppress(Replaced):
                return read()


def failing(clock: Clock, *failures: Exception, **more) -> RetryingTarget:
    inner = Flaky()
    inner.put("a", DATA)
    inner.put("b", DATA)
    inner.failures = list(failures)
    return RetryingTarget(inner, clock.patience(**more))


def uses(target: RetryingTarget):
    return [
        lambda: target.put("a", DATA),
        lambda: target.put("a", io.BytesIO(DATA)),
        lambda: target.put("a", Pipe(DATA)),
        lambda: content(target, "a"),
        lambda: target.stat("a"),
        lambda: list(target.list()),
        lambda: target.delete("a"),
        target.space,
    ]


def test_pauses_double_up_to_the_longest(clock):
    target = failing(clock, *[TargetError("down")] * 5, attempts=6, first_pause=1.0, longest_pause=5.0)
    assert target.stat("a").bytes == len(DATA)
    assert clock.pauses == [1, 2, 4, 5, 5]


def test_chance_makes_pauses_shorter_by_up_to_a_half(clock):
    chances = iter([0.0, 1.0, 0.5])
    more = {"chance": lambda: next(chances), "first_pause": 1.0}
    failing(clock, *[TargetError("down")] * 3, **more).stat("a")
    assert clock.pauses == [1, 1, 3]


@pytest.mark.parametrize("number", range(8))
def test_given_up_after_so_many_attempts(clock, number):
    target = failing(clock, *[TargetAbsent("down")] * 3, attempts=3)
    with pytest.raises(TargetAbsent, match="down"):
        uses(target)[number]()
    assert len(clock.pauses) == 2
    assert content(target, "a") == DATA


def test_given_up_when_the_next_pause_would_end_too_late(clock):
    target = failing(
        clock, *[TargetError("down")] * 9, attempts=9, first_pause=10.0, longest_pause=10.0, seconds=35.0
    )
    with pytest.raises(TargetError, match="down"):
        target.stat("a")
    assert clock.pauses == [10, 10, 10]


@pytest.mark.parametrize("error", [TargetRefused("no"), NotStored("a"), DiskFull("disk")])
def test_what_no_second_attempt_changes(clock, error):
    for number in range(8):
        with pytest.raises(type(error)):
            uses(failing(clock, error))[number]()
    assert not clock.pauses


def test_what_the_source_of_a_put_raises_is_final(clock):
    class OtherTarget(Pipe):
        def readinto(self, buffer):
            raise TargetError("the other target failed")

    target = failing(clock)
    with pytest.raises(TargetError, match="the other target"):
        target.put("a", OtherTarget(DATA))
    assert not clock.pauses


def test_a_get_goes_on_where_it_broke(clock):
    data = bytes(range(256)) * 20_000
    target = failing(clock, *[TargetError("cut")] * 4, attempts=2)
    target.inner.failures, cuts = [], target.inner.failures
    target.put("a", data)
    target.inner.failures = cuts
    assert content(target, "a") == data
    assert len(clock.pauses) == 4, "progress makes up for failures"
    for start, length in ((0, 100), (70_000, 200_000), (5, None), (len(data), None)):
        target.inner.failures = [TargetError("cut")]
        assert content(target, "a", start, length) == data[start : None if length is None else start + length]


def test_a_get_never_mixes_two_blobs(clock):
    target = failing(clock, TargetError("cut"))
    chunks = target.get("a")
    first = next(chunks)
    target.inner._blobs["a"] = (b"x" * len(DATA), target.inner._blobs["a"][1])
    with pytest.raises(TargetError, match="a was replaced while it was read"):
        list(chunks)
    assert first == DATA[: len(first)]


def test_a_list_goes_on_where_it_broke(clock):
    target = failing(clock, TargetError("cut"), TargetError("cut"))
    assert [stored.name for stored in target.list()] == ["a", "b"]
    assert len(clock.pauses) == 2
