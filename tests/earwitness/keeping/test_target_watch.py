"""Looking at a target: what is said of it when it changes."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from structlog.testing import capture_logs

from earwitness.keeping.target_watch import TargetWatch
from storage.catalogue import Condition
from storage.copies.probe import probe
from storage.errors import DiskFull, TargetAbsent, TargetError, TargetRefused
from storage.targets import MemoryTarget

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Failing(MemoryTarget):
    """A target that raises what it is told to."""

    error: Exception | None = None

    meanwhile: Callable[[], None] = staticmethod(lambda: None)
    """What happens while it is asked."""

    def stat(self, name):
        self.meanwhile()
        if self.error:
            raise self.error
        return super().stat(name)


class Watched:
    """A target that is watched, and what is said of it."""

    def __init__(self, catalogue, **more):
        self.target, self.states = Failing(), catalogue.target_states
        self.watch = TargetWatch("nas", self.target, catalogue.target_states, lambda: 0.0, **more)

    def look(self, error=None):
        self.target.error = error
        return self.said(self.watch.look)

    def copied(self):
        self.target.error = None
        return self.said(self.watch.copied)

    @property
    def state(self):
        return self.states.get("nas").state

    def said(self, happens):
        with capture_logs() as lines:
            happens(NOW)
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
    assert watched.copied() == [("info", "", False)]
    assert watched.state is Condition.UP
    assert not watched.watch.lasting
    assert watched.look() == []


def test_a_look_that_began_before_a_copy_succeeded_does_not_outlive_it(catalogue):
    watched = Watched(catalogue)
    watched.look(DiskFull("the disk"))

    def found_full():
        watched.target.meanwhile = lambda: None
        watched.watch.copied(NOW)
        raise DiskFull("the disk")

    watched.target.meanwhile = found_full
    watched.look()
    assert watched.state is Condition.UP
    assert watched.watch.worth_trying
    assert watched.look() == []


def test_what_only_writing_shows_is_seen_by_the_next_look_too(catalogue):
    """Else it would be up and down in turn, and never away for long."""
    watched = Watched(catalogue, writes=True)
    watched.look()

    def refuses(*_):
        raise TargetError("read only")

    put, watched.target.put = watched.target.put, refuses
    watched.said(lambda now: watched.watch.troubled(probe(watched.target, writes=True), now))
    assert watched.state is Condition.DOWN
    assert watched.look() == []
    assert watched.state is Condition.DOWN
    watched.target.put = put
    watched.look()
    assert watched.state is Condition.UP


def test_a_medium_that_is_carried_about_may_be_away(catalogue):
    watched = Watched(catalogue, carried=True)
    assert watched.look(TargetAbsent("not plugged in")) == [("info", "", False)]
    assert watched.look(TargetError("it fails")) == [("warning", "it fails", False)]


def test_a_target_that_was_away_before_the_start_is_said_again(catalogue):
    Watched(catalogue).look(TargetAbsent("not mounted"))
    assert Watched(catalogue).look(TargetAbsent("not mounted")) == [("warning", "not mounted", False)]
    Watched(catalogue).look()
    assert Watched(catalogue).look() == []
