"""Which copies may be read, and in which order."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from storage.archive_names import peaks_name
from storage.catalogue import Condition
from storage.catalogue.call_rows import Copy
from storage.catalogue.target_states import TargetState
from storage.copies.choice import Nearness, choose, passed_over
from storage.copies.holdings import up_to_date
from storage.targets import MemoryTarget
from storage.targets.timely import DOES_NOT_ANSWER
from tests.storage.copies.centre import HOME, NOW, Centre, damaged, replaced

TARGETS = ("archive", "disk", "local", "s3", "zfs")


def a_copy(target: str, condition: str = "good") -> Copy:
    return Copy(target, "a.opus", 1, "", NOW, NOW, condition)


def order(near: Nearness, *targets: str, **conditions: str) -> list[str]:
    copies = [a_copy(name, conditions.get(name, "good")) for name in targets or TARGETS]
    return [copy.target for copy in choose(copies, TARGETS, near)]


def states(detail: str = "", seen: datetime = NOW, **of: Condition) -> dict[str, TargetState]:
    return {name: TargetState(name, state, detail, NOW, seen) for name, state in of.items()}


def test_home_is_first_whatever_the_others_are_called():
    assert order(Nearness("local")) == ["local", "archive", "disk", "s3", "zfs"]
    assert order(Nearness("zfs"))[0] == "zfs"


def test_what_is_at_hand_comes_before_servers():
    near = Nearness("local", frozenset({"local", "disk", "zfs"}))
    assert order(near) == ["local", "disk", "zfs", "archive", "s3"]


@pytest.mark.parametrize("trouble", [Condition.DOWN, Condition.ABSENT])
def test_a_server_in_trouble_is_last_even_where_it_is_home(trouble):
    at_hand = {"local", "disk"}
    up = dict.fromkeys(("disk", "local", "s3", "zfs"), Condition.UP)
    near = Nearness.of("archive", at_hand, states(archive=trouble, **up), NOW)
    assert order(near) == ["disk", "local", "s3", "zfs", "archive"]


def test_so_is_a_folder_in_trouble_and_after_it_what_does_not_answer():
    found = states(disk=Condition.ABSENT) | states(DOES_NOT_ANSWER, local=Condition.DOWN)
    near = Nearness.of("local", {"local", "disk"}, found, NOW)
    assert order(near) == ["archive", "s3", "zfs", "disk", "local"]


@pytest.mark.parametrize("away", [1, -1])
def test_what_nobody_saw_lately_comes_before_what_is_in_trouble_and_after_all_others(away):
    """The look that would say that it hangs has not come to its end."""
    up = Condition.UP
    then = NOW + away * timedelta(minutes=3)
    found = states(seen=then, local=up) | states(disk=up, zfs=up, s3=Condition.DOWN)
    near = Nearness.of("local", {"local", "disk"}, found, NOW)
    assert order(near) == ["disk", "zfs", "local", "archive", "s3"]
    assert order(Nearness.of("local", {"local", "disk"}, found, then))[0] == "local"


def test_where_nobody_looks_home_is_first_all_the_same():
    long_ago = states(seen=NOW - timedelta(days=1), **dict.fromkeys(TARGETS, Condition.UP))
    assert order(Nearness.of("local", {"local", "disk"}, long_ago, NOW))[:2] == ["local", "disk"]


def test_nothing_is_known_to_be_in_trouble_of_which_nobody_knows():
    assert Nearness.of("local", (), states(s3=Condition.UNKNOWN), NOW) == Nearness("local")


def test_bad_copies_and_those_on_other_targets_are_not_read():
    near = Nearness("local")
    assert order(near, "local", "disk", "tape", local="damaged") == ["disk"]
    copies = [a_copy("local", "damaged"), a_copy("disk", "missing"), a_copy("tape"), a_copy("s3")]
    assert passed_over(copies, TARGETS) == {
        "local": "it was found damaged when it was last read back.",
        "disk": "it was found missing when it was last read back.",
        "tape": "the settings name no such target.",
    }


def test_a_waveform_of_an_earlier_recording_is_out_of_date(embedded):
    centre = Centre(embedded, {"nas": MemoryTarget()})
    (call_id,) = centre.archive(1)
    centre.copy_all("nas")
    replaced(centre, call_id, b"another" * 100)
    found = embedded.calls.get(call_id)
    assert found is not None
    name = peaks_name(found.call)
    assert [copy.target for copy in up_to_date(found, name, HOME)] == [HOME]
    centre.later(hours=1)
    centre.copy_all("nas")
    found = embedded.calls.get(call_id)
    assert [copy.target for copy in up_to_date(found, name, HOME)] == [HOME, "nas"]


def test_where_no_target_is_up_to_date_the_latest_copy_counts(embedded):
    centre = Centre(embedded, {"nas": MemoryTarget()})
    (call_id,) = centre.archive(1)
    found = embedded.calls.get(call_id)
    peaks = next(copy for copy in found.copies if copy.name == peaks_name(found.call))
    older = replace(peaks, target="nas", sha256="0" * 64, at=peaks.at - timedelta(days=1))
    nothing_else = replace(found, copies=(older, peaks))
    assert up_to_date(nothing_else, peaks.name, HOME) == (peaks,)
    assert up_to_date(nothing_else, "no such name", HOME) == ()


def test_a_damaged_copy_at_home_still_tells_what_is_up_to_date(embedded):
    centre = Centre(embedded, {"nas": MemoryTarget()})
    (call_id,) = centre.archive(1)
    centre.copy_all("nas")
    bad = damaged(centre, HOME, call_id)
    found = embedded.calls.get(call_id)
    others = [copy for copy in found.copies if (copy.target, copy.name) != (HOME, bad.name)]
    marked = replace(found, copies=(bad, *others))
    copies = up_to_date(marked, bad.name, HOME)
    assert [copy.target for copy in choose(copies, centre.targets, Nearness(HOME))] == ["nas"]
