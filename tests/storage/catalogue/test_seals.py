"""The chain of seals in the catalogue."""

from dataclasses import replace

import pytest

from storage.catalogue import KeyRow, SealHead, SealRow
from storage.errors import ChainMoved
from storage.seals.statement import GENESIS
from tests.storage.handoffs import START, a_call

CHAIN = "c" * 32


def row(number: int, **changes: object) -> SealRow:
    made = SealRow(
        CHAIN, number, a_call(number).id, f"{number:064}", f"{number - 1:064}", START.replace(microsecond=0)
    )
    return replace(made, **changes)


def test_written_with_the_calls_and_read_in_order(catalogue):
    assert catalogue.seals.head(CHAIN) == SealHead(0, GENESIS)
    calls = [(a_call(number), ()) for number in (1, 2, 3)]
    catalogue.calls.add_many(calls[:2], seals=[row(1), row(2)])
    catalogue.calls.add_many(calls[2:], seals=[row(3)])
    assert catalogue.seals.head(CHAIN) == SealHead(3, f"{3:064}")
    assert catalogue.seals.page(CHAIN, after=1, limit=1) == [row(2)]
    assert catalogue.seals.of_calls([a_call(2).id, "nobody"]) == {a_call(2).id: [row(2)]}
    assert catalogue.seals.chains() == [CHAIN]


@pytest.mark.parametrize("wrong", [row(1), row(3), row(2, previous="f" * 64)])
def test_a_number_that_is_not_the_next_changes_nothing(catalogue, wrong):
    catalogue.calls.add_many([(a_call(1), ())], seals=[row(1)])
    with pytest.raises(ChainMoved):
        catalogue.calls.add_many([(a_call(7), ())], seals=[wrong])
    with pytest.raises(ChainMoved):
        catalogue.calls.revise(a_call(1, agent="x"), "main", (), seal=wrong)
    assert catalogue.calls.count() == 1
    assert catalogue.calls.get(a_call(1).id).call == a_call(1)


def test_a_seal_outlives_its_call(catalogue):
    catalogue.calls.add_many([(a_call(1), ())], seals=[row(1)])
    catalogue.calls.delete(a_call(1).id)
    assert catalogue.seals.page(CHAIN) == [row(1)]


def test_restoring_fills_what_is_missing(catalogue):
    catalogue.calls.add_many([(a_call(1), ())], seals=[row(1)])
    assert catalogue.seals.restore([row(1, hash="f" * 64), row(2), row(5)]) == 2
    assert [found.number for found in catalogue.seals.page(CHAIN)] == [1, 2, 5]
    assert catalogue.seals.head(CHAIN).number == 5


def test_keys_come_and_go_with_their_calls(catalogue):
    keys = [KeyRow(a_call(number).id, f"master{number % 2}", "{}") for number in (1, 2, 3)]
    catalogue.calls.add_many([(a_call(number), ()) for number in (1, 2, 3)], keys=keys)
    assert catalogue.keys.get(a_call(1).id) == keys[0]
    assert catalogue.keys.get("nobody") is None
    assert catalogue.keys.masters() == ["master0", "master1"]
    assert catalogue.keys.count() == 3
    wrapped = catalogue.keys.wrapped_with("master1")
    assert sorted(key.call_id for key in wrapped) == sorted([keys[0].call_id, keys[2].call_id])
    assert len(catalogue.keys.wrapped_with("master1", after=wrapped[0].call_id)) == 1
    catalogue.keys.restore([replace(keys[0], master="master0")])
    assert catalogue.keys.count("master0") == 2
    catalogue.calls.delete(a_call(1).id)
    assert catalogue.keys.get(a_call(1).id) is None
