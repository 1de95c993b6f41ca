"""The job queue: chores come again, never twice at once, and one that fails stops no other."""

import threading

import pytest

from earwitness.jobs import Jobs, queue
from earwitness.keeping.chores import Chore, Timetable
from earwitness.settings import CatalogueSettings, Settings
from tests.waiting import until


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request, tmp_path):
    if request.param == "sqlite":
        return Settings(data=tmp_path)
    server = request.getfixturevalue("server")
    return Settings(data=tmp_path, catalogue=CatalogueSettings(url=server.url(server.create())))


@pytest.fixture
def signals_kept():
    """The consumer takes the signal handlers of the process: give them back."""
    import signal

    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("signals_kept")
def test_chores_come_again_and_one_that_fails_or_hangs_stops_no_other(settings):
    done: list[str] = []
    let_go = threading.Event()

    def fails():
        done.append("fails")
        raise ValueError("as it does")

    def hangs():
        done.append("hangs")
        let_go.wait(60)

    told: list[str] = []
    chores = [
        Chore("fails", 0.0, fails),
        Chore("hangs", 0.0, hangs),
        Chore("well", 0.0, lambda: done.append("well")),
        Chore("unwanted", 0.0, lambda: done.append("unwanted"), lambda: False),
        Chore("unsure", 0.0, lambda: None, lambda: 1 / 0 > 0),
    ]
    jobs = Jobs(queue(settings), Timetable(chores), 3, lambda name, error: told.append(name))
    jobs.start()
    now = iter(range(1, 100_000))

    def twice():
        jobs.tick(next(now))
        return done.count("well") > 2 and done.count("fails") > 2

    until(twice)
    assert done.count("hangs") == 1
    assert jobs.troubles["fails"] == "fails: as it does"
    assert set(told) == {"fails", "unsure"}
    assert "well" not in jobs.troubles
    assert "unwanted" not in done
    let_go.set()
    jobs.stop()


def test_a_timetable_hands_a_chore_out_once_until_it_comes_back():
    chore = Chore("one", 10.0, lambda: None)
    timetable = Timetable([chore])
    assert timetable.due(0.0) == [chore]
    timetable.looked_at(chore, 0.0)
    timetable.hand_out(chore)
    assert timetable.due(20.0) == []
    timetable.came_back("one")
    assert timetable.due(9.9) == []
    assert timetable.due(10.0) == [chore]
