"""What keeps calls out of the archive: told once, tried again later and later."""

from datetime import UTC, datetime, timedelta

import pytest

from earwitness.parts.outage import FIRST_PAUSE, LONGEST_PAUSE, Outage, Trouble

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DOWN = Trouble("Nobody answers.", blocks=True)


class Log:
    def __init__(self):
        self.lines = []

    def info(self, what, **fields):
        self.lines.append(("info", what, fields["waited_for"], False))

    def warning(self, what, **fields):
        self.lines.append(("warning", what, fields["reason"], "alarm" in fields))

    def error(self, what, **fields):
        self.lines.append(("error", what, fields["reason"], fields["alarm"]))


@pytest.fixture
def log():
    return Log()


@pytest.fixture
def outage(log):
    return Outage(log)


def test_the_pauses_grow_to_a_bound_and_begin_anew_when_something_was_taken(outage):
    assert outage.is_due(0.0)
    seconds, pauses = 0.0, []
    for _ in range(8):
        outage.passed(0, DOWN, NOW, seconds)
        before, seconds = seconds, next(at / 2 for at in range(10_000) if outage.is_due(at / 2))
        pauses.append(seconds - before)
    assert pauses == [FIRST_PAUSE, 2, 4, 8, 16, LONGEST_PAUSE, LONGEST_PAUSE, LONGEST_PAUSE]
    outage.passed(3, DOWN, NOW, seconds)
    assert not outage.is_due(seconds)
    assert outage.is_due(seconds + FIRST_PAUSE)
    outage.passed(0, Trouble(), NOW, seconds)
    assert outage.is_due(seconds)


def test_it_says_since_when_while_it_lasts(outage):
    assert outage.said == ""
    outage.passed(0, DOWN, NOW, 0)
    outage.passed(0, Trouble("Nobody answers yet.", blocks=True), NOW + 5 * MINUTE, 300)
    assert outage.said == "Calls wait to be archived since 2026-11-22 12:00 UTC: Nobody answers yet."
    outage.passed(9, Trouble(), NOW + 6 * MINUTE, 360)
    assert outage.said == ""
    outage.passed(0, Trouble("No right to read x."), NOW + 7 * MINUTE, 420)
    assert "since 2026-11-22 12:07 UTC" in outage.said
    assert outage.is_due(420), "one call that cannot be taken holds up no other"
    outage.passed(0, DOWN, NOW + 8 * MINUTE, 480)
    assert "since 2026-11-22 12:08 UTC: Nobody" in outage.said


def test_each_is_logged_when_it_begins_and_when_it_is_over(outage, log):
    full = Trouble("No space left.", blocks=True, alarm=True)
    waits = Trouble("It is being removed.")
    for trouble in (Trouble(), DOWN, DOWN, Trouble(), Trouble(), full, full, waits, waits, Trouble()):
        outage.passed(0, trouble, NOW, 0)
    assert log.lines == [
        ("warning", "no call is archived", "Nobody answers.", False),
        ("info", "calls are archived again", "Nobody answers.", False),
        ("error", "no call is archived", "No space left.", True),
        ("info", "calls are archived again", "No space left.", False),
        ("warning", "a call waits to be archived", "It is being removed.", False),
        ("info", "calls are archived again", "It is being removed.", False),
    ]
