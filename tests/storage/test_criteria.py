"""Criteria: which calls a rule speaks of."""

import pytest

from storage.catalogue import CatalogueCall
from storage.criteria import Criteria
from tests.storage.handoffs import a_call

FOUND = CatalogueCall(a_call(to_e164="+8613812348910"), "sales", None, (), ("complaint",))


@pytest.mark.parametrize(
    "criteria",
    [
        {},
        {"teams": ("support", "sales")},
        {"agents": ("8001",)},
        {"numbers": ("13812348910",)},
        {"numbers": ("+86138*",)},
        {"numbers": ("80*", "9*")},
        {"states": ("answered",), "directions": ("outbound",)},
        {"tags": ("complaint", "vip")},
        {"shortest": 60, "longest": 60},
    ],
)
def test_met(criteria):
    assert Criteria.model_validate(criteria).met_by(FOUND)


@pytest.mark.parametrize(
    "criteria",
    [
        {"teams": ("support",)},
        {"agents": ("8002",)},
        {"numbers": ("1381234891",)},
        {"numbers": ("1381234891?",)},
        {"numbers": ("[0-9]*",)},
        {"states": ("missed",)},
        {"directions": ("inbound",)},
        {"tags": ("vip",)},
        {"shortest": 60.1},
        {"longest": 59.9},
        {"teams": ("sales",), "tags": ("vip",)},
    ],
)
def test_not_met(criteria):
    assert not Criteria.model_validate(criteria).met_by(FOUND)
