"""Looking at a target: what is said of it when it changes."""

from datetime import UTC, datetime

import pytest
from structlog.testing import capture_logs

from earwitness.keeping.target_watch import TargetWatch
from storage.errors import DiskFull, TargetAbsent, TargetError, TargetRefused
from storage.targets import MemoryTarget

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Failing(MemoryTarget):
    """A target that raises what it is told to."""

    error: Exception | None = None

    def stat(self, name):
        if self.error:
            raise self.error
        return super().stat(name)


class Watched:
    """A target that is watched, and what is said of it."""

    def __init__(self, catalogue, **more):
        self.target = Failing()
        self.watch = TargetWatch("nas", self.target, catalogue.target_states, lambda: 0.0, **more)

    def look(self, error=None):
        self.target.error = error
        with capture_logs() as lines:
            self.watch.look(NOW)
        return [(line["log_level"], line.get("reason", ""), line.get("alarm", False)) for line in lines]


@pytest.mark.parametrize("error", [TargetAbsent("not mounted"), TargetError("no answer")])
def test_a_target_that_goes_away_is_a_warning_with_its_reason(catalogue, error):
    watched = Watched(catalogue)
    assert watched.look() == [("info", "", False)]
    assert watched.look(error) == [("warning", str(error), False)]
    assert watched.look(error) == []
    assert not watched.watch.lasting
    assert watched.look() == [("info", "", False)]


@pytest.mark.parametrize("error", [TargetRefused("wrong password"), DiskFull("the disk")])
def test_what_a_person_has_to_put_right_is_an_alarm_at_once(catalogue, error):
    watched = Watched(catalogue)
    assert watched.look(TargetError("no answer")) == [("warning", "no answer", False)]
    assert watched.look(error) == [("warning", str(error), True)]
    assert watched.watch.lasting
    watched.watch.copied()
    assert watched.look() == [("info", "", False)]
    assert not watched.watch.lasting


def test_a_medium_that_is_carried_about_may_be_away(catalogue):
    watched = Watched(catalogue, carried=True)
    assert watched.look(TargetAbsent("not plugged in")) == [("info", "", False)]
    assert watched.look(TargetError("it fails")) == [("warning", "it fails", False)]


def test_a_target_that_was_away_before_the_start_is_said_again(catalogue):
    Watched(catalogue).look(TargetAbsent("not mounted"))
    assert Watched(catalogue).look(TargetAbsent("not mounted")) == [("warning", "not mounted", False)]
    Watched(catalogue).look()
    assert Watched(catalogue).look() == []
