"""The sign of life of a part, also while it is at something that takes long."""

import json

import pytest

from earwitness.parts.pulse import EVERY, Hindrance, Pulse
from tests.waiting import until


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def pulse(tmp_path, clock):
    return Pulse(tmp_path, "archive", clock)


def report(folder):
    return json.loads((folder / "archive.json").read_text())


def test_a_report_is_written_when_something_is_new_and_now_and_then(pulse, tmp_path, clock):
    pulse.beat("", {"calls": 1})
    assert report(tmp_path) == {
        "part": "archive", "well": True, "detail": "", "at": 1000.0, "numbers": {"calls": 1}
    }  # fmt: skip
    clock.now += EVERY / 2
    pulse.beat("", {"calls": 2})
    assert report(tmp_path)["numbers"] == {"calls": 1}
    pulse.beat("It is full.", {"calls": 3}, "By the way.")
    said = report(tmp_path)
    assert (said["well"], said["detail"]) == (False, "It is full.\nBy the way.")
    clock.now += EVERY
    pulse.beat("It is full.", {"calls": 4}, "By the way.")
    assert report(tmp_path)["numbers"] == {"calls": 4}


def test_what_was_said_is_repeated_until_no_step_came_through_for_long(pulse, tmp_path, clock):
    pulse.repeat(600)
    assert list(tmp_path.iterdir()) == [], "it is starting"
    pulse.beat("Calls wait.", {"calls": 1})
    clock.now += 500
    pulse.repeat(600)
    assert report(tmp_path) == {
        "part": "archive", "well": False, "detail": "Calls wait.", "at": 1500.0, "numbers": {"calls": 1}
    }  # fmt: skip
    pulse.lives()
    clock.now += 599
    pulse.repeat(600)
    assert report(tmp_path)["at"] == 2099.0
    clock.now += 2
    pulse.repeat(600)
    assert report(tmp_path)["at"] == 2099.0


def test_it_is_repeated_by_itself(pulse, tmp_path, clock):
    pulse.beat("Calls wait.")
    with pulse.kept_up(600):
        clock.now += 100
        until(lambda: report(tmp_path)["at"] == 1100.0)
    assert report(tmp_path)["detail"] == "Calls wait."


def test_what_holds_the_part_up_is_said_until_that_is_over(pulse, tmp_path, clock):
    pulse.repeat(600, Hindrance("It hangs."))
    assert list(tmp_path.iterdir()) == [], "it is starting"
    pulse.beat("", {"archived": 5, "waiting": 0}, "By the way.")
    clock.now += 700
    assert pulse.silent_for == 700
    pulse.repeat(600, Hindrance("It hangs.", {"waiting": 3}))
    said = report(tmp_path)
    assert (said["well"], said["detail"], said["at"]) == (False, "It hangs.", 1700.0)
    assert said["numbers"] == {"archived": 5, "waiting": 3}
    pulse.lives()
    pulse.repeat(600)
    assert (report(tmp_path)["well"], report(tmp_path)["detail"]) == (True, "By the way.")
    pulse.repeat(600, Hindrance("It hangs."))
    pulse.beat("", {}, "By the way.")
    assert report(tmp_path)["well"], "at once, although nothing is new to the part"
