"""Looking at a target: what is said of it when it changes."""

import threading
from collections.abc import Callable
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from structlog.testing import capture_logs

from earwitness.keeping.target_watch import LONGEST_LOOK, TargetWatch
from storage.catalogue import Condition
from storage.copies.probe import probe
from storage.errors import DiskFull, TargetAbsent, TargetError, TargetRefused
from storage.targets import MemoryTarget
from storage.targets.timely import DOES_NOT_ANSWER
from tests.waiting import PATIENCE

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
        self.seconds = 0.0
        self.watch = TargetWatch("nas", self.target, catalogue.target_states, lambda: self.seconds, **more)

    @contextmanager
    def looking(self, error=None):
        """A look that does not come to an end before this does, with this error."""
        begun, let_go = threading.Event(), threading.Event()

        def hangs():
            begun.set()
            let_go.wait(PATIENCE)

        self.target.meanwhile, self.target.error = hangs, error
        looking = threading.Thread(target=self.watch.look, args=(NOW,))
        looking.start()
        assert begun.wait(PATIENCE)
        self.target.meanwhile = lambda: None
        try:
            yield
        finally:
            let_go.set()
            looking.join()

    def overdue(self):
        return self.said(self.watch.overdue)

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


def test_a_look_that_does_not_come_to_an_end_says_that_the_target_is_down(catalogue):
    watched = Watched(catalogue)
    watched.look()
    with watched.looking():
        watched.seconds += LONGEST_LOOK
        assert watched.overdue() == []
        assert watched.watch.worth_trying
        watched.seconds += 1
        assert watched.overdue() == [("warning", DOES_NOT_ANSWER, False)]
        assert (watched.state, watched.watch.worth_trying) == (Condition.DOWN, False)
        assert watched.states.get("nas").detail == DOES_NOT_ANSWER
        assert watched.overdue() == [], "it is said once"
    assert (watched.state, watched.watch.worth_trying) == (Condition.UP, True)
    watched.seconds += LONGEST_LOOK + 1
    assert watched.overdue() == []


def test_what_a_look_says_that_came_late_is_what_counts(catalogue):
    watched = Watched(catalogue)
    with watched.looking(TargetRefused("read only")):
        watched.seconds += LONGEST_LOOK + 1
        watched.overdue()
        assert not watched.watch.lasting
    assert (watched.states.get("nas").detail, watched.watch.lasting) == ("read only", True)


def test_a_target_to_which_copies_go_answers_however_long_a_look_takes(catalogue):
    """A line that is full keeps looks waiting."""
    watched = Watched(catalogue)
    watched.look()
    with watched.looking():
        watched.copied()
        watched.seconds += LONGEST_LOOK + 1
        assert watched.overdue() == []
        assert watched.state is Condition.UP


def test_that_it_hangs_is_said_again_while_the_catalogue_did_not_take_it(catalogue):
    watched = Watched(catalogue)
    with watched.looking():
        watched.seconds += LONGEST_LOOK + 1
        write, watched.watch._states = watched.watch._states, None
        with pytest.raises(AttributeError):
            watched.watch.overdue(NOW)
        watched.watch._states = write
        assert watched.overdue() == [("warning", DOES_NOT_ANSWER, False)]
