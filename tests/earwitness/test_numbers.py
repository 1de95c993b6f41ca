"""Numbers from the wire to the search: one call, whichever way its number is written."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from earwitness import wiring
from earwitness.replay import replay
from earwitness.settings import NumberSettings, Settings
from indexer import language
from indexer.scope import EVERYTHING
from storage.model import Call, Direction
from tests.recorder.assembly.messages import Talk
from tests.recorder.phones import CALLED, CALLER
from tests.recorder.reports import BOB, Tapped

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def replayed(data: Path, numbers: NumberSettings, caller: str, called: str) -> tuple[Settings, Call]:
    settings = Settings(data=data, numbers=numbers)
    tapped = Tapped(talk=Talk(caller=f"<sip:{caller}@test>;tag=a", called=f"<sip:{called}@test>"))
    tapped.begin()
    tapped.speak(BOB, CALLED, CALLER, range(50))
    tapped.end(1_100)
    (call,) = replay(settings, [tapped.batch()])
    assert isinstance(call, Call)
    return settings, call


def found(settings: Settings, query: str) -> int:
    page = wiring.search_reader(settings).search(language.parse(query, now=NOW, zone=UTC), EVERYTHING)
    return len(page.ids)


@pytest.fixture(scope="module")
def outbound(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    numbers = NumberSettings(region="CN", outside_prefix="9")
    settings, call = replayed(tmp_path_factory.mktemp("data"), numbers, "8001", "9013800138000")
    assert (call.to, call.to_e164, call.from_e164) == ("9013800138000", "+8613800138000", "")
    assert (call.legs[0].to, call.legs[0].to_e164) == ("9013800138000", "+8613800138000")
    return settings


@pytest.mark.parametrize(
    "query",
    [
        "number:9013800138000",
        "number:13800138000",
        "number:013800138000",
        'number:"138 0013 8000"',
        'to:"+86 138-0013-8000"',
        "to:8613800138000",
        "number:008613800138000",
        "number:*8000",
        "number:861380*",
        "13800138000",
        "number:8001",
    ],
)
def test_a_call_is_found_however_its_number_is_written(outbound: Settings, query: str) -> None:
    assert found(outbound, query) == 1


@pytest.mark.parametrize("query", ["from:13800138000", "number:13800138001", "number:138*"])
def test_another_number_or_end_finds_nothing(outbound: Settings, query: str) -> None:
    assert found(outbound, query) == 0


def test_without_a_country_numbers_stay_as_they_came(tmp_path: Path) -> None:
    settings, call = replayed(tmp_path, NumberSettings(), "013800138000", "8001")
    assert (call.from_, call.from_e164) == ("013800138000", "")
    assert found(settings, "number:013800138000") == 1
    assert found(settings, "number:13800138000") == 0


def test_trunks_and_ranges_tell_which_way_a_call_went(tmp_path: Path) -> None:
    behind = NumberSettings(trunks=(f"{CALLED[0]}/32",))
    settings, call = replayed(tmp_path / "a", behind, "13800138000", "02166668888")
    assert (call.direction, call.agent) == (Direction.OUTBOUND, "")
    assert found(settings, "direction:outbound") == 1
    _, call = replayed(tmp_path / "b", NumberSettings(trunks=(f"{CALLER[0]}:5060",)), "8001", "8002")
    assert call.direction is Direction.INBOUND
    ours = NumberSettings(region="CN", ranges=("02188880000-02188889999",))
    _, call = replayed(tmp_path / "c", ours, "+862188881234", "13800138000")
    assert (call.direction, call.agent) == (Direction.OUTBOUND, "+862188881234")
