"""Placement: who gets which call and from when on; and what a target holds."""

from dataclasses import replace
from datetime import timedelta

import pytest

from earwitness.keeping.alarms import AWAY
from storage.archive_names import audio_name, peaks_name, sidecar_name, stem
from storage.catalogue import CatalogueCall, Copy
from storage.copies.holdings import holds, in_force, left_over, shall_hold
from storage.copies.placement import LONG, LONG_CARRIED, Placement, Rule
from storage.criteria import Criteria
from tests.storage.handoffs import START, a_call

DAY = timedelta(days=1)
NOW = START + DAY


def found(number=0, copies=(), tags=(), **changes):
    return CatalogueCall(a_call(number, **changes), None, None, tuple(copies), tags)


def archived(target="local", at=NOW, sha="aa", **changes):
    """A call with a recording, and its blobs on ``target``."""
    call = a_call(audio=b"sound", **changes)
    path = audio_name(call, "opus")
    call = call.model_copy(update={"recording": call.recording.model_copy(update={"path": path})})
    names = (sidecar_name(call), path, peaks_name(call))
    return CatalogueCall(call, None, None, tuple(Copy(target, name, 5, sha, at) for name in names))


def on(target, item, at=NOW):
    return tuple(replace(copy, target=target, at=at) for copy in item.copies)


def test_a_target_that_no_rule_names_gets_every_call():
    placement = Placement(("nas", "usb"), (Rule(("usb",), Criteria(tags=("complaint",))),))
    assert placement.due(found(), "nas", NOW) == found().call.end
    assert placement.due(found(), "usb", NOW) is None
    assert placement.due(found(tags=("complaint",)), "usb", NOW) == found().call.end
    assert placement.due(found(), "gone", NOW) is None


def test_the_first_copies_of_a_rule():
    placement = Placement(("a", "b", "c"), (Rule(("a", "b", "c"), copies=2),))
    assert [placement.due(found(), name, NOW) is not None for name in "abc"] == [True, True, False]


@pytest.mark.parametrize(
    ("away", "held", "takers"),
    [
        ("", "", "ab"),
        ("a", "", "abc"),
        ("ab", "", "abcd"),
        ("ac", "", "abd"),
        ("abcd", "", "ab"),
        ("a", "a", "ab"),
        ("a", "c", "ab"),
        ("a", "d", "ab"),
        ("ab", "d", "abc"),
        ("c", "", "ab"),
    ],
)
def test_others_stand_in_for_those_that_are_away_until_there_are_enough_copies(away, held, takers):
    assert "".join(Rule(tuple("abcd"), copies=2).takers(held, away)) == takers


def test_without_a_number_of_copies_nobody_stands_in():
    rule = Rule(("a", "b"))
    assert (rule.takers("", "a"), rule.spare) == (("a", "b"), ())
    placement = Placement(("a", "b", "c"), (rule, Rule(("b", "c"), copies=1)))
    assert placement.replaceable == {"b"}


def test_what_stood_in_once_gets_what_changes_of_its_calls():
    placement = Placement(("a", "b"), (Rule(("a", "b"), copies=1),))
    item = archived("b")
    assert placement.due(found(), "b", NOW) is None
    assert placement.due(item, "b", NOW) is not None


def test_people_carry_some_targets_about():
    placement = Placement(("a", "b"), carried=frozenset({"b"}))
    assert placement.patience("a") == LONG
    assert placement.patience("b") == LONG_CARRIED == AWAY


def test_age_counts_from_the_end_and_the_first_rule_to_be_met_wins():
    rules = (Rule(("a",), older_than=30 * DAY), Rule(("a",), Criteria(agents=("8001",)), older_than=7 * DAY))
    placement = Placement(("a",), rules)
    assert placement.due(found(), "a", NOW) == found().call.end + 7 * DAY
    assert placement.due(found(agent="8002"), "a", NOW) == found().call.end + 30 * DAY


def test_a_call_of_a_clock_that_is_ahead_is_due_when_it_is_archived():
    ahead = found(end=NOW + 400 * DAY)
    plain = Placement(("a", "b"), (Rule(("b",), older_than=7 * DAY),))
    assert plain.due(ahead, "a", NOW) == NOW
    held = replace(archived(at=NOW), call=ahead.call)
    assert plain.due(held, "b", NOW) == NOW + 7 * DAY
    assert plain.due(found(end=NOW - DAY), "a", NOW) == NOW - DAY
    at_once = Placement(("a",), (Rule(("a",), Criteria(agents=("8001",))),))
    assert at_once.due(ahead, "a", NOW) == NOW


def test_the_fingerprint_changes_with_what_the_target_may_hold():
    rules = (Rule(("a", "b"), copies=1),)
    plain, ruled = Placement(("a", "b")), Placement(("a", "b"), rules)
    prints = {plain.fingerprint("a"), ruled.fingerprint("a"), ruled.fingerprint("b")}
    prints.add(Placement(("a", "b"), rules, frozenset({"a"})).fingerprint("a"))
    assert len(prints) == 4
    assert plain.fingerprint("a") == Placement(("a", "z"), (Rule(("z",)),)).fingerprint("a")


def test_the_set_in_force_has_the_sidecar_last():
    item = archived()
    assert [copy.name for copy in in_force(item, "local")][-1] == sidecar_name(item.call)
    assert len(in_force(item, "local")) == 3
    assert in_force(replace(item, copies=()), "local") == ()


def test_a_copy_elsewhere_will_do_when_home_holds_the_call_no_more():
    item = archived()
    away = replace(item, copies=on("nas", item) + on("usb", item, NOW - DAY))
    assert {copy.target for copy in in_force(away, "local")} == {"nas"}


def test_what_another_recording_replaced_is_not_in_force():
    item = archived()
    new = item.call.recording.model_copy(update={"path": f"{stem(item.call)}-12345678.opus"})
    revised = item.call.model_copy(update={"recording": new})
    home = [replace(copy, name=new.path) if copy.name.endswith(".opus") else copy for copy in item.copies]
    known = CatalogueCall(revised, None, None, (*home, *on("nas", item, NOW + DAY)))
    blobs = in_force(known, "local")
    assert {copy.target for copy in blobs} == {"local"}
    assert not holds(known, "nas", blobs)
    assert [copy.name for copy in left_over(known, "nas", blobs)] == [item.call.recording.path]
    assert {copy.target for copy in in_force(known, "elsewhere")} == {"local"}


def test_keys_go_along_except_where_they_could_not_be_removed():
    item = archived()
    key = Copy("local", f"{stem(item.call)}.key", 9, "kk", NOW)
    item = replace(item, copies=(*item.copies, key))
    assert key in shall_hold(item, "local", keyless=False)
    assert key not in shall_hold(item, "local", keyless=True)
    blobs = shall_hold(item, "local", keyless=False)
    rewrapped = [replace(copy, sha256="other") if copy.name.endswith(".key") else copy for copy in blobs]
    there = replace(item, copies=(*item.copies, *(replace(copy, target="nas") for copy in rewrapped)))
    assert holds(there, "nas", blobs)


def test_a_copy_that_is_not_good_is_none():
    item = archived()
    bad = tuple(replace(copy, condition="damaged") for copy in on("nas", item))
    known = replace(item, copies=item.copies + bad)
    assert holds(known, "local", in_force(known, "local"))
    assert not holds(known, "nas", in_force(known, "local"))
