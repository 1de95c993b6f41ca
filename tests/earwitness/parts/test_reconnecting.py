"""What a part does while the catalogue cannot be reached: ask it again, later and later."""

import pytest
from structlog.testing import capture_logs

from earwitness.parts.jobs import log
from earwitness.parts.reconnecting import FIRST_PAUSE, LONGEST_PAUSE, Reconnecting
from storage.errors import CatalogueUnreachable

DOWN = CatalogueUnreachable("Nobody answers.")


class Database:
    is_up = True
    asked = 0

    def ask(self):
        self.asked += 1
        if not self.is_up:
            raise DOWN


@pytest.fixture
def database():
    return Database()


@pytest.fixture
def reconnecting(database):
    return Reconnecting(database.ask, log)


def test_it_is_not_asked_while_nobody_missed_it(reconnecting, database):
    assert reconnecting.is_there(0.0)
    assert reconnecting.said == ""
    assert database.asked == 0


def test_it_is_asked_after_pauses_that_grow_to_a_bound(reconnecting, database):
    database.is_up = False
    reconnecting.lost(DOWN)
    asked = []
    for tenths in range(2000):
        before = database.asked
        assert not reconnecting.is_there(tenths / 10)
        if database.asked > before:
            asked.append(tenths / 10)
    pauses = [after - before for before, after in zip([0.0, *asked], asked, strict=False)]
    assert pauses[:7] == pytest.approx([FIRST_PAUSE, 2, 4, 8, 16, LONGEST_PAUSE, LONGEST_PAUSE])


def test_it_says_so_until_it_is_there_again_and_begins_anew(reconnecting, database):
    database.is_up = False
    with capture_logs() as lines:
        for _ in range(3):
            reconnecting.lost(DOWN)
        assert not reconnecting.is_there(0.0)
        assert reconnecting.said == "Nobody answers. It is asked again and again."
        database.is_up = True
        assert not reconnecting.is_there(FIRST_PAUSE / 2)
        assert reconnecting.is_there(FIRST_PAUSE)
        assert reconnecting.said == ""
    events = [(line["event"], line["log_level"], "alarm" in line) for line in lines]
    assert events == [
        ("the catalogue cannot be reached", "warning", False),
        ("the catalogue can be reached again", "info", False),
    ]
    reconnecting.lost(DOWN)
    assert not reconnecting.is_there(100.0)
    assert reconnecting.is_there(100.0 + FIRST_PAUSE)
