"""Rows and shards: what goes in comes out, and what is no shard is said."""

import json

import pytest

from indexer.document import Team, document
from storage.errors import DamagedShard
from storage.media.row import COLUMNS, Row, row_from
from storage.media.shard import read_shard, write_shard
from storage.model import Event
from tests.storage.handoffs import START, a_call


def a_row(number: int = 0) -> Row:
    return Row.of(a_call(number), agent_name="Li Wei", team="客服", tags=("投诉", "vip"))


def test_a_shard_reads_back_newest_first():
    rows = [a_row(1), a_row(3), a_row(2)]
    data = write_shard("2026-11-21", rows)
    assert read_shard("2026-11-21", data) == [a_row(3), a_row(2), a_row(1)]
    assert write_shard("2026-11-21", reversed(rows)) == data


def test_a_shard_of_nothing():
    assert read_shard("2026-11-21", write_shard("2026-11-21", [])) == []


def test_columns_of_other_versions_do_no_harm():
    values = dict(zip(COLUMNS, json.loads(json.dumps(a_row().values())), strict=True))
    values.pop("tags")
    values["later"] = {"what": 1}
    assert row_from(list(values), list(values.values())) == Row.of(a_call(), agent_name="Li Wei", team="客服")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"alert(1)",
        b'earwitness.day("2026-11-21");\n',
        b'earwitness.day("2026-11-21",{"columns":["id"],"rows":[["a"]]});\n',
        b'earwitness.day("2026-11-21",{"columns":["id"],"rows":[["a","b"]]});\n',
        b'earwitness.day("2026-11-21",7);\n',
        b'earwitness.day("2026-11-21","AAAA");\n',
        b'earwitness.day("2026-11-22",{"columns":[],"rows":[]});\n',
    ],
)
def test_what_is_no_shard_is_said(data: bytes):
    with pytest.raises(DamagedShard, match="cannot be read"):
        read_shard("2026-11-21", data)


def test_a_row_is_found_by_what_its_call_is_found_by():
    call = a_call(events=(Event(at=START, kind="hold"), Event(at=START, kind="hold")), dtmf="12#")
    row = Row.of(call, agent_name="Li Wei", team="客服", tags=("投诉",))
    named = {"agent_name": "Li Wei", "team": Team("", "客服"), "tags": ("投诉",)}
    assert document(row.call(), **named) == document(call, **named)
