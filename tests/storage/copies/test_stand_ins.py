"""Who stands in for a target that is long away, and for how long."""

from datetime import timedelta

import pytest

from storage.catalogue import Condition
from storage.copies.backlog import Backlog
from storage.copies.placement import LONG, LONG_CARRIED, Placement, Rule
from storage.copies.stand_ins import StandIns
from storage.criteria import Criteria
from storage.targets import MemoryTarget
from tests.storage.copies.centre import HOME, Centre

TO = ("nas", "usb", "late")
SECOND = timedelta(seconds=1)


@pytest.fixture
def centre(catalogue):
    rules = (Rule(TO, Criteria(agents=("8001",)), copies=1),)
    placement = Placement(TO, rules, carried=frozenset({"usb"}))
    return Centre(catalogue, {name: MemoryTarget() for name in TO}, placement=placement)


def goes(centre, name, condition=Condition.DOWN):
    centre.catalogue.target_states.looked(name, condition, centre.now, "no answer")


def stand_ins(centre):
    return StandIns(centre.catalogue, centre.placement, HOME)


def waiting(centre):
    return {name: found.calls for name, found in centre.catalogue.copy_tasks.waiting(centre.now).items()}


def test_only_a_target_that_is_away_for_long_is_stood_in_for(centre):
    centre.archive(*range(3))
    centre.fill()
    goes(centre, "nas")
    centre.now += LONG
    assert (stand_ins(centre).away(centre.now), waiting(centre)) == (frozenset(), {"nas": 3})
    centre.now += SECOND
    assert stand_ins(centre).away(centre.now) == {"nas"}
    for _ in range(2):
        assert stand_ins(centre).fill(centre.now) == {"usb": 3, "late": 0}
        assert waiting(centre) == {"nas": 3, "usb": 3}
    assert len(centre.copy("usb").copied) == 3
    assert stand_ins(centre).fill(centre.now) == {"usb": 0, "late": 0}


def test_one_that_people_carry_about_may_be_away_for_a_week(centre):
    goes(centre, "usb", Condition.ABSENT)
    goes(centre, "nas")
    centre.now += LONG_CARRIED
    assert stand_ins(centre).away(centre.now) == {"nas"}
    centre.now += SECOND
    assert stand_ins(centre).away(centre.now) == {"nas", "usb"}
    centre.archive(1)
    centre.fill()
    assert waiting(centre) == {"nas": 1, "late": 1}


def test_what_nobody_needs_of_them_any_more_goes_but_for_what_people_asked_for(centre):
    ids = centre.archive(*range(3))
    goes(centre, "nas")
    centre.now += LONG + SECOND
    centre.fill()
    Backlog(centre.catalogue, centre.placement, HOME).ask("usb", ids[:1], centre.now)
    assert waiting(centre) == {"nas": 3, "usb": 3}
    centre.catalogue.target_states.looked("nas", Condition.UP, centre.now)
    stand_ins(centre).fill(centre.now)
    assert waiting(centre) == {"nas": 3, "usb": 1}
    assert centre.copy("usb").copied == ids[:1]


def test_stopping_ends_it_early(centre):
    centre.archive(1)
    centre.fill()
    goes(centre, "nas")
    centre.now += LONG + SECOND
    stand_ins(centre).fill(centre.now, lambda: True)
    assert waiting(centre) == {"nas": 1}
