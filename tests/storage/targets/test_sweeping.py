"""Removing what killed writes left behind, through all wrappers."""

from datetime import UTC, datetime, timedelta

from earwitness.late import LateTarget
from storage.targets import LocalTarget, MemoryTarget
from storage.targets.retrying import RetryingTarget
from storage.targets.sweeping import sweep
from storage.targets.throttled import Limiter, ThrottledTarget
from tests.storage.targets.contract import DATA

TOMORROW = datetime.now(UTC) + timedelta(days=1)


def test_a_target_is_swept_through_its_wrappers(tmp_path):
    local = LocalTarget(tmp_path)
    local.put("2026/a", DATA)
    left = tmp_path / "2026/.part-0123456789abcdef.tmp"
    left.write_bytes(DATA)
    target = RetryingTarget(ThrottledTarget(LateTarget(lambda: local), Limiter(10**9), Limiter(10**9)))
    assert sweep(target, TOMORROW - timedelta(days=2)) == 0
    assert sweep(target, TOMORROW) == 1
    assert not left.exists()
    assert [blob.name for blob in target.list()] == ["2026/a"]


def test_where_nothing_can_be_left_there_is_nothing_to_sweep():
    assert sweep(MemoryTarget(), TOMORROW) == 0
    assert sweep(RetryingTarget(MemoryTarget()), TOMORROW) == 0
