"""The job queue: chores come again, never twice at once, and one that fails stops no other."""

import threading
from functools import partial
from itertools import count

import pytest

from earwitness import wiring
from earwitness.jobs import Jobs, queue
from earwitness.keeping.chores import AT_ONE_TARGET, Chore, Timetable
from earwitness.parts.jobs import log
from earwitness.parts.reconnecting import Reconnecting
from earwitness.settings import CatalogueSettings, Settings
from tests.waiting import PATIENCE, until


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
        let_go.wait(2 * PATIENCE)

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
        return "hangs" in done and done.count("well") > 2 and done.count("fails") > 2

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


def test_chores_at_one_target_wait_while_it_has_its_share_of_the_workers_but_for_the_look():
    at_nas = [
        Chore(f"{number} at nas", 1.0, lambda: None, target="nas") for number in range(AT_ONE_TARGET + 1)
    ]
    look = Chore("look at nas", 1.0, lambda: None, target="nas", looks=True)
    others = [Chore("at disk", 1.0, lambda: None, target="disk"), Chore("alarms", 1.0, lambda: None)]
    timetable = Timetable([*at_nas, look, *others])
    assert all(timetable.has_room(chore) for chore in at_nas)
    timetable.hand_out(look)
    for chore in at_nas[:-1]:
        assert timetable.has_room(chore)
        timetable.hand_out(chore)
    timetable.came_back(look.name)
    assert not timetable.has_room(at_nas[-1])
    assert all(timetable.has_room(chore) for chore in (look, *others))
    timetable.came_back(at_nas[0].name)
    assert timetable.has_room(at_nas[-1])


def test_who_waits_for_longest_is_first():
    early, late = Chore("a", 10.0, lambda: None), Chore("b", 5.0, lambda: None)
    timetable = Timetable([early, late])
    for chore in (early, late):
        timetable.looked_at(chore, 0.0)
    assert timetable.due(10.0) == [late, early]


@pytest.mark.usefixtures("signals_kept")
def test_chores_at_a_target_that_hangs_keep_no_other_from_its_turn_nor_the_end_from_coming(settings):
    done: list[str] = []
    let_go = threading.Event()
    stuck = [
        Chore(f"{number} at nas", 0.0, lambda: let_go.wait(PATIENCE) and None, target="nas")
        for number in range(3 * AT_ONE_TARGET)
    ]
    chores = [*stuck, Chore("at disk", 0.0, lambda: done.append("disk"), target="disk")]
    chores.append(Chore("alarms", 0.0, lambda: done.append("alarms")))
    timetable = Timetable(chores)
    jobs = Jobs(queue(settings), timetable, AT_ONE_TARGET + 1, lambda *_: None)
    jobs.start()
    now = iter(range(1, 100_000))

    def all_had_their_turn():
        jobs.tick(next(now))
        at_nas = [chore for chore in timetable.out if chore.target == "nas"]
        return len(at_nas) == AT_ONE_TARGET and done.count("disk") > 2 and done.count("alarms") > 2

    until(all_had_their_turn)
    assert jobs.stop(lambda chore: chore.target == "nas") is False
    let_go.set()
    assert jobs.stop() is True


@pytest.mark.usefixtures("signals_kept")
def test_a_database_that_goes_and_comes_back_loses_no_chore(tmp_path, own_server):
    settings = Settings(data=tmp_path, catalogue=CatalogueSettings(url=own_server.url(own_server.create())))
    catalogue = wiring.catalogue(settings)
    done: list[str] = []
    failed: list[str] = []

    def asks(name):
        catalogue.calls.count()
        done.append(name)

    chores = [Chore(name, every, partial(asks, name)) for name, every in (("often", 0.0), ("rare", 1e9))]
    chores.append(Chore("unsure", 0.0, lambda: None, lambda: catalogue.calls.count() > 0))
    reconnecting = Reconnecting(catalogue.changes.position, log)
    jobs = Jobs(queue(settings), Timetable(chores), 2, lambda *what: failed.append(what), reconnecting.lost)
    jobs.start()
    seconds = count(0, 5)

    def tick():
        if reconnecting.is_there(now := next(seconds)):
            jobs.tick(now)

    def done_once(name):
        tick()
        return name in done

    until(lambda: done_once("often") and done_once("rare"))
    for mode in ("fast", "immediate"):
        own_server.stop(mode)
        until(lambda: tick() or reconnecting.said)
        assert "cannot be reached: " in reconnecting.said
        own_server.start()
        done.clear()
        until(lambda: done_once("often"))
        until(lambda: tick() or not reconnecting.said)
    assert (failed, jobs.troubles) == ([], {})
    assert jobs.stop()
    catalogue.close()


@pytest.mark.usefixtures("signals_kept")
def test_a_chore_whose_message_is_lost_comes_again(settings):
    done: list[str] = []
    lost: list[bytes] = []
    huey = queue(settings)
    given_out = huey.storage.dequeue

    def breaks_off():
        data = given_out()
        if data and not lost:
            lost.append(data)
            raise OSError("the connection is gone, and so is what it gave out")
        return data

    huey.storage.dequeue = breaks_off
    jobs = Jobs(huey, Timetable([Chore("well", 0.0, lambda: done.append("well"))]), 1, lambda *_: None)
    jobs.start()
    seconds = count(0, 20)

    def comes_again():
        jobs.tick(next(seconds))
        return done

    until(comes_again)
    assert lost
    assert jobs.stop()
