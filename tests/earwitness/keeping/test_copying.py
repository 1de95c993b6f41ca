"""Copies by the clock: schedules, windows, targets in trouble, runs that people can watch."""

import threading
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from earwitness.keeping.copy_team import CopyTeam
from earwitness.keeping.copying import Copying
from earwitness.keeping.places import Times
from earwitness.keeping.target_watch import FIRST_PAUSE, LONGEST_PAUSE, TargetWatch
from storage.catalogue import Condition, RunKind, RunState
from storage.copies.backlog import Backlog
from storage.copies.probe import Look
from storage.copies.schedule import Schedule, Window
from storage.errors import DiskFull, TargetAbsent, TargetError
from storage.targets import MemoryTarget
from storage.targets.contract import Space
from tests.storage.copies.centre import HOME, NOW, Centre


class Moody(MemoryTarget):
    """A target that fails as it is told to: ``puts`` when something is sent, ``all`` whatever is asked."""

    def __init__(self):
        super().__init__()
        self.puts: Exception | None = None
        self.all: Exception | None = None
        self.tried = 0

    def put(self, name, source):
        self.tried += 1
        if self.all or self.puts:
            raise self.all or self.puts
        return super().put(name, source)

    def stat(self, name):
        if self.all:
            raise self.all
        return super().stat(name)

    def space(self):
        return Space(50, 100)


class Stand:
    """A centre with one target, and what copies to it."""

    def __init__(self, catalogue, schedule="continuous", window=""):
        self.target = Moody()
        self.centre = Centre(catalogue, {"nas": self.target})
        self.seconds = 0.0
        self.stopping = threading.Event()
        self.watch = TargetWatch("nas", self.target, catalogue.target_states, lambda: self.seconds)
        self.copying = Copying(
            catalogue,
            CopyTeam(self.centre.copier(), "nas"),
            self.watch,
            Times(Schedule.parse(schedule, UTC), Window.parse(window, UTC)),
            lambda: self.centre.now,
            self.stopping.is_set,
        )
        self.catalogue = catalogue

    def tick(self):
        """What the part does; whether there was something to do."""
        self.centre.fill()
        self.watch.look(self.centre.now)
        wanted = self.copying.wanted()
        if wanted:
            self.copying.run()
        return wanted

    @property
    def state(self):
        return self.catalogue.target_states.get("nas")

    @property
    def held(self):
        return len({stored.name.split(".")[0] for stored in self.target.list()})


def test_continuous_copies_are_made_at_once(catalogue):
    stand = Stand(catalogue)
    assert not stand.tick()
    stand.centre.archive(1, 2)
    assert stand.tick()
    assert not stand.tick()
    stand.centre.check("nas")
    assert stand.state.next_run is None
    assert stand.state.bytes_per_second > 0
    assert (stand.state.free, stand.state.total) == (50, 100)
    assert catalogue.runs.page() == []


def test_scheduled_copies_wait_for_their_time_and_miss_none(catalogue):
    stand = Stand(catalogue, "daily")
    stand.centre.archive(1)
    assert not stand.tick()
    assert stand.state.next_run == datetime(2026, 11, 23, 2, tzinfo=UTC)
    stand.centre.now = datetime(2026, 11, 25, 14, tzinfo=UTC)
    stand.tick()
    assert stand.held == 1
    assert not stand.tick()
    assert stand.state.next_run == datetime(2026, 11, 26, 2, tzinfo=UTC)
    stand.centre.archive(2)
    assert not stand.tick()
    stand.centre.now = datetime(2026, 11, 26, 2, tzinfo=UTC)
    stand.tick()
    assert stand.held == 2


def test_a_call_that_fails_is_tried_again_in_the_same_scheduled_run(catalogue):
    stand = Stand(catalogue, "daily")
    stand.centre.archive(1)
    stand.tick()
    stand.centre.now = datetime(2026, 11, 23, 2, tzinfo=UTC)
    stand.target.puts = TargetError("not now")
    stand.tick()
    stand.target.puts = None
    stand.tick()
    stand.centre.later(minutes=1)
    stand.tick()
    assert stand.held == 1


def test_a_clock_that_jumps_neither_stops_nor_storms_it(catalogue):
    stand = Stand(catalogue, "hourly")
    stand.centre.archive(1)
    stand.centre.now = NOW + timedelta(days=400)
    stand.tick()
    assert stand.state.next_run == NOW + timedelta(days=400, hours=1)
    stand.centre.now = NOW + timedelta(days=400, hours=1)
    stand.tick()
    stand.tick()
    stand.centre.now = NOW
    stand.centre.archive(2)
    stand.tick()
    assert stand.state.next_run == NOW + timedelta(hours=1)
    stand.centre.now = NOW + timedelta(hours=1)
    stand.tick()
    assert stand.held == 2


def test_outside_the_window_only_what_a_person_asks_for_is_copied(catalogue):
    stand = Stand(catalogue, window="20:00-06:00")
    ids = stand.centre.archive(1, 2)
    assert not stand.tick()
    Backlog(catalogue, stand.centre.placement, HOME).ask("nas", ids[1:], stand.centre.now)
    assert stand.tick()
    assert stand.held == 1
    assert not stand.tick()
    stand.centre.now = datetime(2026, 11, 22, 20, tzinfo=UTC)
    stand.tick()
    assert stand.held == 2


def test_long_work_is_a_run_with_its_progress(catalogue):
    stand = Stand(catalogue)
    stand.centre.archive(*range(70), size=8)
    stand.tick()
    [run] = catalogue.runs.page()
    assert (run.kind, run.target, run.state) == (RunKind.BACKUP, "nas", RunState.DONE)
    assert (run.done, run.total) == (70, 70)
    assert run.bytes == sum(stored.bytes for stored in stand.target.list())


def test_stopping_ends_the_run_and_keeps_the_rest(catalogue):
    stand = Stand(catalogue)
    stand.centre.archive(*range(130), size=8)
    put = stand.target.put

    def last(name, source):
        if len(list(stand.target.list())) > 200:
            stand.stopping.set()
        return put(name, source)

    stand.target.put = last
    stand.tick()
    assert catalogue.runs.page()[0].state is RunState.STOPPED
    stand.target.put = put
    stand.stopping.clear()
    stand.tick()
    stand.centre.check("nas")


@pytest.mark.parametrize(
    ("error", "condition"),
    [(TargetError("no answer"), Condition.DOWN), (TargetAbsent("away"), Condition.ABSENT)],
)
def test_a_target_that_is_down_costs_no_call_its_turn(catalogue, error, condition):
    stand = Stand(catalogue)
    stand.centre.archive(*range(20))
    stand.target.all = error
    for _ in range(10):
        stand.tick()
        stand.centre.later(minutes=10)
    assert stand.state.state is condition
    assert stand.target.tried == 0
    assert catalogue.copy_tasks.waiting(stand.centre.now)["nas"].failing == 0
    stand.target.all = None
    stand.tick()
    stand.centre.check("nas")
    assert stand.state.state is Condition.UP


def test_a_target_that_goes_down_in_between_is_noticed_at_the_first_call(catalogue):
    stand = Stand(catalogue)
    stand.centre.archive(*range(64))
    stand.centre.fill()
    stand.watch.look(stand.centre.now)
    stand.target.all = TargetError("no answer")
    stand.copying.run()
    assert stand.target.tried <= 8
    assert catalogue.copy_tasks.waiting(stand.centre.now)["nas"].failing == 0
    assert stand.state.state is Condition.DOWN
    assert not stand.copying.wanted()
    stand.target.all = None
    stand.watch.look(stand.centre.now)
    stand.tick()
    stand.centre.check("nas")


def test_a_full_target_is_left_alone_for_longer_and_longer(catalogue):
    stand = Stand(catalogue)
    stand.centre.archive(*range(3))
    stand.target.puts = DiskFull("the disk of nas")
    pauses = []
    for _ in range(360):
        if stand.tick():
            pauses.append(stand.seconds)
        assert stand.state.state is Condition.DOWN
        assert "No space left" in stand.state.detail
        stand.seconds += 10
    gaps = [later - earlier for earlier, later in pairwise(pauses)]
    assert gaps[:3] == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE]
    assert max(gaps) == LONGEST_PAUSE
    stand.target.puts = None
    stand.seconds += LONGEST_PAUSE
    stand.tick()
    assert stand.state.state is Condition.UP, "at once, and not when it is looked at again"
    assert (stand.state.detail, stand.state.free) == ("", 50)
    stand.centre.check("nas")


def test_a_target_that_comes_back_is_tried_at_once(catalogue):
    stand = Stand(catalogue)
    stand.watch.troubled(Look(Condition.DOWN, "full"), NOW)
    assert not stand.watch.worth_trying
    stand.target.all = TargetError("restarts")
    stand.watch.look(NOW)
    stand.target.all = None
    stand.watch.look(NOW)
    assert stand.watch.worth_trying
